import { describe, expect, it } from "vitest";
import { Pace } from "../../src/drain/pace.js";

describe("Pace", () => {
  it("lets as many go as the rate says, the first step at once", () => {
    const pace = new Pace({ rate: 100, clients: 1_000, withinMs: 60_000 });
    expect([0, 50, 1_000].map((ms) => pace.due(ms))).toEqual([5, 10, 105]);
    expect(pace.due(10_000)).toBe(Number.POSITIVE_INFINITY);
  });

  it("is faster than the rate where all would not be told in time", () => {
    const pace = new Pace({ rate: 100, clients: 1_000_000, withinMs: 10_000 });
    expect(pace.due(7_000)).toBe(Number.POSITIVE_INFINITY);
    expect(pace.due(3_500)).toBeGreaterThan(500_000);
    expect(pace.due(3_500)).toBeLessThan(520_000);
  });

  it("begins with one client, however low the rate", () => {
    expect(new Pace({ rate: 1, clients: 5, withinMs: 3_600_000 }).due(0)).toBe(1);
  });

  it.each([
    ["there is no rate", { rate: Number.POSITIVE_INFINITY, clients: 10, withinMs: 1_000 }],
    ["there is no time", { rate: 1, clients: 10, withinMs: 0 }],
    ["there are no clients", { rate: 1, clients: 0, withinMs: 1_000 }],
  ])("lets all go at once where %s", (_, options) => {
    expect(new Pace(options).due(0)).toBe(Number.POSITIVE_INFINITY);
  });

  it("takes a clock that was set back for one that stands still", () => {
    expect(new Pace({ rate: 100, clients: 1_000, withinMs: 60_000 }).due(-5_000)).toBe(5);
  });
});
