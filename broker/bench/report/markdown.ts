import { type Cell, cellOf, DISTURBED, isDisturbed } from "../measurement.js";
import { bound, percent, quantity, times } from "./quantities.js";
import type { Report } from "./report.js";
import { ratioOf, type Verdict, verdictsOf } from "./verdict.js";

/** From here on a core counts as full; ticks of 10 ms leave a few per cent unseen. */
const FULL_CORE = 0.95;

/** Values and ratios, budgets and what became of them, and who was busy. The README quotes the first table. */
export function markdownOf(report: Report): string {
  const sections = [
    `# Benchmark of ${report.date.slice(0, 10)}`,
    `${report.machine}. \`${report.command}\``,
    [...report.conditions, ...disturbance(report)].map((condition) => `- ${condition}`).join("\n"),
    "## Results",
    "Medians; in brackets the ratio to mosquitto in the same run.",
    resultsTable(report),
    "## Budgets",
    budgetTable(verdictsOf(report)),
    "## Who was busy",
    "Share of its core that broker / generator took in the measured window, whose core was full, and half the spread of the rounds. In the latency row the generator spins on purpose.",
    busyTable(report),
  ];
  return `${sections.join("\n\n")}\n`;
}

function resultsTable(report: Report): string {
  const body = report.rows.map((row) => [
    row.title,
    ...report.contenders.map((contender) => {
      const cell = cellOf(report.measurements, row.name, contender.name);
      if (cell === undefined) return "–";
      if ("failure" in cell) return cell.failure;
      const value = quantity(cell.median, row.unit);
      const ratio = contender.role === "reference" ? undefined : ratioOf(report, row.name, contender.name);
      return ratio === undefined ? value : `${value} (${times(ratio)})`;
    }),
  ]);
  return table(["", ...report.contenders.map(({ title }) => title)], body);
}

function budgetTable(verdicts: readonly Verdict[]): string {
  if (verdicts.length === 0) return "None of the rows measured has one.";
  const body = verdicts.map(({ row, contender, budget, reached, must, aim }) => [
    row.title,
    contender.title,
    bound(budget.must, row, budget),
    budget.aim === undefined ? "–" : bound(budget.aim, row, budget),
    reached === undefined ? "–" : budget.measure === "ratio" ? times(reached) : quantity(reached, row.unit),
    must === "missed" ? "**missed**" : must + (aim === undefined ? "" : `, aim ${aim}`),
  ]);
  return table(["", "", "must", "aim", "measured", ""], body);
}

function busyTable(report: Report): string {
  const body = report.rows.map((row) => [
    row.title,
    ...report.contenders.map((contender) => busy(cellOf(report.measurements, row.name, contender.name))),
  ]);
  return table(["", ...report.contenders.map(({ title }) => title)], body);
}

function busy(cell: Cell | undefined): string {
  if (cell === undefined || "failure" in cell) return "–";
  const { broker, generator, cores } = cell.processor;
  const full = ["broker", "generator"].filter((_, index) => (cores[index] ?? 0) >= FULL_CORE);
  const spread = cell.rounds > 1 ? [`± ${percent((cell.max - cell.min) / 2 / cell.median)}`] : [];
  return [`${percent(broker)} / ${percent(generator)}`, ...(full.length > 0 ? [full.join(" and ")] : []), ...spread].join(", ");
}

function disturbance({ measurements }: Report): string[] {
  const count = measurements.filter(({ outcome }) => isDisturbed(outcome)).length;
  if (count === 0) return [];
  const taken = `other programs took more than ${percent(DISTURBED)} of a core`;
  return [`**Disturbed**: in ${count} of ${measurements.length} measurements ${taken}; they count only where no round was quiet.`];
}

function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((text) => text.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  return [line(head), `|${head.map((_, index) => (index === 0 ? "---" : "---:")).join("|")}|`, ...body.map(line)].join("\n");
}
