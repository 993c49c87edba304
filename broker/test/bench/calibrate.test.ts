import { describe, expect, it } from "vitest";
import { costsOf, ROWS } from "../../bench/calibrate/costs.js";
import { withValues } from "../../bench/calibrate/edit-measurements.js";
import type { Measurement } from "../../bench/measurement.js";
import type { Report } from "../../bench/report/report.js";

const SOURCE = `export const A = {
  bun: {
    bytes: 1,
    /** Of three. */
    seconds: [1, 2, 3],
  },
  node: {
    bytes: 1,
  },
};
`;

describe("costsOf()", () => {
  it("counts what the broker's core was busy for, interrupts included and other programs not", () => {
    const costs = costsOf(report(100_000), "mqttd-bun");
    expect(costs.messageSeconds[0]).toBeCloseTo(0.8 / 100_000);
    expect(costs.connectSeconds).toBeCloseTo(0.8 / 20_000);
    expect(costs.processBytes).toBe(85_000_000);
  });

  it("names a row that is missing or failed", () => {
    const { measurements, ...rest } = report(1);
    const without = measurements.filter(({ row }) => row !== "sparse-tls");
    expect(() => costsOf({ ...rest, measurements: without }, "mqttd-bun")).toThrow("row 'sparse-tls' of mqttd-bun was not measured");
    const failed = [...without, { row: "sparse-tls", contender: "mqttd-bun", round: 0, outcome: { failure: "died: EMFILE" } }];
    expect(() => costsOf({ ...rest, measurements: failed }, "mqttd-bun")).toThrow("died: EMFILE");
  });
});

describe("withValues()", () => {
  it("writes numbers behind their names, in that object alone", () => {
    expect(withValues(SOURCE, "bun: {", { bytes: 1_926.98, seconds: [8.912e-6, 0, 2] })).toBe(
      SOURCE.replace("bytes: 1,", "bytes: 1_930,").replace("[1, 2, 3]", "[0.00000891, 0, 2]"),
    );
  });

  it("refuses names that are not there", () => {
    expect(() => withValues(SOURCE, "deno: {", {})).toThrow("no 'deno: {'");
    expect(() => withValues(SOURCE, "node: {", { seconds: [1] })).toThrow("no 'seconds' in 'node: {'");
  });
});

function report(value: number): Report {
  const processor = { broker: 0.7, generator: 0.5, cores: [0.9, 0.5], others: [0.1, 0] };
  const details = { residentBytesAt0: 85_000_000, perSecond: 20_000 };
  const measurements: Measurement[] = ROWS.map((row) => ({
    row,
    contender: "mqttd-bun",
    round: 0,
    outcome: { value, details, processor },
  }));
  return { date: "", command: "", machine: "", conditions: [], rows: [], contenders: [], measurements };
}
