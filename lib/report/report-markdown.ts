import { type PoolFact, poolFacts } from "./pool-facts";
import { COLUMNS, LEGEND, type ReportRow, reportRows, STATUSES, summary } from "./report-rows";
import type { ReportedPool, StackReport } from "./stack-report";

/** The report as GitHub-flavoured Markdown, for a pull request or a wiki. */
export function reportMarkdown(report: StackReport): string {
  const blocks = [
    `# Node tuning of stack ${prose(report.stack)}`,
    ...report.pools.flatMap(poolMarkdown),
    "## How to read the tables",
    LEGEND.map(([term, meaning]) => `- **${prose(term)}** ${prose(meaning)}`).join("\n"),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function poolMarkdown(pool: ReportedPool): string[] {
  const rows = reportRows(pool.tuning, pool.releases);
  const { warnings } = pool.tuning;
  const corrected = rows.flatMap(({ key, wanted, original }) =>
    original ? [[code(key), prose(original.value), prose(wanted), prose(original.reason)]] : [],
  );
  return [
    `## ${prose(pool.path)}`,
    `**${summary(rows)}**`,
    ...(warnings.length > 0 ? [["> [!WARNING]", ...warnings.map((warning) => `> - ${prose(warning)}`)].join("\n")] : []),
    poolFacts(pool).map(fact).join("\n"),
    table(COLUMNS, rows.map(cells)),
    ...(corrected.length > 0 ? ["### Folklore corrected", table(["key", "circulating", "here", "because"], corrected)] : []),
    "<details>\n<summary>Why each key matters</summary>",
    table(
      ["key", "why", "source"],
      rows.map(({ key, why, source }) => [code(key), prose(why), prose(source)]),
    ),
    "</details>",
  ];
}

function cells(row: ReportRow): string[] {
  const node = row.status === "set" || row.status === "image" ? prose(row.node) : `**${prose(row.node)}**`;
  return [
    `${STATUSES[row.status].sign} ${code(row.key)}${row.required ? " (required)" : ""}`,
    prose(row.wanted),
    node,
    prose(row.kubelet),
    prose(row.pod),
    row.notes.map(prose).join("<br>"),
  ];
}

function fact({ term, values, literal }: PoolFact): string {
  return `- ${term}: ${values.map(literal ? code : prose).join(", ")}`;
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  return [titles, titles.map(() => "---"), ...rows].map((line) => `| ${line.join(" | ")} |`).join("\n");
}

/** Text that stays text: nothing in it opens markup, a table cell or HTML. An underscore inside a word never does. */
function prose(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replace(/[\\`*[\]|~#]|(?<!\w)_|_(?!\w)/g, "\\$&")
    .replace(/\s+/g, " ");
}

/** A name in a code span, which a longer fence keeps whole whatever it contains. No name here has a pipe inside a table. */
function code(name: string): string {
  const longest = Math.max(0, ...(name.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  const pad = longest > 0 ? " " : "";
  return `${fence}${pad}${name.replace(/\s+/g, " ")}${pad}${fence}`;
}
