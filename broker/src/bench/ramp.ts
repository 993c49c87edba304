/** Which of the connections are due: one each interval, or all at once. */
export class Ramp {
  #total: number;
  readonly #intervalMs: number;
  #startMs = 0;
  #taken = 0;

  constructor(total: number, intervalMs: number) {
    this.#total = total;
    this.#intervalMs = intervalMs;
  }

  get total(): number {
    return this.#total;
  }

  get isDone(): boolean {
    return this.#taken >= this.#total;
  }

  start(nowMs: number): void {
    this.#startMs = nowMs;
  }

  /** None but those that have been begun. */
  end(): void {
    this.#total = this.#taken;
  }

  /** Whether one more is due; then it counts as begun. */
  takeOne(nowMs: number): boolean {
    if (this.isDone || nowMs < this.#startMs + this.#taken * this.#intervalMs) return false;
    this.#taken++;
    return true;
  }
}
