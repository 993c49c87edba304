/**
 * What a broker does for each message of the latency row, to say by what that row is bound: its system calls (strace), how long the kernel
 * lets it wait once a message is there, and how long it then runs (perf sched).
 *
 *     npx tsx broker/bench/wake-ups.ts            needs strace, perf and root; two minutes
 */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Contender } from "./contender.js";
import { findContenders, findRuntimes } from "./contenders.js";
import { percentile } from "./generator/percentile.js";
import { type Conditions, measure } from "./measure.js";
import { coresToPin } from "./pinned-process.js";
import { FULL, rows } from "./rows.js";

const WARM_UP_MS = 1_500;
const WINDOW_MS = 5_000;
/** Past connecting and warming up. */
const TRACE_AFTER_MS = 3_000;
const TRACE_SECONDS = 2;
const TOOLS = ["strace", "perf"];

const missing = TOOLS.filter((tool) => spawnSync(tool, ["--version"]).status !== 0);
if (missing.length > 0 || process.getuid?.() !== 0) {
  console.error(`needs root, and ${TOOLS.join(" and ")} on PATH${missing.length > 0 ? `; not found: ${missing.join(", ")}` : ""}`);
  process.exitCode = 1;
} else await main();

async function main(): Promise<void> {
  const runtimes = findRuntimes();
  const { contenders } = findContenders(runtimes, process.env.BENCH_NODE24);
  const row = rows(FULL).find(({ name }) => name === "latency")!;
  console.log("| | median, p99 (untraced) | processor time a message | system calls a message | wait, p50 / p99 | run, p50 / p90 / p99 |");
  console.log("|---|---|---|---|---|---|");
  for (const contender of contenders.filter(({ role }) => role === "ours" || role === "reference")) {
    const conditions: Conditions = {
      generatorRuntime: runtimes.bun ?? runtimes.node,
      version: 4,
      warmUpMs: WARM_UP_MS,
      windowMs: WINDOW_MS,
      certificate: undefined,
      cores: coresToPin(),
      signal: AbortSignal.timeout(60_000),
    };
    const untraced = await measure(row, contender, conditions);
    if ("failure" in untraced) throw new Error(`${contender.name}: ${untraced.failure}`);
    const rate = (row.load as { messagesPerSecond: number }).messagesPerSecond;
    const { waits, runs } = await whileRunning(contender, conditions, scheduling);
    const calls = await whileRunning(contender, conditions, systemCalls);
    const cells = [
      contender.title,
      `${us(untraced.details.p50! / 1000)}, ${us(untraced.details.p99! / 1000)}`,
      us((untraced.processor.broker * 1000) / rate),
      (calls / TRACE_SECONDS / rate).toFixed(1),
      `${us(percentile(waits, 0.5))} / ${us(percentile(waits, 0.99))}`,
      `${us(percentile(runs, 0.5))} / ${us(percentile(runs, 0.9))} / ${us(percentile(runs, 0.99))}`,
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }

  /** Runs the load once more and traces the broker meanwhile. */
  async function whileRunning<Trace>(contender: Contender, conditions: Conditions, trace: (pid: number) => Promise<Trace>): Promise<Trace> {
    let traced: Promise<Trace> | undefined;
    const watch = (pid: number) => {
      traced = sleep(TRACE_AFTER_MS).then(() => trace(pid));
    };
    await measure(row, contender, { ...conditions, watch });
    return traced!;
  }
}

/** System calls of the broker's main thread. */
async function systemCalls(pid: number): Promise<number> {
  const strace = spawn("strace", ["-c", "-p", String(pid)], { stdio: ["ignore", "ignore", "pipe"] });
  let text = "";
  strace.stderr.on("data", (bytes) => {
    text += bytes;
  });
  await sleep(TRACE_SECONDS * 1000);
  strace.kill("SIGINT");
  await once(strace, "close");
  // Share, seconds and time a call come before.
  return Number(/^ *\S+ +\S+ +\d+ +(\d+) .*total$/m.exec(text)?.[1]);
}

/** Each time its main thread ran: how long it had waited for the processor, and how long it ran; in milliseconds. */
async function scheduling(pid: number): Promise<{ waits: Float64Array; runs: Float64Array }> {
  const folder = mkdtempSync(join(tmpdir(), "mqtt-wake-ups-"));
  const file = join(folder, "perf.data");
  try {
    await once(spawn("perf", ["sched", "record", "-o", file, "sleep", String(TRACE_SECONDS)], { stdio: "ignore" }), "close");
    const text = execFileSync("perf", ["sched", "timehist", "-i", file, "--pid", String(pid)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      maxBuffer: 2 ** 28,
    });
    // "14221.991491 [0000]  node[30512]  0.149  0.000  0.031"; other threads of the process are "node[30520/30512]".
    const lines = [...text.matchAll(/\[\d+\]\s+\S+\[\d+\]\s+[\d.]+\s+([\d.]+)\s+([\d.]+)/g)];
    return { waits: Float64Array.from(lines, ([, wait]) => Number(wait)), runs: Float64Array.from(lines, ([, , run]) => Number(run)) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function us(milliseconds: number): string {
  return `${Math.round(milliseconds * 1000)} µs`;
}
