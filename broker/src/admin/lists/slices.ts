import { nextTurn } from "./turns.js";

/** Ends a slice: the time after which MQTT has its turn is less than messages at a high rate wait anyway. */
const SLICE_MS = 0.25;
/** Ends it too, should the clock be a coarse one. */
const MOST_THINGS = 256;

/** Divides long work into slices, so that MQTT clients notice nothing. */
export class Slices {
  readonly #now: () => number;
  #endsAt = 0;
  #left = 0;

  /** `now` tells milliseconds and their fractions. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Called before each thing that is looked at. A promise: wait for it first. */
  next(): Promise<void> | undefined {
    if (--this.#left >= 0 && this.#now() < this.#endsAt) return undefined;
    return nextTurn().then(() => {
      this.#left = MOST_THINGS - 1;
      this.#endsAt = this.#now() + SLICE_MS;
    });
  }
}
