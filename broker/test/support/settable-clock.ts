import type { Clock } from "../../src/clock.js";

/** A clock that stands still until the test sets it. It runs nothing: what is tested with it is called by hand. */
export class SettableClock implements Clock {
  nowMs = 1_700_000_000_000;

  now(): number {
    return this.nowMs;
  }

  every(): () => void {
    throw new Error("SettableClock runs nothing");
  }
}
