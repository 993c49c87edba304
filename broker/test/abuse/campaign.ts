import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { setPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { type Runtime, TargetProcess } from "../fuzz/target-process.js";
import type { Scenario } from "./scenario.js";
import { type Quiet, Witness } from "./witness.js";

export interface AbuseResult {
  readonly quiet: Quiet;
  readonly during: Quiet;
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
}

const LISTENER = { name: "tcp", host: "127.0.0.1", port: 0 };
const SAMPLE_MS = 50;
const MIB = 1_048_576;
const PAGE_BYTES = 4_096;
/** Attackers are not to take the processor from the broker and the witnesses; only root can undo it. */
const NICE = process.getuid?.() === 0 ? 10 : 0;

/** Attacks one broker in one way while witnesses go on, and tells what went wrong. */
export async function abuse(scenario: Scenario, { runtime, scale, quietMs }: AbuseOptions): Promise<AbuseResult> {
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
  let sampling: NodeJS.Timeout | undefined;
  try {
    witness = await Witness.start(target.ports.tcp!);
    const watcher = witness;
    let quiet: Quiet | undefined;
    let before = 0;
    let most = 0;
    const begin = async () => {
      await watcher.measure();
      await new Promise((resolve) => setTimeout(resolve, quietMs));
      quiet = await watcher.measure();
      most = before = (await target.report()).residentBytes;
      sampling = setInterval(() => {
        most = Math.max(most, residentBytes(target.pid));
      }, SAMPLE_MS);
      setPriority(NICE);
      await watcher.measure();
    };
    const told = await scenario.run({
      ports: target.ports,
      scale,
      count: () => target.count(),
      report: () => target.report(),
      begin,
      problem,
    });
    const during = await witness.measure();
    if (during.messages === 0) problem("the witnesses got nothing during the attack");
    if (during.closed > 0) problem(`the witnesses lost ${during.closed} connections`);
    const growthBytes = most - before;
    const allowed = scenario.maxGrowthBytes(scale);
    if (growthBytes > allowed)
      problem(`memory grew by ${(growthBytes / MIB).toFixed(0)} MiB, at most ${(allowed / MIB).toFixed(0)} may be`);
    return { quiet: quiet!, during, growthBytes, told, problems };
  } finally {
    clearInterval(sampling);
    setPriority(0);
    await witness?.end();
    await target.stop(problem);
    rmSync(folder, { recursive: true, force: true });
  }
}

function residentBytes(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, "latin1").split(" ")[1]) * PAGE_BYTES;
  } catch {
    return 0;
  }
}
