import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { numberOf, program, runtimesOf } from "../support/options.js";
import { runCampaign } from "./campaign.js";

const HELP = `Attacks the broker with mutated packets over sockets.

  --runtime node|bun|both  what runs the broker (both)
  --count N                mutated packets to send to each (1000000)
  --phases N               parts, after each of which memory is compared (10)
  --seed N                 repeats a run: the same attackers send the same bytes (random)
  --first N                number of the first attacker, to repeat a part (0)

Ends with 0 if nothing was wrong, 1 if something was, 2 if the command line is not understood.
`;

await program(HELP, read, main);

function read() {
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
  if (values.help) return undefined;
  return {
    runtimes: runtimesOf(values.runtime),
    packets: numberOf("count", values.count, { least: 1 }),
    phases: numberOf("phases", values.phases, { least: 1 }),
    seed: numberOf("seed", values.seed, { least: 0 }),
    first: numberOf("first", values.first, { least: 0 }),
  };
}

async function main({ runtimes, packets, phases, seed, first }: NonNullable<ReturnType<typeof read>>): Promise<boolean> {
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
