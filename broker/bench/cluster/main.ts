/* npm run bench:cluster: brokers that are one, on NATS. `--help` says how. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findRuntimes } from "../contenders.js";
import { describeMachine } from "../machine.js";
import { coresToPin } from "../pinned-process.js";
import { HELP, type Options, PARTS, parseOptions } from "./options.js";
import { type ClusterReport, markdownOf } from "./report.js";
import { measureRoutes } from "./routes.js";
import { measureSessions } from "./sessions.js";
import { type Latency, measureLatency, measureThroughput, type Throughput } from "./traffic.js";

const RESULTS = join(import.meta.dirname, "../results");
/** Then it reports what it has. */
const RUN_LIMIT_MS = 15 * 60_000;

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
  const { node, bun } = findRuntimes();
  const runtime = options.runtime === "bun" ? bun : node;
  if (runtime === undefined) throw new TypeError("the npm package 'bun' has no binary for this machine");
  const folder = mkdtempSync(join(tmpdir(), "mqtt-bench-"));
  const cleanings: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const interrupt = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => interrupt.abort(new TypeError("interrupted")));
  const limit = AbortSignal.timeout(RUN_LIMIT_MS);
  const site = {
    runtime,
    cores: coresToPin(),
    cleanings,
    signal: AbortSignal.any([interrupt.signal, limit]),
    generatorRuntime: bun ?? node,
    folder,
  };
  try {
    const report = await run(options, site);
    console.log(markdownOf(report));
    const isWhole = options.parts.length === PARTS.length && !process.argv.includes("--quick");
    const out = options.out ?? (isWhole && existsSync(RESULTS) ? RESULTS : undefined);
    if (out !== undefined) write(report, out);
  } finally {
    for (const clean of cleanings.reverse()) await clean();
  }
}

async function run(options: Options, site: Parameters<typeof measureThroughput>[0]): Promise<ClusterReport> {
  const startedMs = Date.now();
  const say = (text: string) => process.stderr.write(`${String(Math.round((Date.now() - startedMs) / 1_000)).padStart(4)} s ${text}\n`);
  const { parts, rounds, routes, sessions } = options;
  const date = new Date().toISOString();
  const [throughput, latency]: [Throughput[], Latency[]] = [[], []];
  const failures: string[] = [];
  const attempt = async <T>(what: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (site.signal.reason instanceof TypeError) throw site.signal.reason;
      failures.push(`${what}: ${(error as Error).message}`);
      say(failures[failures.length - 1]!);
      return undefined;
    }
  };
  for (let round = 1; round <= rounds; round++) {
    const notes = { say: (text: string) => say(`round ${round}/${rounds}: ${text}`), attempt };
    if (parts.includes("throughput")) throughput.push(...(await measureThroughput(site, options, notes)));
    if (parts.includes("latency")) latency.push(...(await measureLatency(site, options, notes)));
  }
  const ofRoutes = parts.includes("routes") ? await attempt("routes", () => measureRoutes(site, routes, say)) : undefined;
  const ofSessions = parts.includes("sessions") ? await attempt("sessions", () => measureSessions(site, sessions, say)) : undefined;
  return {
    ...{ date, throughput, latency, failures, machine: describeMachine() },
    command: ["npm run bench:cluster", ...(process.argv.length > 2 ? ["--", ...process.argv.slice(2)] : [])].join(" "),
    runtime: options.runtime === "bun" ? "Bun" : `Node ${process.versions.node}`,
    conditions: sentences(options, site.cores !== undefined),
    ...(ofRoutes && { routes: ofRoutes }),
    ...(ofSessions && { sessions: ofSessions }),
  };
}

function sentences({ rounds, warmUpMs, windowMs }: Options, isPinned: boolean): string[] {
  return [
    isPinned
      ? "All pods share one core; NATS and the load generator share the other, so that pods are compared by what they cost, not by what more cores would give."
      : "Processes were not pinned to cores.",
    "One NATS server, files stored once. Payloads of 64 bytes, 30 pairs of clients, window 100 at QoS 0 and 20 at QoS 1.",
    `${warmUpMs / 1_000} s of warm-up, then ${windowMs / 1_000} s measured; medians of ${rounds} ${rounds === 1 ? "round" : "rounds"}; in brackets the ratio to 1 pod.`,
  ];
}

function write(report: ClusterReport, folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "cluster-latest.json"), `${JSON.stringify(report, undefined, 2)}\n`);
  writeFileSync(join(folder, "cluster-latest.md"), `# Benchmark of clusters\n\n${markdownOf(report)}`);
}
