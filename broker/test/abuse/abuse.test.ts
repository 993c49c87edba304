import { describe, expect, it } from "vitest";
import { abuse } from "./campaign.js";
import { SCENARIOS } from "./scenarios.js";

/** Of the whole, which `npm run abuse` does. */
const SCALE: Readonly<Record<string, number>> = { "slow-reader": 0.05, churn: 0.004 };
const OTHERS = 0.05;

describe("a broker that is abused stays as large as it may be, tells what happened, and serves the others", () => {
  it.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))("%s", { timeout: 120_000 }, async (name, scenario) => {
    const runtime = process.versions.bun === undefined ? "node" : "bun";
    const options = { scale: SCALE[name] ?? OTHERS, quietMs: 0, rehearsalScale: 0, areClientsApart: false, warmUpMs: 0 };
    const result = await abuse(scenario, { ...options, runtime });
    expect(result.problems).toEqual([]);
    expect(result.during.messages).toBeGreaterThan(0);
  });
});
