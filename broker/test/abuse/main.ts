import { parseArgs } from "node:util";
import type { Runtime } from "../fuzz/target-process.js";
import { type AbuseResult, abuse } from "./campaign.js";
import { canStandApart } from "./other-machines.js";
import type { Scenario } from "./scenario.js";
import { SCENARIOS } from "./scenarios.js";

const NAMES = SCENARIOS.map(({ name }) => name);
const HELP = `Behaves badly towards the broker in several ways, and watches what well-behaved clients see.

  --runtime node|bun|both  what runs the broker (both)
  --only NAME              one of ${NAMES.join(", ")} (all)
  --scale N                how much of it, 0 to 1 (1)
`;
const QUIET_MS = 4_000;
const MIB = 1_048_576;
/** Of an attack where the others are watched. */
const REHEARSED = 0.5;
/** The p99 of the others, in that of the quiet time. */
const MAX_RATIO = 2;

const { values } = parseArgs({
  options: {
    runtime: { type: "string", default: "both" },
    only: { type: "string" },
    scale: { type: "string", default: "1" },
    help: { type: "boolean", default: false },
  },
});

if (values.help) process.stdout.write(HELP);
else process.exitCode = (await main()) ? 0 : 1;

async function main(): Promise<boolean> {
  const scale = Number(values.scale);
  const isKnown = values.only === undefined || NAMES.includes(values.only);
  if (!(scale > 0 && scale <= 1) || !["node", "bun", "both"].includes(values.runtime) || !isKnown) {
    process.stderr.write(HELP);
    return false;
  }
  const runtimes: readonly Runtime[] = values.runtime === "both" ? ["node", "bun"] : [values.runtime as Runtime];
  const areClientsApart = canStandApart();
  if (!areClientsApart) process.stderr.write("clients and broker share all cores: what the others see is not judged\n");
  let isFine = true;
  for (const runtime of runtimes) {
    for (const scenario of SCENARIOS.filter(({ name }) => name === (values.only ?? name))) {
      process.stderr.write(`${runtime}: ${scenario.title} …\n`);
      const rehearsalScale = scenario.sparesOthers ? scale * REHEARSED : 0;
      const result = await abuse(scenario, { runtime, scale, quietMs: QUIET_MS, rehearsalScale, areClientsApart });
      const { told, growthBytes } = result;
      const problems = [...result.problems, ...(areClientsApart && scenario.sparesOthers ? problemOfOthers(result) : [])];
      console.log(`${runtime}, ${scenario.name}: ${told}; memory + ${(growthBytes / MIB).toFixed(1)} MiB`);
      console.log(`  ${ofOthers(scenario, result)}`);
      for (const problem of problems) console.log(`  PROBLEM ${problem}`);
      isFine &&= problems.length === 0;
    }
  }
  return isFine;
}

function ofOthers({ sparesOthers }: Scenario, { quiet, during }: AbuseResult): string {
  const ratio = `ratio ${(during.p99Ms / quiet.p99Ms).toFixed(2)}, ${sparesOthers ? `allowed ${MAX_RATIO}` : "not judged"}`;
  return `p99 of others: ${quiet.p99Ms.toFixed(2)} ms quiet, ${during.p99Ms.toFixed(2)} ms abused, ${ratio}`;
}

function problemOfOthers({ quiet, during }: AbuseResult): string[] {
  return during.p99Ms > MAX_RATIO * quiet.p99Ms ? ["the others notice it: their p99 is more than it may be"] : [];
}
