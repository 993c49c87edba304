import type { Row } from "./live-numbers.js";

/** The last rows that were added, as plain numbers in one piece of memory. */
export class History {
  readonly #capacity: number;
  readonly #width: number;
  readonly #numbers: Float64Array;
  #added = 0;

  /** `capacity` in rows, `width` in numbers a row. */
  constructor(capacity: number, width: number) {
    this.#capacity = capacity;
    this.#width = width;
    this.#numbers = new Float64Array(capacity * width);
  }

  add(row: Row): void {
    this.#numbers.set(row, (this.#added % this.#capacity) * this.#width);
    this.#added++;
  }

  /** The `count` rows added last, or as many as there are, the oldest first. */
  last(count: number): Row[] {
    const rows: Row[] = [];
    const there = Math.min(count, this.#added, this.#capacity);
    for (let i = this.#added - there; i < this.#added; i++) {
      const start = (i % this.#capacity) * this.#width;
      rows.push([...this.#numbers.subarray(start, start + this.#width)]);
    }
    return rows;
  }
}
