import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { Dialler } from "./client.js";
import type { Job, Measured, PacedLoad } from "./job.js";
import { PacedPair } from "./paced-pair.js";
import { ProcessorClock } from "./processor-clock.js";
import { drained } from "./window.js";

/**
 * 99th percentile of the microseconds from sending a message until its delivery was read. The loop spins instead of sleeping, because
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
  for (let index = 0; index < load.pairs; index++) pairs.push(await PacedPair.open(dialler, `l/${index}`, receivedMs));

  await warmUp(pairs, job.warmUpMs);

  const clock = new ProcessorClock(job.brokerPid, job.cores);
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

  const sinceSent = microseconds(receivedMs, (message) => sentMs[message]!);
  const sinceDue = microseconds(receivedMs, (message) => startMs + message * intervalMs);
  const details = {
    p50: percentile(sinceSent, 0.5),
    p999: percentile(sinceSent, 0.999),
    max: percentile(sinceSent, 1),
    p99SinceDue: percentile(sinceDue, 0.99),
  };
  return { value: percentile(sinceSent, 0.99), details, processor };
}

/**
 * As many messages as go through. At the measured rate a runtime would still be compiling for seconds, with threads that share the core
 * with the broker's own, and those stalls would be what is measured.
 */
async function warmUp(pairs: readonly PacedPair[], milliseconds: number): Promise<void> {
  for (const pair of pairs) pair.startWarmUp();
  await sleep(milliseconds);
  await Promise.all(pairs.map((pair) => pair.endWarmUp()));
}

/** In order. */
function microseconds(untilMs: Float64Array, sinceMs: (message: number) => number): Float64Array {
  return untilMs.map((until, message) => (until - sinceMs(message)) * 1000).sort();
}

function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.ceil(share * sorted.length) - 1]!;
}
