import { parseArgs } from "node:util";
import type { Runtime } from "../fuzz/target-process.js";
import { abuse } from "./campaign.js";
import { SCENARIOS } from "./scenarios.js";

const NAMES = SCENARIOS.map(({ name }) => name);
const HELP = `Behaves badly towards the broker in several ways, and watches what well-behaved clients see.

  --runtime node|bun|both  what runs the broker (both)
  --only NAME              one of ${NAMES.join(", ")} (all)
  --scale N                how much of it, 0 to 1 (1)
`;
const QUIET_MS = 4_000;
const MIB = 1_048_576;

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
  let isFine = true;
  for (const runtime of runtimes) {
    for (const scenario of SCENARIOS.filter(({ name }) => name === (values.only ?? name))) {
      process.stderr.write(`${runtime}: ${scenario.title} …\n`);
      const { quiet, during, growthBytes, told, problems } = await abuse(scenario, { runtime, scale, quietMs: QUIET_MS });
      const ratio = (during.p99Ms / quiet.p99Ms).toFixed(2);
      const others = `p99 of the others ${quiet.p99Ms.toFixed(2)} ms before, ${during.p99Ms.toFixed(2)} ms during (${ratio} ×)`;
      console.log(`${runtime}, ${scenario.name}: ${told}; ${others}; memory + ${(growthBytes / MIB).toFixed(1)} MiB`);
      for (const problem of problems) console.log(`  PROBLEM ${problem}`);
      isFine &&= problems.length === 0;
    }
  }
  return isFine;
}
