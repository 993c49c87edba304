import { expect, it, onTestFinished, vi } from "vitest";
import { Timeouts } from "../src/timeouts.js";
import { TimerEntry, TimerWheel } from "../src/timer-wheel.js";
import { SettableClock } from "./support/settable-clock.js";

class Entry extends TimerEntry {
  readonly #call: () => void;

  constructor(call: () => void) {
    super();
    this.#call = call;
  }

  override onTimeout(): void {
    this.#call();
  }
}

/** So many that are due at once, and how many of them were called. */
function due(count: number, call = () => {}) {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const clock = new SettableClock();
  const wheel = new TimerWheel({ clock });
  let called = 0;
  for (let index = 0; index < count; index++) {
    const entry = new Entry(() => {
      called++;
      call();
    });
    wheel.arm(entry, 500);
  }
  clock.nowMs += 1_000;
  return { timeouts: new Timeouts(wheel), wheel, called: () => called };
}

it("what is due at one tick is spread over the time until the next, and some are never called together", () => {
  const { timeouts, called } = due(1_500);
  timeouts.advance();
  expect(called()).toBe(8);
  vi.advanceTimersByTime(10);
  expect([called() >= 18, called() <= 38]).toEqual([true, true]);
  vi.advanceTimersByTime(985);
  expect(called()).toBe(1_500);
});

it("of more than that time has steps for, some are called at a time, and everyone else has a turn between", () => {
  const { timeouts, called } = due(100_000);
  timeouts.advance();
  let before = called();
  for (let turn = 0; called() < 100_000; turn++) {
    vi.advanceTimersToNextTimer();
    expect(called() - before).toBeLessThanOrEqual(8);
    before = called();
    if (turn > 20_000) throw new Error("they are not called");
  }
});

it("goes on with the next tick if one throws, and with none once it is stopped", () => {
  let left = 10;
  const { timeouts, wheel, called } = due(100, () => {
    if (--left === 0) throw new Error("thrown");
  });
  timeouts.advance();
  expect(() => vi.advanceTimersByTime(100)).toThrow("thrown");
  expect(called()).toBe(10);
  timeouts.advance();
  vi.advanceTimersByTime(10);
  expect(called()).toBeGreaterThan(20);
  const before = called();
  timeouts.stop();
  vi.advanceTimersByTime(2_000);
  expect([called(), wheel.due]).toEqual([before, 100 - before]);
});
