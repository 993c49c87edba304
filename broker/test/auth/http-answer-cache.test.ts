import { describe, expect, it } from "vitest";
import { HttpAnswerCache } from "../../src/auth/http-answer-cache.js";
import { ManualClock } from "../support/manual-clock.js";

function cacheOf(maxEntries: number) {
  const clock = new ManualClock();
  return { cache: new HttpAnswerCache<boolean | undefined>(maxEntries, clock), clock };
}

describe("HttpAnswerCache", () => {
  it("knows what it was told, even undefined, until its time is over", () => {
    const { cache, clock } = cacheOf(10);
    cache.set("a", true, 1_000);
    cache.set("b", undefined, 2_000);
    clock.advance(999);
    expect(cache.get("a")).toMatchObject({ value: true });
    clock.advance(1);
    expect(cache.get("a")).toBeUndefined();
    expect(cache.get("b")).toMatchObject({ value: undefined });
    expect(cache.size).toBe(1);
  });

  it("holds as many as it may, and lets go of what was asked for longest ago", () => {
    const { cache } = cacheOf(3);
    for (const key of ["a", "b", "c"]) cache.set(key, true, 1_000);
    cache.get("a");
    for (let i = 0; i < 100; i++) {
      cache.set("d", true, 1_000);
      cache.get("a");
    }
    expect(cache.size).toBe(3);
    expect(["a", "b", "c", "d"].filter((key) => cache.get(key) !== undefined)).toEqual(["a", "c", "d"]);
  });

  it("holds nothing that does not last, or has a key that is too long", () => {
    const { cache } = cacheOf(3);
    cache.set("a", true, 0);
    cache.set("b", true, -1);
    cache.set("c", true, Number.NaN);
    cache.set("x".repeat(1_025), true, 1_000);
    expect(cache.size).toBe(0);
    cache.set("x".repeat(1_024), true, 1_000);
    expect(cache.size).toBe(1);
  });

  it("takes a later word for an earlier one", () => {
    const { cache } = cacheOf(3);
    cache.set("a", true, 1_000);
    cache.set("a", false, 1_000);
    expect(cache.get("a")).toMatchObject({ value: false });
    expect(cache.size).toBe(1);
  });
});
