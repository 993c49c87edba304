import { NO_TEXT, TextTable } from "./text-table.js";

/** Topic filters without wildcards, each with a value: found by the whole topic, in one look-up. */
export class ExactFilters<V> {
  readonly #filters: TextTable;
  readonly #values: (V | undefined)[] = [];

  constructor(hashSeed: number) {
    this.#filters = new TextTable(hashSeed);
  }

  get size(): number {
    return this.#filters.size;
  }

  get(filter: string): V | undefined {
    const found = this.#filters.find(filter, 0, filter.length);
    return found === NO_TEXT ? undefined : this.#values[found];
  }

  /** Adds a filter that is not there. */
  add(filter: string, value: V): void {
    this.#values[this.#filters.hold(filter, 0, filter.length)] = value;
  }

  /** Removes a filter that is there. */
  delete(filter: string): void {
    const found = this.#filters.find(filter, 0, filter.length);
    this.#values[found] = undefined;
    this.#filters.release(found);
  }
}
