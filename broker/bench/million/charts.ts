import type { Moment } from "./result.js";

const WIDTH = 860;
const HEIGHT = 210;
const LEFT = 70;
const RIGHT = 20;
const TOP = 44;
const GAP = 60;
const TICKS = 4;
const COLOURS = ["#0072b2", "#d55e00", "#009e73"];

interface Panel {
  readonly title: string;
  readonly unit: (value: number) => string;
  readonly lines: readonly { readonly name: string; readonly at: (moment: Moment) => number }[];
}

const millions = (value: number) =>
  value >= 1e6 ? `${(value / 1e6).toFixed(1)} M` : value >= 1e3 ? `${(value / 1e3).toFixed(0)} k` : value.toFixed(0);
const gibibytes = (value: number) => `${(value / 2 ** 30).toFixed(1)} GiB`;

/** Connections, the rate at which they came, and memory, over time. */
export function chartsOf(moments: readonly Moment[], date: string): string {
  const panels: Panel[] = [
    { title: "live connections", unit: millions, lines: [{ name: "connected", at: ({ connected }) => connected }] },
    { title: "connections a second", unit: millions, lines: [{ name: "rate", at: rateIn(moments) }] },
    {
      title: "memory",
      unit: gibibytes,
      lines: [
        { name: "available", at: ({ availableBytes }) => availableBytes },
        { name: "kernel slab", at: ({ slabBytes }) => slabBytes },
      ],
    },
  ];
  const height = TOP + panels.length * (HEIGHT + GAP);
  const body = panels.flatMap((panel, index) => drawPanel(panel, moments, TOP + index * (HEIGHT + GAP)));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<style>
text { font: 12px system-ui, sans-serif; fill: #24292f; }
.heading { font-weight: 600; font-size: 14px; }
.grid { stroke: #8c959f; stroke-opacity: 0.35; }
polyline { fill: none; stroke-width: 2; }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3; } }
</style>
${text(12, 20, `Live MQTT connections on one machine, ${date.slice(0, 10)}; seconds since the brokers were ready`, 'class="heading"')}
${body.join("\n")}
</svg>
`;
}

function drawPanel({ title, unit, lines }: Panel, moments: readonly Moment[], top: number): string[] {
  const last = Math.max(1, moments.at(-1)?.seconds ?? 1);
  const most = Math.max(1, ...moments.flatMap((moment) => lines.map(({ at }) => at(moment))));
  const x = (seconds: number) => LEFT + (seconds / last) * (WIDTH - LEFT - RIGHT);
  const y = (value: number) => top + HEIGHT - (value / most) * HEIGHT;
  const parts = [text(LEFT, top - 8, title)];
  for (let tick = 0; tick <= TICKS; tick++) {
    const value = (most * tick) / TICKS;
    parts.push(`<line class="grid" x1="${LEFT}" y1="${at(y(value))}" x2="${WIDTH - RIGHT}" y2="${at(y(value))}"/>`);
    parts.push(text(LEFT - 6, y(value) + 4, unit(value), 'text-anchor="end"'));
    parts.push(text(x((last * tick) / TICKS), top + HEIGHT + 16, `${Math.round((last * tick) / TICKS)} s`, 'text-anchor="middle"'));
  }
  for (const [index, { name, at: read }] of lines.entries()) {
    const points = moments.map((moment) => `${at(x(moment.seconds))},${at(y(read(moment)))}`).join(" ");
    parts.push(`<polyline points="${points}" stroke="${COLOURS[index]}"/>`);
    if (lines.length > 1) parts.push(`<text x="${LEFT + 120 + index * 120}" y="${top - 8}" style="fill:${COLOURS[index]}">${name}</text>`);
  }
  return parts;
}

function rateIn(moments: readonly Moment[]): (moment: Moment) => number {
  const rates = new Map(
    moments.map((moment, index) => {
      const before = moments[index - 1];
      return [moment, before === undefined ? 0 : Math.max(0, (moment.connected - before.connected) / (moment.seconds - before.seconds))];
    }),
  );
  return (moment) => rates.get(moment) ?? 0;
}

function text(x: number, y: number, content: string, attributes = ""): string {
  return `<text x="${at(x)}" y="${at(y)}"${attributes === "" ? "" : ` ${attributes}`}>${content}</text>`;
}

function at(coordinate: number): string {
  return String(Math.round(coordinate * 10) / 10);
}
