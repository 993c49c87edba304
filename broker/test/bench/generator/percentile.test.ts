import { describe, expect, it } from "vitest";
import { medianOfSlices, percentile } from "../../../bench/generator/percentile.js";

const TO_100 = Float64Array.from({ length: 100 }, (_, index) => 100 - index);

describe("percentile()", () => {
  it.each([
    [0.5, 50],
    [0.99, 99],
    [0.999, 100],
    [1, 100],
    [0, 1],
  ])("of 1 to 100 at %d is %i", (share, expected) => {
    expect(percentile(TO_100, share)).toBe(expected);
  });

  it("leaves the order of the values alone", () => {
    percentile(TO_100, 0.5);
    expect(TO_100[0]).toBe(100);
  });
});

describe("medianOfSlices()", () => {
  it("does not let one bad slice speak for all", () => {
    const values = Float64Array.from([1, 2, 900, 900, 3, 4]);
    expect(medianOfSlices(values, 2, 1)).toBe(4);
    expect(percentile(values, 0.9)).toBe(900);
  });

  it("counts what is left at the end to the last slice, and takes fewer values than a slice as one", () => {
    expect(medianOfSlices(Float64Array.from([1, 1, 2, 2, 9]), 2, 1)).toBe(1);
    expect(medianOfSlices(Float64Array.from([5, 7]), 100, 1)).toBe(7);
  });
});
