import { describe, expect, it } from "vitest";
import { slopeOf } from "../../../bench/generator/slope.js";

describe("slopeOf()", () => {
  it("is that of the line if all points are on one", () => {
    const points = [0, 2_000, 4_000, 6_000].map((x) => [x, 40_000_000 + 1_300 * x] as const);
    expect(slopeOf(points)).toBeCloseTo(1_300);
  });

  it("lets points above and below the line cancel out", () => {
    expect(slopeOf([...[0, 1, 2, 3].map((x) => [x, 5 * x + 1] as const), ...[0, 1, 2, 3].map((x) => [x, 5 * x - 1] as const)])).toBeCloseTo(
      5,
    );
  });
});
