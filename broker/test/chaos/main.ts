import { randomInt } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { describeMachine } from "../../bench/machine.js";
import { choiceOf, numberOf, program } from "../support/options.js";
import type { ToolContext } from "../support/tools.js";
import { commandOf, type Runtime } from "../torture/mqttd-child.js";
import type { Sessions } from "./chaos-cast.js";
import { ChaosCluster } from "./chaos-cluster.js";
import { type ChaosReport, problemsOf, type TimedEvent, textOf } from "./chaos-report.js";
import { USUAL_FAULTS } from "./faults.js";
import { Round } from "./round.js";

const HELP = `Harms three brokers and three nats-servers at random under load, and checks from outside what they owe their clients:
kill -9, SIGSTOP, rolling restarts, brokers cut off from NATS, while clients of all kinds reconnect to whatever broker they find.

  --minutes N                       how long (10)
  --runtime node|bun                what runs the brokers (node)
  --seed N                          chooses the same faults and loads again, as far as timing allows (random)
  --sessions clean|persistent|both  sessions that end with their connections, or outlive them (clean)
  --faults KIND,KIND                only these of kill broker, restart broker, freeze broker, cut broker off, kill NATS, freeze NATS
  --round-seconds N                 load before each check (30)
  --out FOLDER                      where chaos.json and chaos.txt go (nowhere)
  --verbose                         tells each fault when it happens

Ends with 0 if nothing was wrong, 1 if something was, 2 if the command line is not understood.
`;
const SETTLE_SECONDS = 5;
const KINDS = [...new Set(USUAL_FAULTS)];

await program(HELP, read, main);

function read() {
  const { values } = parseArgs({
    options: {
      minutes: { type: "string", default: "10" },
      runtime: { type: "string", default: "node" },
      seed: { type: "string", default: String(randomInt(2 ** 31)) },
      sessions: { type: "string", default: "clean" },
      faults: { type: "string", default: KINDS.join(",") },
      "round-seconds": { type: "string", default: "30" },
      out: { type: "string" },
      verbose: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const wanted = values.faults.split(",").map((kind) => choiceOf("faults", kind, KINDS));
  return {
    minutes: numberOf("minutes", values.minutes, { least: 0.1, mayBeFraction: true }),
    runtime: choiceOf<Runtime>("runtime", values.runtime, ["node", "bun"]),
    seed: numberOf("seed", values.seed, { least: 0 }),
    sessions: choiceOf<Sessions>("sessions", values.sessions, ["clean", "persistent", "both"]),
    kinds: USUAL_FAULTS.filter((kind) => wanted.includes(kind)), // as often as they stand there
    roundSeconds: numberOf("round-seconds", values["round-seconds"], { least: 1, mayBeFraction: true }),
    out: values.out,
    isVerbose: values.verbose,
  };
}

async function main(options: NonNullable<ReturnType<typeof read>>): Promise<boolean> {
  const { minutes, runtime, seed, sessions, kinds, roundSeconds, out, isVerbose } = options;
  const folder = mkdtempSync(join(tmpdir(), "mqttd-chaos-"));
  const cleanings: (() => void | Promise<void>)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const context: ToolContext = {
    task: { name: "chaos" },
    skip: (reason) => {
      throw new Error(reason);
    },
    onTestFinished: (clean) => void cleanings.push(clean),
  };
  let isInterrupted = false;
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => (isInterrupted = true));
  try {
    const events: TimedEvent[] = [];
    const startedMs = performance.now();
    let round = 0;
    const onEvent = (text: string) => {
      events.push({ atMs: Math.round(performance.now() - startedMs), round, text });
      if (isVerbose) tell(text);
    };
    const tell = (text: string) => process.stderr.write(`${clock(performance.now() - startedMs)} round ${round}: ${text}\n`);
    const cluster = await ChaosCluster.start({ context, command: commandOf(runtime, folder), brokers: 3, onNote: onEvent });
    const until = startedMs + minutes * 60_000;
    const rounds: ChaosReport["rounds"][number][] = [];
    while (!isInterrupted && (rounds.length === 0 || performance.now() < until)) {
      round++;
      const leftMs = until - performance.now() - SETTLE_SECONDS * 1_000;
      const loadMs = Math.min(roundSeconds * 1_000, Math.max(5_000, leftMs));
      const own = seed + 1_000 * round;
      const result = await new Round({ cluster, prefix: `r${round}`, seed: own, loadMs, sessions, kinds, onEvent }).run();
      rounds.push({ round, seed: own, ...result });
      const { published, acknowledged, refused, received } = result.figures;
      tell(
        `${published} published, ${acknowledged} acknowledged, ${refused} refused, ${received} received; ${result.problems.length} problems`,
      );
      for (const problem of result.problems) tell(problem);
    }
    await cluster.close(); // then it is known what each has logged
    const errors: Record<string, number> = {};
    for (const broker of cluster.brokers) for (const [text, count] of broker.errors) errors[text] = (errors[text] ?? 0) + count;
    const report: ChaosReport = {
      ...{
        command: ["npm run chaos", "--", ...process.argv.slice(2)].join(" "),
        date: new Date().toISOString(),
        machine: describeMachine(),
      },
      ...{ runtime, seed, sessions, minutes: (performance.now() - startedMs) / 60_000, rounds, events, errors },
    };
    process.stdout.write(textOf(report));
    if (out !== undefined) write(report, out);
    return problemsOf(report).length === 0;
  } finally {
    for (const clean of cleanings.reverse()) await clean();
  }
}

function write(report: ChaosReport, folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "chaos.json"), `${JSON.stringify(report, undefined, 2)}\n`);
  const timeline = report.events.map(({ atMs, round, text }) => `${clock(atMs)} round ${round}: ${text}`);
  writeFileSync(join(folder, "chaos.txt"), `${textOf(report)}\n${timeline.join("\n")}\n`);
}

function clock(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1_000);
  return `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
}
