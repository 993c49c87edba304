/* npm run bench: our broker beside others, in one run. `--help` says how. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeCertificate } from "./certificate.js";
import type { Contender } from "./contender.js";
import { findContenders, findRuntimes } from "./contenders.js";
import { describeMachine, openFileLimit } from "./machine.js";
import { type Conditions, measure, notApplicable } from "./measure.js";
import { HELP, type Options, parseOptions, pick } from "./options.js";
import { coresToPin } from "./pinned-process.js";
import { progressOn } from "./progress.js";
import { markdownOf } from "./report/markdown.js";
import type { Report } from "./report/report.js";
import { verdictsOf } from "./report/verdict.js";
import { writeReport } from "./report/write-report.js";
import { FULL, QUICK, type Row, rows, type Scale } from "./rows.js";
import { runSteps, stepsOf } from "./schedule.js";

const RESULTS = join(dirname(fileURLToPath(import.meta.url)), "results");
const FULL_TIMES = { warmUpMs: 1_000, windowMs: 3_000 };
const QUICK_TIMES = { warmUpMs: 500, windowMs: 1_000 };
/** Sockets apart, a process has a few dozen files open, and the generator opens 500 connections to warm up. */
const FILES_KEPT_FREE = 1_000;
/** Twice what a run with all columns takes; then it reports what it has. */
const RUN_LIMIT_MS = 25 * 60_000;

try {
  await bench(parseOptions(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

async function bench(options: Options): Promise<void> {
  if (options.help) {
    console.log(HELP);
    return;
  }
  const runtimes = findRuntimes();
  const { contenders: all, missing } = findContenders(runtimes, process.env.BENCH_NODE24);
  const contenders = options.brokers === undefined ? [...all] : pick(all, options.brokers, "--brokers");
  const everyRow = rows(fittingScale(options.isQuick ? QUICK : FULL));
  const usual = everyRow.filter(({ byDefault, name }) => byDefault && !(options.isQuick && name === "topics"));
  const chosen = options.only === undefined ? usual : pick(everyRow, options.only, "--only");

  const folder = mkdtempSync(join(tmpdir(), "mqtt-bench-"));
  const interrupt = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => interrupt.abort());
  try {
    const conditions: Conditions = {
      generatorRuntime: runtimes.bun ?? runtimes.node,
      version: options.version,
      ...(options.isQuick ? QUICK_TIMES : FULL_TIMES),
      certificate: makeCertificate(folder),
      cores: coresToPin(),
      signal: AbortSignal.any([interrupt.signal, AbortSignal.timeout(RUN_LIMIT_MS)]),
    };
    for (const [name, reason] of missing) console.error(`without ${name}: ${reason}`);
    const report = await run(options, chosen, contenders, conditions);
    console.log(markdownOf(report));
    const out = options.out ?? (existsSync(RESULTS) ? RESULTS : undefined);
    if (out !== undefined) writeReport(report, out);
    if (verdictsOf(report).some(({ must }) => must === "missed")) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(options: Options, chosen: readonly Row[], contenders: readonly Contender[], conditions: Conditions): Promise<Report> {
  const date = new Date().toISOString();
  const steps = stepsOf(chosen, contenders, options.rounds).filter(
    ({ row, contender }) => notApplicable(row, contender, conditions) === undefined,
  );
  const { signal } = conditions;
  const measurements = await runSteps(
    steps,
    ({ row, contender }) => measure(row, contender, conditions),
    progressOn(process.stderr),
    signal,
  );
  return {
    date,
    command: ["npm run bench", ...(process.argv.length > 2 ? ["--", ...process.argv.slice(2)] : [])].join(" "),
    machine: describeMachine(),
    conditions: [...sentences(options, conditions), ...(signal.aborted ? ["**Interrupted** before it was done."] : [])],
    rows: chosen,
    contenders: contenders.map(({ name, title, role, budgets }) => ({ name, title, role, budgets })),
    measurements,
  };
}

function sentences({ rounds, isQuick }: Options, { version, warmUpMs, windowMs, generatorRuntime, cores }: Conditions): string[] {
  return [
    `MQTT ${version === 5 ? "5.0" : "3.1.1"}, payloads of 64 bytes, loopback.`,
    cores === undefined
      ? "Processes were not pinned to cores."
      : `Each broker alone on core ${cores.broker}, the generator on core ${cores.generator}.`,
    `${warmUpMs / 1000} s of warm-up, then ${windowMs / 1000} s measured, in ${rounds} ${rounds === 1 ? "round" : "rounds"} over all brokers.`,
    `The generator ran on ${/bun/.test(generatorRuntime) ? "Bun" : "Node, which is slower than Bun and may be what bounds a row"}.`,
    ...(isQuick ? ["Quick run: short and once, not for quoting."] : []),
  ];
}

/** Fewer connections where a process may not open as many files. */
function fittingScale(scale: Scale): Scale {
  const connections = Math.min(scale.connections, Math.max(1_000, openFileLimit() - FILES_KEPT_FREE));
  if (connections < scale.connections) console.error(`only ${connections} connections: the limit of open files is ${openFileLimit()}`);
  return { ...scale, connections };
}
