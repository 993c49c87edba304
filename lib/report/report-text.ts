import { poolFacts } from "./pool-facts";
import { type ReportRow, reportRows, summary } from "./report-rows";
import type { ReportedPool, StackReport } from "./stack-report";
import { hanging, wrap } from "./text-layout";
import { type Paint, paintAnsi, paintNothing } from "./text-paint";
import { textTable } from "./text-table";

/** How the report is laid out for a terminal. */
export interface ReportTextOptions {
  /**
   * Columns of the terminal; fewer than 60 count as 60.
   *
   * @default 120
   */
  readonly width?: number;

  /**
   * Whether to add terminal colours. They only repeat what signs and words say.
   *
   * @default false
   */
  readonly colour?: boolean;
}

const LEAST_WIDTH = 60;

const LEGEND =
  "✓ set, ○ by the image, ~ adjusted, ✗ missing; * required; ≥ at least, never lowered; = assigned; allow: on the kubelet's allow-list, as an (allowed) pod value needs; (safe) needs none";

/** The report for a terminal, without a newline at its end. No line is wider than `width`. */
export function reportText(report: StackReport, { width = 120, colour = false }: ReportTextOptions = {}): string {
  const paint = colour ? paintAnsi : paintNothing;
  const room = Math.max(LEAST_WIDTH, width);
  return [
    ...wrap(`Node tuning of stack '${report.stack}'`, room).map((line) => paint("heading", line)),
    ...report.pools.flatMap((pool) => ["", ...poolText(pool, room, paint)]),
    "",
    ...wrap(LEGEND, room).map((line) => paint("dim", line)),
  ].join("\n");
}

function poolText(pool: ReportedPool, width: number, paint: Paint): string[] {
  const rows = reportRows(pool.tuning, pool.releases);
  return [
    ...wrap(pool.path, width).map((line) => paint("heading", line)),
    ...poolFacts(pool).flatMap(({ term, values }) => hanging(`  ${term.padEnd(12)}`, values.join(", "), width)),
    "",
    ...textTable(rows, width, paint),
    "",
    ...wrap(summary(rows), width).map((line) => paint("heading", line)),
    ...section(`Warnings (${pool.tuning.warnings.length})`, warnings(pool, width, paint)),
    ...section("Folklore corrected", corrections(rows, width)),
  ];
}

function warnings({ tuning }: ReportedPool, width: number, paint: Paint): string[] {
  return tuning.warnings.flatMap((warning) => hanging("  ! ", warning, width).map((line) => paint("warning", line)));
}

function corrections(rows: readonly ReportRow[], width: number): string[] {
  return rows.flatMap(({ key, wanted, original }) => {
    if (!original) return [];
    return [...hanging("  ", `${key}: circulating ${original.value}, here ${wanted}`, width), ...hanging("    ", original.reason, width)];
  });
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length > 0 ? ["", title, ...lines] : [];
}
