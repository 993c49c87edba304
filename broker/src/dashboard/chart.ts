import { fill, h, setAttributes, svg } from "./dom.js";
import { timeOfDay } from "./format.js";
import { STEP_MS } from "./series.js";

export interface Line {
  readonly label: string;
  readonly values: readonly (number | undefined)[];
}

export interface ChartOptions {
  readonly title: string;
  readonly format: (value: number) => string;
  /** Steps of the scale are powers of two: for bytes. */
  readonly isBinary?: boolean;
}

const HEIGHT = 150;
const LEFT = 58;
const RIGHT = 10;
const TOP = 8;
const BOTTOM = 20;
const STEPS = 3;

/**
 * Lines over time, the last value at the right edge. uPlot would do this with 20 KiB more in a bundle that a Helm release holds twice; nine
 * lines of 720 points each second are no work for an SVG.
 */
export class Chart {
  readonly element: HTMLElement;
  readonly #options: ChartOptions;
  readonly #picture = svg("svg", { role: "img", height: HEIGHT });
  readonly #legend = h("p", { class: "legend" });
  readonly #cursor = svg("line", { class: "cursor", y1: TOP, y2: HEIGHT - BOTTOM });
  #lines: readonly Line[] = [];
  #endMs = 0;
  #pointedAt: number | undefined;

  constructor(options: ChartOptions) {
    this.#options = options;
    this.element = h("figure", { class: "chart" }, h("figcaption", {}, options.title), this.#legend, h("div", {}, this.#picture));
    this.#picture.addEventListener("pointermove", ({ clientX }) => this.#point(clientX - this.#picture.getBoundingClientRect().left));
    this.#picture.addEventListener("pointerleave", () => this.#point(undefined));
    new ResizeObserver(() => this.#draw()).observe(this.#picture.parentElement!);
  }

  show(lines: readonly Line[], endMs: number): void {
    this.#lines = lines;
    this.#endMs = endMs;
    this.#draw();
  }

  #point(x: number | undefined): void {
    this.#pointedAt = x;
    this.#draw();
  }

  #draw(): void {
    const width = Math.max(200, this.#picture.parentElement!.clientWidth);
    const { title, format, isBinary = false } = this.#options;
    const points = this.#lines[0]?.values.length ?? 0;
    const known = this.#lines.flatMap(({ values }) => values.filter((value) => value !== undefined));
    const top = scaleTop(
      known.reduce((a, b) => Math.max(a, b), 0),
      isBinary,
    );
    const x = (index: number) => LEFT + ((width - LEFT - RIGHT) * index) / Math.max(1, points - 1);
    const y = (value: number) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top);
    const minutes = Math.round((points * STEP_MS) / 60_000);
    const index = this.#pointedAt === undefined ? points - 1 : nearest(this.#pointedAt, width, points);
    const scale = Array.from({ length: STEPS + 1 }, (_, i) => (top * i) / STEPS);
    fill(
      this.#picture,
      ...scale.flatMap((value) => [
        svg("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value) }),
        svg("text", { x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, format(value)),
      ]),
      svg("text", { x: LEFT, y: HEIGHT - 4 }, `${minutes} min ago`),
      svg("text", { x: width - RIGHT, y: HEIGHT - 4, "text-anchor": "end" }, "now"),
      ...this.#lines.map(({ values }, i) => svg("path", { class: `line line-${i}`, d: pathOf(values, x, y) })),
      this.#pointedAt !== undefined && this.#cursor,
    );
    setAttributes(this.#cursor, { x1: x(index), x2: x(index) });
    const said = this.#lines.map(({ label, values }) => `${label} ${valueText(values[index], format)}`);
    setAttributes(this.#picture, { width, "aria-label": `${title} over the last ${minutes} minutes. Now: ${said.join(", ")}.` });
    fill(
      this.#legend,
      ...this.#lines.map(({ label, values }, i) =>
        h("span", {}, h("i", { class: `key line-${i}` }), `${label} `, h("b", {}, valueText(values[index], format))),
      ),
      this.#pointedAt !== undefined && h("span", {}, timeOfDay(this.#endMs - (points - 1 - index) * STEP_MS)),
    );
  }
}

function valueText(value: number | undefined, format: (value: number) => string): string {
  return value === undefined ? "–" : format(value);
}

function nearest(px: number, width: number, points: number): number {
  return Math.max(0, Math.min(points - 1, Math.round(((px - LEFT) / (width - LEFT - RIGHT)) * (points - 1))));
}

/** A round number at or above `most` that three steps divide well. */
function scaleTop(most: number, isBinary: boolean): number {
  if (isBinary) return Math.max(1, 3 * 2 ** Math.ceil(Math.log2(Math.max(most, 1) / 3)));
  const unit = 10 ** Math.floor(Math.log10(Math.max(most, 3) / 3));
  const step = [1, 2, 5, 10].find((times) => times * unit * STEPS >= most) ?? 10;
  return step * unit * STEPS;
}

function pathOf(values: readonly (number | undefined)[], x: (index: number) => number, y: (value: number) => number): string {
  let path = "";
  let isDown = false;
  for (const [index, value] of values.entries()) {
    if (value !== undefined) path += `${isDown ? "L" : "M"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
    isDown = value !== undefined;
  }
  return path;
}
