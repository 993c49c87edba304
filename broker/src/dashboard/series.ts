import type { NodeRows } from "./api-types.js";

/** Places in a row of `/api/v1/history`. */
export const ROW = {
  at: 0,
  memoryBytes: 1,
  connections: 2,
  sessions: 3,
  subscriptions: 4,
  topics: 5,
  retained: 6,
  receivedMessages: 7,
  sentMessages: 8,
  droppedMessages: 9,
  receivedBytes: 10,
  sentBytes: 11,
} as const;

type Row = readonly number[];

export const HOUR_MS = 3_600_000;
export const STEP_MS = 5_000;
/** Timers are late, rather than early. */
const LEAST_STEP_MS = 0.95 * STEP_MS;
/** A broker that has told nothing for so long is not counted any more. */
const SILENT_MS = 15_000;

/** The last hour of all brokers, a row every five seconds; the last of each is always the newest. */
export class Series {
  readonly #nodes = new Map<string, Row[]>();

  /** In place of all that was there. */
  begin(data: readonly NodeRows[]): void {
    this.#nodes.clear();
    for (const { node, rows } of data) this.#nodes.set(node, [...rows]);
  }

  add(data: readonly NodeRows[]): void {
    for (const { node, rows: given } of data) {
      const rows = this.#nodes.get(node) ?? [];
      this.#nodes.set(node, rows);
      for (const row of given) addRow(rows, row);
    }
    for (const [node, rows] of this.#nodes) if (this.endMs - rows.at(-1)![ROW.at]! > HOUR_MS) this.#nodes.delete(node);
  }

  /** Of the newest row. */
  get endMs(): number {
    return Math.max(0, ...[...this.#nodes.values()].map((rows) => rows.at(-1)?.[ROW.at] ?? 0));
  }

  /** Rows of the broker that has most. */
  get length(): number {
    return Math.max(0, ...[...this.#nodes.values()].map((rows) => rows.length));
  }

  /** All brokers together at this moment. */
  now(place: number): number {
    return this.#sum((rows) => rows.at(-1)![place]!);
  }

  /** What they count a second, over the last seconds. */
  rateNow(place: number): number {
    return this.#sum((rows) => rateAt(rows, rows.length - 1, place) ?? 0);
  }

  /** All brokers together, every five seconds until `endMs`; undefined where nothing is known. */
  values(place: number, points: number): (number | undefined)[] {
    return this.#grid(points, (rows, index) => rows[index]![place]);
  }

  rates(place: number, points: number): (number | undefined)[] {
    return this.#grid(points, (rows, index) => rateAt(rows, index, place));
  }

  #sum(of: (rows: readonly Row[]) => number): number {
    let sum = 0;
    for (const rows of this.#nodes.values()) if (this.endMs - rows.at(-1)![ROW.at]! < SILENT_MS) sum += of(rows);
    return sum;
  }

  /** Brokers do not look at the same moment: each counts with what it said last. */
  #grid(points: number, valueAt: (rows: readonly Row[], index: number) => number | undefined): (number | undefined)[] {
    const sums = new Array<number | undefined>(points).fill(undefined);
    const { endMs } = this;
    for (const rows of this.#nodes.values()) {
      let index = -1;
      for (let i = 0; i < points; i++) {
        const atMs = endMs - (points - 1 - i) * STEP_MS;
        while (index + 1 < rows.length && rows[index + 1]![ROW.at]! <= atMs) index++;
        if (index < 0 || atMs - rows[index]![ROW.at]! >= SILENT_MS) continue;
        const value = valueAt(rows, index);
        if (value !== undefined) sums[i] = (sums[i] ?? 0) + value;
      }
    }
    return sums;
  }
}

function addRow(rows: Row[], row: Row): void {
  const before = rows.at(-2);
  if (before !== undefined && row[ROW.at]! - before[ROW.at]! < LEAST_STEP_MS) rows[rows.length - 1] = row;
  else rows.push(row);
  while (row[ROW.at]! - rows[0]![ROW.at]! > HOUR_MS) rows.shift();
}

function rateAt(rows: readonly Row[], index: number, place: number): number | undefined {
  const [before, row] = [rows[index - 1], rows[index]];
  if (before === undefined || row === undefined) return undefined;
  const seconds = (row[ROW.at]! - before[ROW.at]!) / 1_000;
  return seconds <= 0 ? undefined : Math.max(0, row[place]! - before[place]!) / seconds;
}
