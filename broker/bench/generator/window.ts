import { setTimeout as sleep } from "node:timers/promises";
import type { Job, ProcessorShares } from "./job.js";
import { ProcessorClock } from "./processor-clock.js";

const DRAIN_CHECK_MS = 10;
/** Without a single arrival; a fan-out has 100,000 deliveries on their way, which take a slow broker seconds. */
const DRAIN_PATIENCE_MS = 3_000;

export interface WindowResult {
  readonly perSecond: number;
  readonly processor: ProcessorShares;
}

/** Warms up, then measures how fast a counter grows. Throws if it stands still. */
export async function overWindow(job: Job, read: () => number): Promise<WindowResult> {
  await sleep(job.warmUpMs);
  const clock = new ProcessorClock(job.brokerPid, job.cores, job.otherPids);
  const before = read();
  await sleep(job.windowMs);
  const { elapsedMs } = clock;
  const counted = read() - before;
  const processor = clock.shares();
  if (counted === 0) throw new Error(`stalled: nothing arrived for ${Math.round(elapsedMs)} ms`);
  return { perSecond: counted / (elapsedMs / 1000), processor };
}

/** Waits until nothing is on its way, and throws if something never arrives. Call it once nothing more is sent. */
export async function drained(outstanding: () => number): Promise<void> {
  let left = outstanding();
  let deadline = Date.now() + DRAIN_PATIENCE_MS;
  while (left !== 0) {
    if (Date.now() > deadline) throw new Error(left > 0 ? `lost ${left} messages` : `delivered ${-left} messages twice`);
    await sleep(DRAIN_CHECK_MS);
    const now = outstanding();
    if (now !== left) deadline = Date.now() + DRAIN_PATIENCE_MS;
    left = now;
  }
}
