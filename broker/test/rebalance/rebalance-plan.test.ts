import { describe, expect, it } from "vitest";
import { DEFAULT_THRESHOLDS, rebalancePlan } from "../../src/rebalance/rebalance-plan.js";

const loads = (...counts: readonly (readonly [connected: number, sessions: number])[]) =>
  counts.map(([connected, sessions], index) => ({ node: `n${index}`, connected, sessions }));

const LOW = { absConnThreshold: 10, relConnThreshold: 1.1, absSessThreshold: 10, relSessThreshold: 1.1 };

const plan = (...args: Parameters<typeof rebalancePlan<ReturnType<typeof loads>[number]>>) =>
  rebalancePlan(...args).map(({ donor, ...goals }) => ({ node: donor.node, ...goals }));

describe("rebalancePlan()", () => {
  it("has those above the average give away what is above it", () => {
    expect(plan(loads([9_000, 9_000], [3_000, 3_000], [0, 0]), DEFAULT_THRESHOLDS)).toEqual([
      { node: "n0", connectionGoal: 4_000, sessionGoal: 4_000 },
    ]);
  });

  it("leaves what is not too much where it is: sessions may be unequal while clients are not", () => {
    expect(plan(loads([100, 900], [100, 100]), LOW)).toEqual([{ node: "n0", connectionGoal: 100, sessionGoal: 500 }]);
  });

  it("rounds up, so that nobody gives more than there is above the average", () => {
    expect(plan(loads([50, 0], [0, 0], [0, 0]), LOW)).toEqual([{ node: "n0", connectionGoal: 17, sessionGoal: 0 }]);
  });

  it.each([
    ["the number is below the absolute threshold", loads([9, 9], [0, 0])],
    ["the factor is below the relative threshold", loads([1_050, 1_050], [1_000, 1_000])],
    ["all have the same", loads([5_000, 5_000], [5_000, 5_000])],
    ["nobody has any", loads([0, 0], [0, 0])],
  ])("does nothing where %s", (_, brokers) => {
    expect(plan(brokers, LOW)).toEqual([]);
  });
});
