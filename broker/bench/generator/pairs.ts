import { AckedPair } from "./acked-pair.js";
import type { Dialler } from "./client.js";
import { CountedPair } from "./counted-pair.js";
import { endsOf } from "./ends.js";
import type { Job, Measured, PairsLoad } from "./job.js";
import { drained, overWindow } from "./window.js";

/** A publisher and its subscriber, which keep a window of messages on their way. */
export interface Pair {
  readonly sent: number;
  readonly delivered: number;
  start(): void;
  /** Sends no more messages; acknowledges what still comes. */
  stop(): void;
}

/** Deliveries a second over all pairs. */
export async function runPairs(job: Job, load: PairsLoad, dialler: Dialler): Promise<Measured> {
  const pairs: Pair[] = [];
  for (let index = 0; index < load.pairs; index++) {
    const ends = endsOf(job, dialler, index);
    pairs.push(
      load.qos === 0
        ? await CountedPair.open(ends, `p/${index}`, load.window, load.payloadBytes)
        : await AckedPair.open(ends, `p/${index}`, load),
    );
  }
  for (const pair of pairs) pair.start();
  const { perSecond, processor } = await overWindow(job, () => sum(pairs, "delivered"));
  for (const pair of pairs) pair.stop();
  await drained(() => sum(pairs, "sent") - sum(pairs, "delivered"));
  return { value: perSecond, details: { slowestPair: Math.min(...pairs.map((pair) => pair.delivered)) }, processor };
}

function sum(pairs: readonly Pair[], counter: "sent" | "delivered"): number {
  let total = 0;
  for (const pair of pairs) total += pair[counter];
  return total;
}
