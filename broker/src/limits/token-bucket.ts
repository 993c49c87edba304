/** Allows so many things a second, and as many at once as have been saved up. Does not look at a clock: it is told the time. */
export class TokenBucket {
  #perSecond = Number.POSITIVE_INFINITY;
  #capacity = Number.POSITIVE_INFINITY;
  #tokens = Number.POSITIVE_INFINITY;
  #filledAtMs = 0;

  /** What is new begins full; what was running goes on with what it had. Infinity allows everything. */
  configure(perSecond: number, capacity: number, nowMs: number): void {
    if (this.#tokens !== Number.POSITIVE_INFINITY) this.#fill(nowMs);
    this.#perSecond = perSecond;
    this.#capacity = capacity;
    this.#tokens = Math.min(this.#tokens, capacity);
    this.#filledAtMs = nowMs;
  }

  get isOff(): boolean {
    return this.#perSecond === Number.POSITIVE_INFINITY;
  }

  /** Takes a token; false if there is none. */
  take(nowMs: number): boolean {
    if (this.isOff) return true;
    this.#fill(nowMs);
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  /** A clock that was set back gives nothing, and one that was set forward no more than fits in. */
  #fill(nowMs: number): void {
    const passedMs = Math.max(0, nowMs - this.#filledAtMs);
    this.#tokens = Math.min(this.#capacity, this.#tokens + (passedMs * this.#perSecond) / 1_000);
    this.#filledAtMs = nowMs;
  }
}
