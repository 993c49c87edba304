import type { Source } from "../../persistence/taken-numbers.js";

/** Numbers messages, in the order in which they leave for any peer. */
export class Numbering {
  readonly #origin: string;
  #next = 1;
  /** Numbers of messages that have not come everywhere yet, the lowest first. */
  readonly #open = new Set<number>();

  constructor(origin: string) {
    this.#origin = origin;
  }

  next(): Source {
    const number = this.#next++;
    this.#open.add(number);
    return { origin: this.#origin, number, floor: this.lowest };
  }

  /** The message has come everywhere. */
  over(number: number): void {
    this.#open.delete(number);
  }

  get lowest(): number {
    for (const number of this.#open) return number;
    return this.#next;
  }
}
