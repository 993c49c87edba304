import { randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { numberOf, program, runtimesOf } from "../support/options.js";
import { runCampaign } from "./campaign.js";
import { commandOf, losslessArgs } from "./mqttd-child.js";

const HELP = `Kills the broker at random moments under load, and checks from outside that it keeps what it acknowledged.

  --runtime node|bun|both  what runs the broker (both)
  --rounds N               how often each is killed (50)
  --seed N                 chooses the same moments and loads again, as far as timing allows (random)
  --padding N              bytes that a payload may have; 60000 has the store compact itself every few rounds (600)
  --keep                   leave the store there

Ends with 0 if nothing was wrong, 1 if something was, 2 if the command line is not understood.
`;

await program(HELP, read, main);

function read() {
  const { values } = parseArgs({
    options: {
      runtime: { type: "string", default: "both" },
      rounds: { type: "string", default: "50" },
      seed: { type: "string", default: String(randomInt(2 ** 31)) },
      padding: { type: "string", default: "600" },
      keep: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  return {
    runtimes: runtimesOf(values.runtime),
    rounds: numberOf("rounds", values.rounds, { least: 1 }),
    seed: numberOf("seed", values.seed, { least: 0 }),
    maxPadding: numberOf("padding", values.padding, { least: 0 }),
    isKept: values.keep,
  };
}

async function main({ runtimes, rounds, seed, maxPadding, isKept }: NonNullable<ReturnType<typeof read>>): Promise<boolean> {
  let isFine = true;
  for (const runtime of runtimes) {
    const folder = mkdtempSync(join(tmpdir(), "mqttd-torture-"));
    const { file, args } = commandOf(runtime, folder);
    const progress = (line: string) => process.stderr.write(`${runtime}: ${line}\n`);
    const { problems, ...figures } = await runCampaign({
      command: { file, args: [...args, ...losslessArgs(join(folder, "store"))] },
      ...{ rounds, seed, maxPadding, progress },
    });
    console.log(`${runtime}: seed ${seed}, ${JSON.stringify(figures)}`);
    for (const problem of problems) console.log(`  PROBLEM ${problem}`);
    console.log(
      problems.length === 0 ? "  nothing lost, nothing twice" : `  repeat with --runtime ${runtime} --seed ${seed} --rounds ${rounds}`,
    );
    if (isKept) console.log(`  ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
    isFine &&= problems.length === 0;
  }
  return isFine;
}
