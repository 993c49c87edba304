/** How busy this process is: its share of processor time, and how late its timers come. */
export class LoopClock {
  #expectedMs = 0;
  #worstMs = 0;
  #sinceMs = performance.now();
  #usage = process.cpuUsage();

  /** A timer has been set. */
  expect(afterMs: number): void {
    this.#expectedMs = performance.now() + afterMs;
  }

  /** It has come. */
  came(): void {
    const lateMs = performance.now() - this.#expectedMs;
    if (lateMs > this.#worstMs) this.#worstMs = lateMs;
  }

  /** Since the last time that this was asked. */
  take(): { readonly processorShare: number; readonly lagMs: number } {
    const nowMs = performance.now();
    const { user, system } = process.cpuUsage(this.#usage);
    const processorShare = (user + system) / 1_000 / Math.max(1, nowMs - this.#sinceMs);
    const lagMs = this.#worstMs;
    this.#usage = process.cpuUsage();
    this.#sinceMs = nowMs;
    this.#worstMs = 0;
    return { processorShare, lagMs };
  }
}
