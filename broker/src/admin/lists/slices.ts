/** Things looked at between two looks at the clock, and the time after which MQTT has its turn: less than messages at a high rate wait anyway. */
const EACH_LOOK = 16;
const SLICE_MS = 0.25;

/** Divides long work into slices, so that MQTT clients notice nothing. */
export class Slices {
  #startedAt = performance.now();
  #left = EACH_LOOK;

  /** Called after each thing that was looked at. A promise: wait for it before the next one. */
  next(): Promise<void> | undefined {
    if (--this.#left > 0) return undefined;
    this.#left = EACH_LOOK;
    if (performance.now() - this.#startedAt < SLICE_MS) return undefined;
    return new Promise((resolve) =>
      setImmediate(() => {
        this.#startedAt = performance.now();
        resolve();
      }),
    );
  }
}
