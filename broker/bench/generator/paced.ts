import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { Dialler } from "./client.js";
import { endsOf } from "./ends.js";
import type { Job, Measured, PacedLoad } from "./job.js";
import { PacedPair } from "./paced-pair.js";
import { medianOfSlices, percentile } from "./percentile.js";
import { ProcessorClock } from "./processor-clock.js";
import { drained } from "./window.js";

/** So long that a stall which is part of the broker's working comes in each. */
const SLICE_MS = 1_000;

/**
 * Microseconds from sending a message until its delivery was read: the 99th percentile of each second, and of those the median, because
 * one stall of 30 ms in three seconds, whoever causes it, would be the 99th percentile of them all (`p99`). The loop spins instead of sleeping, because
 * timers of a millisecond would hide what is measured; so this process is always busy.
 *
 * It never waits for the broker: a message that leaves late does so because this process was held up, which says nothing of the broker.
 * Hence the time counts from when it left. From when it was due (`p99SinceDue`) one preemption of 3 ms by another program spoils 15 of them.
 */
export async function runPaced(job: Job, load: PacedLoad, dialler: Dialler): Promise<Measured> {
  const intervalMs = 1000 / load.messagesPerSecond;
  const total = Math.ceil(job.windowMs / intervalMs);
  const sentMs = new Float64Array(total);
  const receivedMs = new Float64Array(total);
  const pairs: PacedPair[] = [];
  for (let index = 0; index < load.pairs; index++) pairs.push(await PacedPair.open(endsOf(job, dialler, index), `l/${index}`, receivedMs));

  await warmUp(pairs, job.warmUpMs);

  const clock = new ProcessorClock(job.brokerPid, job.cores, job.otherPids);
  const startMs = performance.now();
  await new Promise<void>((resolve) => {
    let next = 0;
    const sendWhatIsDue = () => {
      for (const elapsedMs = performance.now() - startMs; next < total && next * intervalMs <= elapsedMs; next++) {
        sentMs[next] = performance.now();
        pairs[next % pairs.length]!.send(next);
      }
      if (next < total) setImmediate(sendWhatIsDue);
      else resolve();
    };
    sendWhatIsDue();
  });
  const processor = clock.shares();
  await drained(() => total - pairs.reduce((sum, pair) => sum + pair.received, 0));

  const sinceSent = receivedMs.map((ms, message) => (ms - sentMs[message]!) * 1000);
  const sinceDue = receivedMs.map((ms, message) => (ms - startMs - message * intervalMs) * 1000);
  const details = {
    p50: percentile(sinceSent, 0.5),
    p99: percentile(sinceSent, 0.99),
    p999: percentile(sinceSent, 0.999),
    max: percentile(sinceSent, 1),
    p99SinceDue: percentile(sinceDue, 0.99),
  };
  return { value: medianOfSlices(sinceSent, Math.ceil(SLICE_MS / intervalMs), 0.99), details, processor };
}

/**
 * As many messages as go through. At the measured rate a runtime would still be compiling for seconds, with threads that share the core
 * with the broker's own, and those stalls would be what is measured.
 */
export async function warmUp(pairs: readonly PacedPair[], milliseconds: number): Promise<void> {
  for (const pair of pairs) pair.startWarmUp();
  await sleep(milliseconds);
  await Promise.all(pairs.map((pair) => pair.endWarmUp()));
}
