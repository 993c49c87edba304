import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { runCampaign } from "./campaign.js";
import type { Runtime } from "./target-process.js";

const HELP = `Attacks the broker with mutated packets over sockets.

  --runtime node|bun|both  what runs the broker (both)
  --count N                mutated packets to send to each (1000000)
  --phases N               parts, after each of which memory is compared (10)
  --seed N                 repeats a run: the same attackers send the same bytes (random)
  --first N                number of the first attacker, to repeat a part (0)
`;

const { values } = parseArgs({
  options: {
    runtime: { type: "string", default: "both" },
    count: { type: "string", default: "1000000" },
    phases: { type: "string", default: "10" },
    seed: { type: "string", default: String(randomInt(2 ** 31)) },
    first: { type: "string", default: "0" },
    help: { type: "boolean", default: false },
  },
});

if (values.help) process.stdout.write(HELP);
else process.exitCode = (await main()) ? 0 : 1;

async function main(): Promise<boolean> {
  const [seed, packets, phases, first] = [values.seed, values.count, values.phases, values.first].map(Number) as [
    number,
    number,
    number,
    number,
  ];
  if (![seed, packets, phases, first].every(Number.isSafeInteger) || !["node", "bun", "both"].includes(values.runtime)) {
    process.stderr.write(HELP);
    return false;
  }
  const runtimes: readonly Runtime[] = values.runtime === "both" ? ["node", "bun"] : [values.runtime as Runtime];
  let isFine = true;
  for (const runtime of runtimes) {
    const progress = (text: string) => process.stderr.write(`${runtime}: ${text}\n`);
    const result = await runCampaign({ runtime, seed, packets, phases, first, progress });
    const { problems, heapBytes, residentBytes, ...figures } = result;
    const [heap, resident] = [heapBytes, residentBytes].map((bytes) => bytes.map((each) => (each / 1_048_576).toFixed(1)).join(" "));
    console.log(`${runtime}: seed ${seed}, ${JSON.stringify(figures)}\n  heap MiB by phase: ${heap}\n  resident MiB by phase: ${resident}`);
    for (const problem of problems) console.log(`  PROBLEM ${problem}`);
    console.log(problems.length === 0 ? "  nothing went wrong" : `  repeat with --runtime ${runtime} --seed ${seed} --count ${packets}`);
    isFine &&= problems.length === 0;
  }
  return isFine;
}
