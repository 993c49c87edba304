/* npm run bench:million: as many live connections as this machine holds. `--help` says how. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findRuntimes } from "../contenders.js";
import { describeMachine } from "../machine.js";
import { findNats } from "./brokers.js";
import { chartsOf } from "./charts.js";
import { Children } from "./children.js";
import { thisMachine } from "./machine.js";
import { type MillionReport, markdownOf } from "./markdown.js";
import { HELP, type MillionOptions, parseOptions } from "./options.js";
import { planOf, planText } from "./plan.js";
import { runMillion } from "./run.js";

const HERE = dirname(fileURLToPath(import.meta.url));
const MQTTD = join(HERE, "../../dist/mqttd.js");
const RESULTS = join(HERE, "../results");

try {
  process.exitCode = await million(parseOptions(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

async function million(options: MillionOptions): Promise<number> {
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const machine = thisMachine();
  const plan = planOf(options, machine);
  console.log(planText(plan, machine));
  if (options.isPlanOnly) return plan.problems.length === 0 ? 0 : 1;
  const missing = whatIsMissing(options);
  for (const problem of missing) console.error(problem);
  if (missing.length > 0 || (plan.problems.length > 0 && !options.isForced)) return 1;

  const children = new Children();
  const interrupt = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => interrupt.abort());
  const runtimes = findRuntimes();
  const runtime = options.runtime === "bun" ? runtimes.bun! : runtimes.node;
  const date = new Date().toISOString();
  const startedMs = Date.now();
  const result = await runMillion({
    ...{ children, plan, options, signal: interrupt.signal },
    program: [runtime, MQTTD],
    say: (text) => console.log(`${String(Math.round((Date.now() - startedMs) / 1_000)).padStart(5)} s  ${text}`),
  });
  children.killAll();
  const version = execFileSync(runtime, ["--version"], { encoding: "utf8" }).trim().replace(/^v/, "");
  const report: MillionReport = {
    ...{ date, options, plan, result },
    command: ["npm run bench:million", ...(process.argv.length > 2 ? ["--", ...process.argv.slice(2)] : [])].join(" "),
    machine: `${describeMachine()}, ${machine.openFiles.toLocaleString("en")} open files a process`,
    runtime: `Brokers and clients on ${options.runtime === "bun" ? "Bun" : "Node"} ${version}`,
  };
  console.log(`\n${markdownOf(report)}`);
  write(report);
  return result.problems.length === 0 ? 0 : 1;
}

function whatIsMissing({ isStandalone, runtime }: MillionOptions): string[] {
  const problems: string[] = [];
  if (!existsSync(MQTTD)) problems.push("broker/dist/mqttd.js is not there: npm run build");
  if (!isStandalone && findNats() === undefined) {
    problems.push("no nats-server on PATH: go install github.com/nats-io/nats-server/v2@v2.15.2, or --standalone for brokers without it");
  }
  if (runtime === "bun" && findRuntimes().bun === undefined)
    problems.push("the npm package 'bun' has no binary for this machine: --runtime node");
  return problems;
}

function write(report: MillionReport): void {
  const out = report.options.out ?? (existsSync(RESULTS) ? RESULTS : undefined);
  if (out === undefined) return;
  mkdirSync(out, { recursive: true });
  const file = join(out, report.options.name);
  writeFileSync(`${file}.md`, markdownOf(report));
  writeFileSync(`${file}.json`, `${JSON.stringify(report, undefined, 2)}\n`);
  writeFileSync(`${file}.svg`, chartsOf(report.result.moments, report.date));
}
