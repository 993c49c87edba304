import { setTimeout as sleep } from "node:timers/promises";
import type { Source } from "../../src/bench/wire.js";
import { Client, type Dialler } from "./client.js";
import type { AcceptLoad, IdleLoad, Job, Measured } from "./job.js";
import { ProcessorClock, residentBytes } from "./processor-clock.js";
import { slopeOf } from "./slope.js";

/** Opened before anything is measured, so that code is compiled and pools are filled. */
const WARM_UP_CONNECTIONS = 500;
const IDLE_CONCURRENCY = 100;

/** Where hardly any program listens. */
const FIRST_PORT = 33_000;
const PORTS_PER_ADDRESS = 25_000;

/** Connections a second, from the first SYN to the last CONNACK, or per second of processor time that they cost the broker. */
export async function runAccept(job: Job, load: AcceptLoad, dialler: Dialler): Promise<Measured> {
  await open(dialler, { first: 0, count: WARM_UP_CONNECTIONS, concurrency: load.concurrency });
  const clock = new ProcessorClock(job.brokerPid, job.cores);
  await open(dialler, { first: WARM_UP_CONNECTIONS, count: load.connections, concurrency: load.concurrency });
  const { elapsedMs } = clock;
  const processor = clock.shares();
  const perSecond = load.connections / (elapsedMs / 1000);
  const perBrokerSecond = perSecond / processor.broker;
  return { value: load.per === "second" ? perSecond : perBrokerSecond, details: { perSecond, perBrokerSecond }, processor };
}

/** Bytes of the broker's resident memory per connection: the slope of the line through all steps, by least squares. */
export async function runIdle(job: Job, load: IdleLoad, dialler: Dialler): Promise<Measured> {
  const clock = new ProcessorClock(job.brokerPid, job.cores);
  await open(dialler, { first: 0, count: WARM_UP_CONNECTIONS, concurrency: IDLE_CONCURRENCY });
  const points: [connections: number, bytes: number][] = [];
  for (let step = 0; step <= load.steps; step++) {
    const connections = Math.round((load.connections * step) / load.steps);
    const first = points.at(-1)?.[0] ?? 0;
    await open(dialler, { first: WARM_UP_CONNECTIONS + first, count: connections - first, concurrency: IDLE_CONCURRENCY });
    await sleep(load.settleMs);
    points.push([connections, residentBytes(job.brokerPid)]);
  }
  const lastMinusFirst = (points.at(-1)![1] - points[0]![1]) / load.connections;
  const steps = Object.fromEntries(points.map(([connections, bytes]) => [`residentBytesAt${connections}`, bytes]));
  return { value: slopeOf(points), details: { lastMinusFirst, ...steps }, processor: clock.shares() };
}

/**
 * A source address and port of its own for each connection. Left alone, the kernel looks for a free port among ever fewer: at 18,000
 * connections to one address that took this process 200 µs each.
 */
export function sourceOf(connection: number): Source {
  const address = Math.floor(connection / PORTS_PER_ADDRESS);
  // Ports stay taken for a minute after a run, so each run has addresses of its own, by its process id.
  return {
    address: `127.${1 + ((process.pid >> 8) % 254)}.${process.pid & 0xff}.${1 + address}`,
    port: FIRST_PORT + (connection % PORTS_PER_ADDRESS),
  };
}

interface Batch {
  readonly first: number;
  readonly count: number;
  readonly concurrency: number;
}

/** Opens connections, each as soon as another is through. */
async function open(dialler: Dialler, { first, count, concurrency }: Batch): Promise<void> {
  let next = 0;
  const openNext = async () => {
    while (next < count) {
      const number = first + next++;
      await Client.connect(dialler, `c${number}`, sourceOf(number));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, openNext));
}
