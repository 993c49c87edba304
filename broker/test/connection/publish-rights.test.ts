import { describe, expect, it } from "vitest";
import { PublishRights } from "../../src/connection/publish-rights.js";
import { SettableClock } from "../support/settable-clock.js";

const NEVER = Number.POSITIVE_INFINITY;

describe("PublishRights", () => {
  const made = () => {
    const clock = new SettableClock();
    const rights = new PublishRights();
    rights.holds(0, undefined, clock);
    return { clock, rights };
  };

  it("know an answer for a topic, QoS and RETAIN once it was given, and no other", () => {
    const { rights } = made();
    rights.remember("a", 1, true, true, NEVER);
    rights.remember("a", 2, false, false, NEVER);
    expect(rights.recall("a", 1, true)).toBe(true);
    expect(rights.recall("a", 2, false)).toBe(false);
    for (const [qos, retain] of [
      [0, false],
      [0, true],
      [1, false],
      [2, true],
    ] as const)
      expect(rights.recall("a", qos, retain)).toBeUndefined();
    expect(rights.recall("b", 1, true)).toBeUndefined();
    expect(rights.recall("", 0, false)).toBeUndefined();
  });

  it("know the answers for several topics", () => {
    const { rights } = made();
    for (const [topic, allowed] of [
      ["a", true],
      ["b", false],
      ["c", true],
    ] as const)
      rights.remember(topic, 0, false, allowed, NEVER);
    rights.remember("a", 1, false, false, NEVER);
    expect(["a", "b", "c", "a"].map((topic) => rights.recall(topic, 0, false))).toEqual([true, false, true, true]);
    expect(rights.recall("a", 1, false)).toBe(false);
  });

  it("never know of more than 64 topics, nor of one longer than 256 units", () => {
    const { rights } = made();
    for (let i = 0; i < 1_000; i++) {
      rights.remember(`t/${i}`, 0, false, true, NEVER);
      expect(rights.size).toBeLessThanOrEqual(64);
      expect(rights.recall(`t/${i}`, 0, false)).toBe(true);
    }
    rights.remember("x".repeat(257), 0, false, true, NEVER);
    expect(rights.recall("x".repeat(257), 0, false)).toBeUndefined();
  });

  it("are forgotten with another generation, other rules, and when their time has passed", () => {
    const { clock, rights } = made();
    const known = () => rights.recall("a", 0, false);
    rights.remember("a", 0, false, true, NEVER);
    expect(rights.holds(0, undefined, clock) && known()).toBe(true);
    expect(rights.holds(1, undefined, clock)).toBe(false);
    expect(known()).toBeUndefined();

    const rules = [{ permission: "allow", action: "all" }] as const;
    rights.remember("a", 0, false, true, NEVER);
    expect(rights.holds(1, rules, clock)).toBe(false);
    expect(known()).toBeUndefined();

    rights.remember("a", 0, false, true, clock.now() + 1_000);
    rights.remember("b", 0, false, true, NEVER);
    clock.nowMs += 999;
    expect(rights.holds(1, rules, clock) && known()).toBe(true);
    clock.nowMs += 1;
    expect(rights.holds(1, rules, clock)).toBe(false);
    expect(known()).toBeUndefined();
    expect(rights.size).toBe(0);
  });
});
