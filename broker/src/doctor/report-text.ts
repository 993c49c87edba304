import { styleText } from "node:util";
import { type Check, isWrong } from "./check.js";
import type { DoctorReport } from "./run-doctor.js";

type Style = Parameters<typeof styleText>[0];

const NONE = "-";

export interface TextOptions {
  readonly colour: boolean;
}

/** A report for people: a table, and below it what is wrong, each with the change that mends it. */
export function reportText({ checks, plan, wrong, ok }: DoctorReport, { colour }: TextOptions): string {
  const painted = (style: Style, text: string) => (colour ? styleText(style, text, { validateStream: false }) : text);
  const rows = checks.map(({ name, wanted = NONE, effective = NONE, verdict, need }) => [name, wanted, effective, verdict, need]);
  const headings = ["check", "wanted", "effective", "verdict", "need"];
  const widths = headings.map((heading, column) => Math.max(heading.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd();
  const table = [painted("bold", line(headings)), ...checks.map((check, index) => painted(styleOf(check), line(rows[index]!)))];
  const findings = checks.filter(isWrong).map((check) => painted(styleOf(check), finding(check)));
  const about = plan ? [`plan of ${plan.pool}: profile ${plan.profile} on ${plan.platform}`, ""] : [];
  const verdict = `${wrong.required} required and ${wrong.advised} advised checks are wrong: ${ok ? "a broker may serve here" : "a broker should not serve here"}`;
  return [...about, ...table, "", ...findings, ...(findings.length > 0 ? [""] : []), verdict, ""].join("\n");
}

/** `required: net.core.somaxconn: it is 4096 …: add it to …`. */
export function finding({ need, name, detail, remedy }: Check): string {
  return [`${need}: ${name}`, detail, remedy].filter((part) => part !== undefined).join(": ");
}

function styleOf(check: Check): Style {
  if (check.verdict === "unseen") return "dim";
  if (!isWrong(check)) return "green";
  return check.need === "required" ? "red" : "yellow";
}
