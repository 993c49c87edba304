import type { Clock } from "../clock.js";
import { PassingSet } from "../passing-set.js";

export interface WorkQueueOptions {
  readonly clock: Clock;
  /** Pieces of work under way at once. */
  readonly maxConcurrent: number;
  /** Pieces that may wait. */
  readonly maxWaiting: number;
  /** One that has waited for longer is not begun any more. */
  readonly maxWaitMs: number;
}

interface Waiting {
  readonly since: number;
  readonly begin: () => void;
  readonly giveUp: () => void;
}

/** Does so many things at once and no more; others wait their turn, up to a bound of number and time. */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  /** In the order of coming; a set gives up its first without moving the others. */
  readonly #waiting = new PassingSet<Waiting>();
  #running = 0;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  get running(): number {
    return this.#running;
  }

  /** Undefined: as many wait as may. The promise gives undefined if the work waited for too long, and rejects if the work fails. */
  run<Result>(work: () => Promise<Result>): Promise<Result | undefined> | undefined {
    const { clock, maxConcurrent, maxWaiting } = this.#options;
    if (this.#running < maxConcurrent) return this.#do(work);
    if (this.#waiting.size >= maxWaiting) return undefined;
    return new Promise((resolve) => {
      this.#waiting.add({ since: clock.now(), begin: () => resolve(this.#do(work)), giveUp: () => resolve(undefined) });
    });
  }

  #do<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#running++;
    return work().finally(() => {
      this.#running--;
      this.#beginNext();
    });
  }

  #beginNext(): void {
    const { clock, maxWaitMs } = this.#options;
    for (const next of this.#waiting) {
      this.#waiting.delete(next);
      if (clock.now() - next.since <= maxWaitMs) {
        next.begin();
        return;
      }
      next.giveUp();
    }
  }
}
