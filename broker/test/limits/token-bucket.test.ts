import { describe, expect, it } from "vitest";
import { TokenBucket } from "../../src/limits/token-bucket.js";

function bucket(perSecond: number, capacity: number): TokenBucket {
  const made = new TokenBucket();
  made.configure(perSecond, capacity, 0);
  return made;
}

/** How many of `count` tokens there are at a time. */
function taken(from: TokenBucket, count: number, nowMs: number): number {
  let got = 0;
  for (let i = 0; i < count; i++) if (from.take(nowMs)) got++;
  return got;
}

describe("TokenBucket", () => {
  it("gives everything until it is told a rate", () => {
    const unlimited = new TokenBucket();
    expect(unlimited.isOff).toBe(true);
    expect(taken(unlimited, 1_000, 0)).toBe(1_000);
  });

  it("begins full and gives no more than that at once", () => {
    expect(taken(bucket(10, 25), 100, 0)).toBe(25);
  });

  it("fills by its rate, also when it is asked often", () => {
    const ten = bucket(10, 10);
    taken(ten, 10, 0);
    let got = 0;
    for (let nowMs = 1; nowMs <= 1_000; nowMs++) got += taken(ten, 5, nowMs);
    expect(got).toBe(10);
  });

  it("saves up no more than it holds", () => {
    const ten = bucket(10, 15);
    taken(ten, 15, 0);
    expect(taken(ten, 100, 3_600_000)).toBe(15);
  });

  it("gives nothing for a clock that was set back, and goes on from there", () => {
    const ten = bucket(10, 10);
    taken(ten, 10, 50_000);
    expect(taken(ten, 10, 10_000)).toBe(0);
    expect(taken(ten, 10, 10_500)).toBe(5);
  });

  it("keeps what it has when the rate changes, within the new capacity", () => {
    const ten = bucket(10, 10);
    taken(ten, 7, 0);
    ten.configure(100, 100, 100);
    expect(taken(ten, 100, 100)).toBe(4);
    ten.configure(1, 2, 10_000);
    expect(taken(ten, 100, 10_000)).toBe(2);
    ten.configure(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 10_000);
    expect(taken(ten, 100, 10_000)).toBe(100);
  });

  it("begins full when it is switched on again", () => {
    const ten = bucket(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
    ten.configure(10, 10, 5_000);
    expect(taken(ten, 100, 5_000)).toBe(10);
  });
});
