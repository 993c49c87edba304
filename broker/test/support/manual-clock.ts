import type { Clock } from "../../src/clock.js";

interface Timer {
  readonly everyMs: number;
  readonly run: () => void;
  dueMs: number;
}

/** A clock that goes on when the test says so, and then calls what is due on the way. */
export class ManualClock implements Clock {
  #nowMs = 1_700_000_000_000;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#nowMs;
  }

  every(milliseconds: number, run: () => void): () => void {
    const timer = { everyMs: milliseconds, run, dueMs: this.#nowMs + milliseconds };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  advance(milliseconds: number): void {
    const until = this.#nowMs + milliseconds;
    for (;;) {
      const next = [...this.#timers].sort((a, b) => a.dueMs - b.dueMs)[0];
      if (next === undefined || next.dueMs > until) break;
      this.#nowMs = next.dueMs;
      next.dueMs += next.everyMs;
      next.run();
    }
    this.#nowMs = until;
  }
}
