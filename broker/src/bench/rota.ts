const FIRST_CAPACITY = 64;

/**
 * Things that all come round after the same time: what was added first is due first, so that a queue does, without a timer each. A ring that
 * grows; 16 bytes a thing.
 */
export class Rota<T> {
  #things: (T | undefined)[] = new Array(FIRST_CAPACITY);
  #dueMs = new Float64Array(FIRST_CAPACITY);
  #first = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Not due before anything that is there already: what comes too early waits for those. */
  add(thing: T, dueMs: number): void {
    if (this.#size === this.#things.length) this.#grow();
    const at = (this.#first + this.#size++) % this.#things.length;
    this.#things[at] = thing;
    this.#dueMs[at] = dueMs;
  }

  /** Takes out each thing that is due and hands it over; `visit` may add it again. Looks at each that is there once at most. */
  run(nowMs: number, visit: (thing: T, dueMs: number) => void): void {
    for (let left = this.#size; left > 0 && this.#dueMs[this.#first]! <= nowMs; left--) {
      const at = this.#first;
      const thing = this.#things[at]!;
      const dueMs = this.#dueMs[at]!;
      this.#things[at] = undefined;
      this.#first = (at + 1) % this.#things.length;
      this.#size--;
      visit(thing, dueMs);
    }
  }

  #grow(): void {
    const capacity = this.#things.length;
    const things: (T | undefined)[] = new Array(capacity * 2);
    const dueMs = new Float64Array(capacity * 2);
    for (let index = 0; index < this.#size; index++) {
      const at = (this.#first + index) % capacity;
      things[index] = this.#things[at];
      dueMs[index] = this.#dueMs[at]!;
    }
    this.#things = things;
    this.#dueMs = dueMs;
    this.#first = 0;
  }
}
