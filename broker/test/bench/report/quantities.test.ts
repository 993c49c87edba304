import { describe, expect, it } from "vitest";
import { bound, quantity } from "../../../bench/report/quantities.js";

describe("quantity()", () => {
  it.each([
    [4_213_000, "msg/s", "4.21 M msg/s"],
    [92_113, "msg/s", "92.1 k msg/s"],
    [101_900, "conn/s", "102 k conn/s"],
    [812.3, "conn/s", "812 conn/s"],
    [1_309.6, "B", "1,310 B"],
    [73.4, "µs", "73 µs"],
  ] as const)("writes %d %s as %s", (value, unit, text) => {
    expect(quantity(value, unit)).toBe(text);
  });
});

describe("bound()", () => {
  it("says which side is good and what it is measured in", () => {
    expect(bound(15, { better: "higher", unit: "msg/s" }, { of: "every", measure: "ratio", must: 15 })).toBe("≥ 15 × mosquitto");
    expect(bound(2_048, { better: "lower", unit: "B" }, { of: "bun", measure: "value", must: 2_048 })).toBe("≤ 2,048 B");
  });
});
