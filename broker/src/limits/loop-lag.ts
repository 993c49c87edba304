/** How often it is looked. Ten wake-ups a second do not show in an idle process's CPU time. */
const EVERY_MS = 100;

/**
 * Measures how late timers are. Node's and Bun's own `monitorEventLoopDelay` does not do for one reading a second: after each `reset()` it
 * leaves out the first interval, which is the only one where turns of the loop take a second.
 */
export class LoopLag {
  #timer: NodeJS.Timeout | undefined;
  #dueMs = 0;
  #lateMs = 0;
  #count = 0;

  /** Milliseconds that timers were late since this was asked before, on average; 0 the first time, when measuring begins. */
  read(): number {
    if (this.#timer === undefined) this.#begin();
    const averageMs = this.#count === 0 ? 0 : this.#lateMs / this.#count;
    this.#lateMs = this.#count = 0;
    return averageMs;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #begin(): void {
    this.#dueMs = performance.now() + EVERY_MS;
    this.#timer = setInterval(() => this.#look(), EVERY_MS);
    this.#timer.unref();
  }

  #look(): void {
    const nowMs = performance.now();
    this.#lateMs += Math.max(0, nowMs - this.#dueMs);
    this.#count++;
    this.#dueMs = nowMs + EVERY_MS;
  }
}
