import { describe, expect, it } from "vitest";
import { cellOf, isDisturbed, type Measurement, medianOf } from "../../bench/measurement.js";
import { measured } from "./report/a-report.js";

describe("cellOf()", () => {
  it("takes the median of the rounds, and the lowest and highest", () => {
    expect(cellOf(measurements(300, 100, 200), "qos0", "a")).toMatchObject({ median: 200, min: 100, max: 300, rounds: 3 });
  });

  it("takes the mean of the two in the middle of an even number", () => {
    expect(medianOf(cellOf(measurements(4, 1, 3, 2), "qos0", "a"))).toBe(2.5);
  });

  it("has failed if one round has", () => {
    const failed: Measurement = { row: "qos0", contender: "a", round: 2, outcome: { failure: "died" } };
    const cell = cellOf([...measurements(1), failed], "qos0", "a");
    expect(cell).toEqual({ failure: "died" });
    expect(medianOf(cell)).toBeUndefined();
  });

  it("leaves out rounds that other programs disturbed, unless all are", () => {
    const disturbed = (value: number) => ({ row: "qos0", contender: "a", round: 9, outcome: measured(value, [0, 0.2]) });
    expect(cellOf([...measurements(100, 200), disturbed(20), disturbed(30)], "qos0", "a")).toMatchObject({ median: 150, rounds: 2 });
    expect(cellOf([disturbed(20), disturbed(30)], "qos0", "a")).toMatchObject({ median: 25, rounds: 2 });
  });

  it("is undefined for what was not measured", () => {
    expect(cellOf(measurements(1), "qos1", "a")).toBeUndefined();
    expect(cellOf(measurements(1), "qos0", "b")).toBeUndefined();
  });
});

describe("isDisturbed()", () => {
  it("says so when other programs took more than a twentieth of either core", () => {
    const disturbed = (others: readonly number[]) => isDisturbed(measured(1, others));
    expect(disturbed([0.02, 0.05])).toBe(false);
    expect(disturbed([0, 0.06])).toBe(true);
    expect(disturbed([])).toBe(false);
  });
});

function measurements(...values: readonly number[]): Measurement[] {
  return values.map((value, index) => ({ row: "qos0", contender: "a", round: index + 1, outcome: measured(value) }));
}
