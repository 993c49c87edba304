import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { warmUp } from "../../bench/generator/paced.js";
import { PacedPair } from "../../bench/generator/paced-pair.js";
import { medianOfSlices, percentile } from "../../bench/generator/percentile.js";
import { LATENCY } from "../../bench/rows.js";
import { nativeNetwork } from "../../src/bench/wire.js";
import type { Span } from "./witness.js";

/*
 * Clients that behave while others do not, in a process of their own: the load of the bench's row "latency", told as that tells it. Only, this process sleeps between its
 * messages, as the attackers have what is left of its core, and some leave together therefore. Told "mark" over IPC, it begins a new span of time; told "report", it answers with
 * what it saw in each.
 */

/** Of messages; later ones take the places of the first. */
const PLACES = 1 << 23;
const PAUSE_MS = 1;
const DRAINED_WITHIN_MS = 5_000;
/** What comes later belongs to the slice before. */
const SLICE_MS = 1_000;

const [port, warmUpMs] = process.argv.slice(2).map(Number) as [number, number];
const intervalMs = 1_000 / LATENCY.messagesPerSecond;
const sentMs = new Float64Array(PLACES);
const receivedMs = new Float64Array(PLACES);
const marks: number[] = [];
let sent = 0;
let closed = 0;
let isLeaving = false;

const dialler = {
  network: await nativeNetwork(),
  target: { host: "127.0.0.1", port },
  version: 5,
  onDeath: () => {
    if (!isLeaving) closed++;
  },
} as const;
const pairs: PacedPair[] = [];
for (let index = 0; index < LATENCY.pairs; index++)
  pairs.push(await PacedPair.open({ atSubscriber: dialler, atPublisher: dialler }, `witness/${index}`, receivedMs));
if (warmUpMs > 0) await warmUp(pairs, warmUpMs);

process.on("message", (request) => {
  if (request === "mark") marks.push(sent);
  if (request === "report") void report();
  if (request === "end") {
    isLeaving = true;
    process.exit();
  }
});
// The campaign has been killed: this would send on for ever, and disturb whatever is measured next.
process.on("disconnect", () => process.exit());
process.send?.("ready");

const startMs = performance.now();
while (!isLeaving) {
  for (const elapsedMs = performance.now() - startMs; sent * intervalMs <= elapsedMs; sent++) {
    const place = sent % PLACES;
    sentMs[place] = performance.now();
    receivedMs[place] = 0;
    pairs[place % pairs.length]!.send(place);
  }
  await sleep(PAUSE_MS);
}

async function report(): Promise<void> {
  const ends = [...marks.slice(1), sent];
  let missing = Array.from({ length: Math.min(sent - marks[0]!, PLACES) }, (_, index) => (sent - 1 - index) % PLACES);
  for (const until = performance.now() + DRAINED_WITHIN_MS; performance.now() < until; await sleep(PAUSE_MS)) {
    missing = missing.filter((place) => receivedMs[place] === 0);
    if (missing.length === 0) break;
  }
  process.send?.({ spans: marks.map((from, index) => spanOf(Math.max(from, sent - PLACES), ends[index]!)), closed });
}

function spanOf(from: number, to: number): Span {
  const numbers = Array.from({ length: Math.max(0, to - from) }, (_, index) => (from + index) % PLACES);
  const came = numbers.filter((place) => receivedMs[place]! > 0);
  const latencies = Float64Array.from(came, (place) => receivedMs[place]! - sentMs[place]!);
  const p99Ms = medianOfSlices(latencies, SLICE_MS / intervalMs, 0.99);
  return { messages: numbers.length, missing: numbers.length - came.length, p99Ms, p99OfAllMs: percentile(latencies, 0.99) };
}
