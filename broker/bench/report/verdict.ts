import { cellOf, medianOf } from "../measurement.js";
import type { Budget, Row } from "../rows.js";
import type { Report } from "./report.js";

/** How one of our columns did against one budget. */
export interface Verdict {
  readonly row: Report["rows"][number];
  readonly contender: Report["contenders"][number];
  readonly budget: Budget;
  /** In the budget's measure; undefined if the row, or mosquitto's row, has no value. */
  readonly reached: number | undefined;
  readonly must: "kept" | "missed" | "not measured";
  readonly aim: "reached" | "not reached" | undefined;
}

/** One verdict for each budget and each of our columns that it is for, where the row was measured at all. */
export function verdictsOf(report: Report): Verdict[] {
  const verdicts: Verdict[] = [];
  for (const row of report.rows) {
    for (const contender of report.contenders) {
      if (contender.role !== "ours" || cellOf(report.measurements, row.name, contender.name) === undefined) continue;
      for (const budget of row.budgets) {
        if (contender.budgets.includes(budget.of)) verdicts.push(verdictOf(report, row, contender, budget));
      }
    }
  }
  return verdicts;
}

/** A broker's median relative to mosquitto's, as it is: 2 means twice the value, which is worse where lower is better. */
export function ratioOf(report: Report, row: string, contender: string): number | undefined {
  const reference = report.contenders.find(({ role }) => role === "reference");
  const own = medianOf(cellOf(report.measurements, row, contender));
  const other = reference === undefined ? undefined : medianOf(cellOf(report.measurements, row, reference.name));
  return own === undefined || other === undefined ? undefined : own / other;
}

function verdictOf(report: Report, row: Report["rows"][number], contender: Report["contenders"][number], budget: Budget): Verdict {
  const reached =
    budget.measure === "ratio"
      ? ratioOf(report, row.name, contender.name)
      : medianOf(cellOf(report.measurements, row.name, contender.name));
  if (reached === undefined) return { row, contender, budget, reached, must: "not measured", aim: undefined };
  const aim = budget.aim === undefined ? undefined : meets(row, reached, budget.aim) ? "reached" : "not reached";
  return { row, contender, budget, reached, must: meets(row, reached, budget.must) ? "kept" : "missed", aim };
}

function meets({ better }: Pick<Row, "better">, reached: number, bound: number): boolean {
  return better === "higher" ? reached >= bound : reached <= bound;
}
