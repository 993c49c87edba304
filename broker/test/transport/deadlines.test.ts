import { describe, expect, it } from "vitest";
import { Deadlines } from "../../src/transport/deadlines.js";
import { ManualClock } from "../support/manual-clock.js";

describe("Deadlines", () => {
  it("expire what is not done in time, and keep nothing", () => {
    const clock = new ManualClock();
    const expired: number[] = [];
    const deadlines = new Deadlines<number>(clock, 1_000, (item) => expired.push(item));
    for (const item of [1, 2, 3]) deadlines.add(item);
    deadlines.delete(2);
    clock.advance(999);
    expect(expired).toEqual([]);
    clock.advance(251);
    expect([expired, deadlines.size]).toEqual([[1, 3], 0]);
  });

  it("expires what came first when there would be more than there may be", () => {
    const expired: number[] = [];
    const deadlines = new Deadlines<number>(new ManualClock(), 1_000, (item) => expired.push(item), 128);
    for (let item = 0; item < 130; item++) deadlines.add(item);
    expect(expired).toEqual([0, 1]);
    deadlines.add(130);
    expect([expired, deadlines.size]).toEqual([[0, 1, 2, 3], 127]);
    deadlines.add(130);
    expect(deadlines.size).toBe(127);
  });
});
