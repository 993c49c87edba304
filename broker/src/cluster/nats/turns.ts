import { Deferred } from "../../journal/deferred.js";

/** Lets so many go on at the same time; others wait, first come, first served. */
export class Turns {
  #free: number;
  readonly #waiting = new Set<Deferred>();

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** Resolves when it is the caller's turn, which `give` ends. */
  async take(): Promise<void> {
    if (this.#free > 0) {
      this.#free--;
      return;
    }
    const turn = new Deferred();
    this.#waiting.add(turn);
    await turn.promise;
  }

  give(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#free++;
    else {
      this.#waiting.delete(next);
      next.resolve();
    }
  }
}
