import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Runtime, TargetProcess } from "../fuzz/target-process.js";
import { standApart } from "./other-machines.js";
import type { Scenario } from "./scenario.js";
import { StolenTime } from "./stolen-time.js";
import { type Span, Witness } from "./witness.js";

export interface AbuseResult {
  /** What the witnesses saw before and during the attack. */
  readonly quiet: Span;
  readonly during: Span;
  /** The larger of what a hypervisor took of the cores before and during the attack, 0 to 1. */
  readonly stolenShare: number;
  /** Most process memory during the attack, above what it was before. */
  readonly growthBytes: number;
  readonly told: string;
  /** Empty: nothing went wrong. */
  readonly problems: readonly string[];
}

export interface AbuseOptions {
  readonly runtime: Runtime;
  readonly scale: number;
  /** How long the witnesses are watched before the attack. */
  readonly quietMs: number;
  /**
   * How much of the attack comes first, and is not measured but for memory: a broker that runs for a while has compiled what an attack needs,
   * and compilers take a core for some seconds. 0 for none.
   */
  readonly rehearsalScale: number;
  /** Whether clients have a place of their own on the machine: what they see is compared then. */
  readonly areClientsApart: boolean;
  /** How long the witnesses send as many messages as go through, before anything else. */
  readonly warmUpMs: number;
}

const LISTENER = { name: "tcp", host: "127.0.0.1", port: 0 };
const MIB = 1_048_576;
/** Between what comes before the quiet time and that. */
const SETTLE_MS = 1_000;
/**
 * Garbage that may be there beside, at full scale. V8 lets its old generation grow to at most four times what lives (kHighFactor of its MemoryController), here some 25 MiB,
 * and of Node's own sockets young collections leave 1.6 KiB each, of a server that does nothing too (Node.js 20).
 */
const UNCOLLECTED_BYTES: Readonly<Record<Runtime, number>> = { node: 3 * 25 * MIB, bun: 0 };

/** Attacks one broker in one way while witnesses go on, and tells what went wrong. */
export async function abuse(
  scenario: Scenario,
  { runtime, scale, quietMs, rehearsalScale, areClientsApart, warmUpMs }: AbuseOptions,
): Promise<AbuseResult> {
  const problems: string[] = [];
  const problem = (text: string) => {
    if (problems.length < 20) problems.push(text);
  };
  const folder = mkdtempSync(join(tmpdir(), "mqtt-abuse-"));
  // That many are turned away is worth a warning, and no problem.
  const log = { level: "error" };
  const settings = { listeners: [LISTENER], log, sysIntervalSeconds: 1, shutdownSeconds: 2, ...scenario.settings(folder, scale) };
  const target = await TargetProcess.start(runtime, problem, settings);
  let witness: Witness | undefined;
  let undo = () => {};
  try {
    witness = await Witness.start(target.ports.tcp!, warmUpMs);
    const watcher = witness;
    if (areClientsApart) undo = standApart({ attackers: process.pid, witnesses: watcher.pid, areApart: scenario.needsAllCores !== true });
    // Before the rehearsal: what it leaves would count as having been there. And not right before a measurement: messages wait for the collection.
    const before = (await target.report()).residentBytes;
    forgetPeak(target.pid);
    const stolen = new StolenTime();
    let stolenBefore = 0;
    const begin = async () => {
      await new Promise((resolve) => setTimeout(resolve, Math.min(SETTLE_MS, quietMs)));
      watcher.mark();
      stolen.share();
      await new Promise((resolve) => setTimeout(resolve, quietMs));
      watcher.mark();
      stolenBefore = stolen.share();
    };
    const attack = { ports: target.ports, scale, count: () => target.count(), report: () => target.report(), begin, problem };
    if (rehearsalScale > 0) await scenario.run({ ...attack, scale: rehearsalScale, begin: async () => {} });
    const told = await scenario.run(attack);
    const stolenShare = Math.max(stolenBefore, stolen.share());
    const { spans, closed } = await witness.report();
    const [quiet, during] = spans as [Span, Span];
    const missing = quiet.missing + during.missing;
    if (during.messages === during.missing) problem("the witnesses got nothing during the attack");
    if (missing > 0) problem(`${missing} messages of the witnesses never came`);
    if (closed > 0) problem(`the witnesses lost ${closed} connections`);
    const growthBytes = peakBytes(target.pid) - before;
    const allowed = scenario.maxGrowthBytes(scale) + UNCOLLECTED_BYTES[runtime] * scale;
    if (growthBytes > allowed)
      problem(`memory grew by ${(growthBytes / MIB).toFixed(0)} MiB, at most ${(allowed / MIB).toFixed(0)} may be`);
    return { quiet, during, stolenShare, growthBytes, told, problems };
  } finally {
    undo();
    await witness?.end();
    await target.stop(problem);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Lets the kernel look for a process's largest size anew; samples would miss it, as attackers have only the time that others leave. */
function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

/** 0 of a process that has ended, which is a problem of its own. */
function peakBytes(pid: number): number {
  try {
    const [, kibibytes = 0] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1")) ?? [];
    return Number(kibibytes) * 1_024;
  } catch {
    return 0;
  }
}
