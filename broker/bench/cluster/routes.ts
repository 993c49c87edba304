import { setTimeout as sleep } from "node:timers/promises";
import type { NatsServer } from "../../test/support/nats-server.js";
import { Client, type Dialler } from "../generator/client.js";
import { publishFrame } from "../generator/frames.js";
import { residentBytes } from "../generator/processor-clock.js";
import { Crowd, subscribeAll } from "./load-client.js";
import { type Pod, type Site, startNats, startPod } from "./pods.js";

const FILTERS_PER_CLIENT = 10_000;
const FILTERS_PER_PACKET = 500;
const SETTLE_MS = 3_000;

/** What so many filters cost, all on one broker; bytes of resident memory are per filter. */
export interface Routes {
  readonly filters: number;
  readonly filterBytes: number;
  readonly subscribedPerSecond: number;
  /** Where the subscribers are, and on a broker that only knows of them. */
  readonly ownerBytes: number;
  readonly peerBytes: number;
  readonly natsBytes: number;
  readonly natsStoredBytes: number;
  /** Of a broker that starts when all of them are there, and of one that starts when none are. */
  readonly joinMs: number;
  readonly emptyJoinMs: number;
  /** Of a broker that has joined with them. */
  readonly newcomerBytes: number;
}

export function measureRoutes(site: Site, filters: number, say: (text: string) => void): Promise<Routes> {
  const crowd = new Crowd();
  return crowd.during(() => measure(site, crowd, filters, say));
}

async function measure(site: Site, crowd: Crowd, filters: number, say: (text: string) => void): Promise<Routes> {
  const server = await startNats(site);
  const flags = ["--mqtt-max-subscriptions", String(FILTERS_PER_CLIENT)];
  const owner = await startPod(site, server, flags);
  const peer = await startPod(site, server, flags);
  const empty = await startPod(site, server, flags);
  const emptyBytes = residentBytes(empty.pid);
  await empty.stop();
  const before = memoryOf(owner, peer, server);

  const startedMs = performance.now();
  const texts = await subscribeTo(await crowd.diallerTo(owner.port), filters, (done) =>
    say(`routes: ${done.toLocaleString("en")} filters`),
  );
  const subscribedPerSecond = filters / ((performance.now() - startedMs) / 1_000);
  await sleep(SETTLE_MS);
  const after = memoryOf(owner, peer, server);

  const newcomer = await startPod(site, server, flags);
  await proveThatItKnows(await crowd.diallerTo(newcomer.port), await crowd.diallerTo(owner.port), texts.last);
  await sleep(SETTLE_MS);
  const newcomerBytes = residentBytes(newcomer.pid) - emptyBytes;
  const { bytes: natsStoredBytes } = (await server.monitor("jsz")) as { bytes: number };
  crowd.end();
  await Promise.all([owner, peer, newcomer].map((pod) => pod.stop()));
  await server.kill();
  const each = (bytes: number) => bytes / filters;
  return {
    ...{ filters, filterBytes: texts.bytes / filters, subscribedPerSecond, joinMs: newcomer.startMs, emptyJoinMs: empty.startMs },
    ownerBytes: each(after.owner - before.owner),
    peerBytes: each(after.peer - before.peer),
    natsBytes: each(after.nats - before.nats),
    natsStoredBytes: each(natsStoredBytes),
    newcomerBytes: each(newcomerBytes),
  };
}

function memoryOf(owner: Pod, peer: Pod, server: NatsServer): { readonly owner: number; readonly peer: number; readonly nats: number } {
  return { owner: residentBytes(owner.pid), peer: residentBytes(peer.pid), nats: residentBytes(server.pid) };
}

/** Nine of ten are for one topic, one has a wildcard. */
function filterOf(number: number): string {
  return `fleet/${number % 1_000}/vehicle/${number}/${number % 10 === 0 ? "+/commands" : "engine/commands"}`;
}

async function subscribeTo(
  dialler: Dialler,
  filters: number,
  onProgress: (done: number) => void,
): Promise<{ bytes: number; last: string }> {
  let bytes = 0;
  for (let first = 0; first < filters; first += FILTERS_PER_CLIENT) {
    const client = await Client.connect(dialler, `routes-${first}`);
    const end = Math.min(first + FILTERS_PER_CLIENT, filters);
    for (let from = first; from < end; from += FILTERS_PER_PACKET) {
      const some = Array.from({ length: Math.min(FILTERS_PER_PACKET, end - from) }, (_, index) => filterOf(from + index));
      for (const filter of some) bytes += filter.length;
      await subscribeAll(client, some);
    }
    if ((first / FILTERS_PER_CLIENT) % 10 === 9) onProgress(end);
  }
  return { bytes, last: filterOf(filters - 1) };
}

/** A message that is published there comes to the last subscriber. */
async function proveThatItKnows(newcomer: Dialler, owner: Dialler, filter: string): Promise<void> {
  const topic = filter.replace("+", "x");
  const subscriber = await Client.connect(owner, "witness");
  await subscriber.subscribe(filter, 0);
  const publisher = await Client.connect(newcomer, "prover");
  const received = subscriber.nextFrame();
  publisher.write(publishFrame(topic, 0, 0, 5));
  const isThere = await Promise.race([received.then(() => true), sleep(10_000).then(() => false)]);
  if (!isThere) throw new Error(`a broker that has joined does not know of ${filter}`);
}
