import { residentBytes } from "../generator/processor-clock.js";
import { Crowd, connectPersistent, inParallel } from "./load-client.js";
import { type Site, startNats, startPod } from "./pods.js";

const CONCURRENCY = 100;
const PODS = 2;

/** Sessions of clients that are away, each with one subscription at QoS 1; bytes are per session. */
export interface Sessions {
  readonly sessions: number;
  /** Connect, subscribe, disconnect. */
  readonly createdPerSecond: number;
  /** At the other broker than before, each with its session. */
  readonly returnedPerSecond: number;
  readonly natsBytes: number;
  readonly natsStoredBytes: number;
  readonly brokerBytes: number;
}

/** Refused if sessions of this version end with their connections in a cluster. */
export function measureSessions(site: Site, sessions: number, say: (text: string) => void): Promise<Sessions | "refused"> {
  const crowd = new Crowd();
  return crowd.during(() => measure(site, crowd, sessions, say));
}

async function measure(site: Site, crowd: Crowd, sessions: number, say: (text: string) => void): Promise<Sessions | "refused"> {
  const server = await startNats(site);
  const pods = [await startPod(site, server), await startPod(site, server)];
  const diallers = await Promise.all(pods.map(({ port }) => crowd.diallerTo(port)));
  const stop = async () => {
    crowd.end();
    await Promise.all(pods.map((pod) => pod.stop()));
    await server.kill();
  };
  const probe = await connectPersistent(diallers[0]!, "probe", 2 * sessions);
  probe.client.leave();
  if (probe.sessionExpirySeconds === 0) {
    await stop();
    return "refused";
  }

  const ofPods = () => pods.reduce((sum, { pid }) => sum + residentBytes(pid), 0);
  const before = { nats: residentBytes(server.pid), broker: ofPods() };
  const progress = (what: string) => {
    let done = 0;
    return () => {
      if (++done % 10_000 === 0) say(`sessions: ${done.toLocaleString("en")} ${what}`);
    };
  };
  const created = progress("made");
  const createdMs = await timed(() =>
    inParallel(sessions, CONCURRENCY, site.signal, async (number) => {
      const { client } = await connectPersistent(diallers[number % PODS]!, `session-${number}`, number);
      await client.subscribe(`fleet/${number}`, 1);
      client.leave();
      created();
    }),
  );
  const { bytes } = (await server.monitor("jsz")) as { bytes: number };
  const after = { nats: residentBytes(server.pid), broker: ofPods() };
  const returned = progress("come back");
  const returnedMs = await timed(() =>
    inParallel(sessions, CONCURRENCY, site.signal, async (number) => {
      const { client, sessionPresent } = await connectPersistent(diallers[(number + 1) % PODS]!, `session-${number}`, sessions + number);
      if (!sessionPresent) throw new Error(`session-${number} is gone`);
      client.leave();
      returned();
    }),
  );
  await stop();
  return {
    sessions,
    createdPerSecond: sessions / (createdMs / 1_000),
    returnedPerSecond: sessions / (returnedMs / 1_000),
    natsBytes: (after.nats - before.nats) / sessions,
    natsStoredBytes: bytes / sessions,
    brokerBytes: (after.broker - before.broker) / sessions,
  };
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}
