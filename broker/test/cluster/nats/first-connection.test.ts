import { describe, expect, it } from "vitest";
import { Backoff } from "../../../src/cluster/nats/backoff.js";
import { isAtLeast } from "../../../src/cluster/nats/first-connection.js";

describe("isAtLeast()", () => {
  it.each([
    ["2.11.0", true],
    ["2.11.0-preview.2", true],
    ["2.15.2", true],
    ["3.0.0", true],
    ["2.10.29", false],
    ["1.99.99", false],
    ["", false],
  ])("takes %s for 2.11 or newer: %s", (version, expected) => {
    expect(isAtLeast(version, "2.11.0")).toBe(expected);
  });
});

describe("the time between two attempts", () => {
  it("grows to 2 seconds, spread by chance, and starts anew", () => {
    const [shortest, longest] = [new Backoff(() => 0), new Backoff(() => 1)];
    const times = Array.from({ length: 12 }, () => [shortest.nextMs(), longest.nextMs()]);
    expect(times[0]).toEqual([50, 100]);
    expect(times.at(-1)).toEqual([1_000, 2_000]);
    longest.reset();
    expect(longest.nextMs()).toBe(100);
  });
});
