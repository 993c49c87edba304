import type { Report } from "./report.js";
import { ratioOf } from "./verdict.js";

const WIDTH = 860;
const LABEL_WIDTH = 330;
const VALUE_WIDTH = 70;
const BAR_HEIGHT = 14;
const ROW_GAP = 16;
const TOP = 64;
const BOTTOM = 34;

/** Of the columns in their order; distinct for the colour-blind too, and on white as on black. */
const COLOURS = ["#0072b2", "#009e73", "#d55e00", "#cc79a7", "#999999"];

interface Bar {
  readonly contender: Report["contenders"][number];
  readonly colour: string;
  /** How many times as good as mosquitto, whichever direction is good. */
  readonly times: number;
}

/**
 * A bar for each broker and row: how many times as good as mosquitto, on a logarithmic scale. Ticks across a bar are what our broker must
 * reach. Rows that mosquitto has no value for are left out.
 */
export function svgOf(report: Report): string {
  const shown = report.contenders.filter(({ role }) => role === "ours" || role === "other");
  const colours = new Map(shown.map(({ name }, index) => [name, COLOURS[index % COLOURS.length]!]));
  const rows = report.rows
    .map((row) => ({ row, bars: shown.flatMap((contender) => barOf(report, row, contender, colours.get(contender.name)!)) }))
    .filter(({ bars }) => bars.length > 0);
  const musts = rows.flatMap(({ row }) => mustOf(row) ?? []);
  const all = [1, ...musts, ...rows.flatMap(({ bars }) => bars.map((bar) => bar.times))];
  const scale = logScale(Math.min(...all), Math.max(...all));

  const parts: string[] = [];
  let y = TOP;
  for (const { row, bars } of rows) {
    const middle = y + (bars.length * BAR_HEIGHT) / 2;
    parts.push(text(LABEL_WIDTH - 10, middle + 4, row.title, 'text-anchor="end"'));
    for (const [index, bar] of bars.entries()) parts.push(...drawBar(bar, y + index * BAR_HEIGHT, scale));
    const must = mustOf(row);
    if (must !== undefined) parts.push(line(scale.x(must), y - 3, y + bars.length * BAR_HEIGHT + 3, "must"));
    y += bars.length * BAR_HEIGHT + ROW_GAP;
  }
  const height = y + BOTTOM;
  const grid = scale.ticks.flatMap((tick) => [
    line(scale.x(tick), TOP - 8, y, tick === 1 ? "one" : "grid"),
    text(scale.x(tick), y + 16, `${tick} ×`, 'text-anchor="middle"'),
  ]);
  return document(height, [heading(report), ...legend(shown, colours), ...grid, ...parts]);
}

function barOf(report: Report, row: Report["rows"][number], contender: Report["contenders"][number], colour: string): Bar[] {
  const ratio = ratioOf(report, row.name, contender.name);
  if (ratio === undefined || !(ratio > 0)) return [];
  return [{ contender, colour, times: row.better === "higher" ? ratio : 1 / ratio }];
}

/** The ratio that every runtime must reach, as "times as good". */
function mustOf(row: Report["rows"][number]): number | undefined {
  const budget = row.budgets.find(({ of, measure }) => of === "every" && measure === "ratio");
  if (budget === undefined) return undefined;
  return row.better === "higher" ? budget.must : 1 / budget.must;
}

interface Scale {
  readonly ticks: readonly number[];
  x(value: number): number;
}

/** Whole powers of ten around the values. */
function logScale(lowest: number, highest: number): Scale {
  const first = Math.floor(Math.log10(lowest) + 1e-9);
  const last = Math.max(first + 1, Math.ceil(Math.log10(highest) - 1e-9));
  const perDecade = (WIDTH - LABEL_WIDTH - VALUE_WIDTH) / (last - first);
  return {
    ticks: Array.from({ length: last - first + 1 }, (_, index) => Number((10 ** (first + index)).toPrecision(3))),
    x: (value) => LABEL_WIDTH + (Math.log10(value) - first) * perDecade,
  };
}

function drawBar({ colour, times }: Bar, y: number, scale: Scale): string[] {
  const from = Math.min(scale.x(1), scale.x(times));
  const to = Math.max(scale.x(1), scale.x(times));
  const label = times.toFixed(times >= 10 ? 0 : times >= 1 ? 1 : 2);
  return [
    `<rect x="${at(from)}" y="${y + 1}" width="${at(Math.max(1, to - from))}" height="${BAR_HEIGHT - 2}" fill="${colour}"/>`,
    times >= 1 ? text(to + 5, y + BAR_HEIGHT - 3, `${label} ×`) : text(from - 5, y + BAR_HEIGHT - 3, `${label} ×`, 'text-anchor="end"'),
  ];
}

function heading(report: Report): string {
  return text(12, 20, `Times as good as mosquitto in the same run, ${report.date.slice(0, 10)} (dashes: must)`, 'class="heading"');
}

function legend(shown: readonly Report["contenders"][number][], colours: ReadonlyMap<string, string>): string[] {
  return shown.flatMap(({ name, title }, index) => {
    const x = 12 + index * 190;
    return [`<rect x="${x}" y="32" width="12" height="12" fill="${colours.get(name)}"/>`, text(x + 18, 42, title)];
  });
}

function line(x: number, from: number, to: number, name: string): string {
  return `<line class="${name}" x1="${at(x)}" y1="${from}" x2="${at(x)}" y2="${to}"/>`;
}

function text(x: number, y: number, content: string, attributes = ""): string {
  const escaped = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${at(x)}" y="${at(y)}"${attributes === "" ? "" : ` ${attributes}`}>${escaped}</text>`;
}

function at(coordinate: number): string {
  return String(Math.round(coordinate * 10) / 10);
}

/** No background: the page's shows through, and the text turns with the reader's colour scheme. */
function document(height: number, parts: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<style>
text { font: 12px system-ui, sans-serif; fill: #24292f; }
.heading { font-weight: 600; font-size: 14px; }
.grid { stroke: #8c959f; stroke-opacity: 0.35; }
.one { stroke: #57606a; stroke-width: 1.5; }
.must { stroke: #24292f; stroke-width: 2; stroke-dasharray: 3 2; }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3; } .one { stroke: #8b949e; } .must { stroke: #e6edf3; } }
</style>
${parts.join("\n")}
</svg>
`;
}
