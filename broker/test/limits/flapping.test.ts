import { describe, expect, it } from "vitest";
import { Flapping, MOST_TRACKED } from "../../src/limits/flapping.js";

const LIMITS = { enabled: true, maxCount: 3, windowSeconds: 60, banSeconds: 300 };

/** Which of so many CONNECTs of one client lead to a ban. */
const connects = (flapping: Flapping, count: number, nowMs: number) =>
  Array.from({ length: count }, () => flapping.connects("client", nowMs));

describe("Flapping", () => {
  it("bans a client that connects more often than it may within the window, for a time", () => {
    const flapping = new Flapping(LIMITS);
    expect(connects(flapping, 4, 0)).toEqual([false, false, false, true]);
    expect(flapping.isBanned("client", 299_999)).toBe(true);
    expect(flapping.isBanned("other", 0)).toBe(false);
    expect(flapping.isBanned("client", 300_000)).toBe(false);
    expect(connects(flapping, 4, 300_000)).toEqual([false, false, false, true]);
  });

  it("counts anew when the window is over", () => {
    const flapping = new Flapping(LIMITS);
    expect(connects(flapping, 3, 0)).toEqual([false, false, false]);
    expect(connects(flapping, 4, 60_000)).toEqual([false, false, false, true]);
  });

  it("forgets windows and bans that are over when it is swept", () => {
    const flapping = new Flapping(LIMITS);
    connects(flapping, 4, 0);
    flapping.connects("other", 30_000);
    flapping.connects("late", 100_000);
    expect(flapping.size).toBe(3);
    flapping.sweep(89_999);
    expect(flapping.size).toBe(3);
    flapping.sweep(90_000);
    expect(flapping.size).toBe(2);
    flapping.sweep(300_000);
    expect(flapping.size).toBe(0);
  });

  it("tracks no more clients than it may, and drops those that would be forgotten next", () => {
    const flapping = new Flapping({ ...LIMITS, maxCount: 1 });
    for (let i = 0; i < 2 * MOST_TRACKED; i++) flapping.connects(`client ${i}`, i);
    expect(flapping.size).toBeLessThanOrEqual(MOST_TRACKED);
    const last = `client ${2 * MOST_TRACKED - 1}`;
    expect(flapping.connects("client 0", 2 * MOST_TRACKED)).toBe(false);
    expect(flapping.connects(last, 2 * MOST_TRACKED)).toBe(true);
  });

  it("bans no more clients than it may", () => {
    const flapping = new Flapping({ ...LIMITS, maxCount: 1 });
    for (let i = 0; i <= MOST_TRACKED; i++) for (let n = 0; n < 2; n++) flapping.connects(`client ${i}`, 0);
    expect(flapping.size).toBeLessThanOrEqual(MOST_TRACKED);
    expect(flapping.isBanned("client 0", 1)).toBe(false);
    expect(flapping.isBanned(`client ${MOST_TRACKED}`, 1)).toBe(true);
  });

  it("takes other limits, and lifts all bans when it is switched off", () => {
    const flapping = new Flapping(LIMITS);
    connects(flapping, 2, 0);
    flapping.configure({ ...LIMITS, maxCount: 2 });
    expect(connects(flapping, 1, 0)).toEqual([true]);
    flapping.configure({ ...LIMITS, enabled: false });
    expect([flapping.isOff, flapping.isBanned("client", 1), flapping.size]).toEqual([true, false, 0]);
  });
});
