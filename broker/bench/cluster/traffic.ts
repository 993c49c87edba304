import type { Qos } from "../../src/codec/packet.js";
import { generate, type Traffic } from "./generate.js";
import type { Options } from "./options.js";
import { startNats, startPod } from "./pods.js";

const PAIRS = 30;
const WINDOW = { 0: 100, 1: 20, 2: 20 } as const;
const MESSAGES_PER_SECOND = 1_000;

/** One kind of traffic, measured. Processor time is per message, in microseconds, of all brokers together and of NATS. */
export interface Throughput {
  readonly pods: number;
  readonly isClustered: boolean;
  readonly isCrossing: boolean;
  readonly isShared?: boolean;
  readonly qos: Qos;
  readonly messagesPerSecond: number;
  readonly brokersMicros: number;
  readonly natsMicros: number;
}

/** Microseconds from sending to delivery, at a fixed rate and QoS 0. */
export interface Latency {
  readonly pods: number;
  readonly isClustered: boolean;
  readonly isCrossing: boolean;
  readonly p50: number;
  readonly p99: number;
}

type Place = Parameters<typeof generate>[0];

/** Where a run says how far it is. */
export interface Notes {
  say(text: string): void;
  /** Goes on without what cannot be measured, and says why. */
  attempt(what: string, work: () => Promise<void>): Promise<void>;
}

interface Layout {
  readonly pods: number;
  readonly isClustered: boolean;
  readonly isCrossing: boolean;
  /** At QoS 1 alone, as QoS 0 is the same. */
  readonly isShared?: boolean;
}

const LAYOUTS: readonly Layout[] = [
  { pods: 1, isClustered: false, isCrossing: false },
  { pods: 1, isClustered: true, isCrossing: false },
  { pods: 2, isClustered: true, isCrossing: false },
  { pods: 3, isClustered: true, isCrossing: false },
  { pods: 2, isClustered: true, isCrossing: true },
  { pods: 3, isClustered: true, isCrossing: true },
];

/** What is on its way to members of shared groups is in the journal, which costs. */
const SHARED: readonly Layout[] = LAYOUTS.filter(({ isClustered, pods, isCrossing }) => isClustered && pods - 1 === Number(isCrossing)).map(
  (layout) => ({
    ...layout,
    isShared: true,
  }),
);

/** All layouts at QoS 0 and 1, in one round. */
export async function measureThroughput(place: Place, options: Options, { say, attempt }: Notes): Promise<Throughput[]> {
  const found: Throughput[] = [];
  for (const layout of [...LAYOUTS, ...SHARED]) {
    for (const qos of layout.isShared ? ([1] as const) : ([0, 1] as const)) {
      const what = `throughput, ${nameOf(layout)}, QoS ${qos}`;
      await attempt(what, () =>
        withPods(place, layout, async (pods, natsPid) => {
          const load = { kind: "pairs", qos, pairs: PAIRS, window: WINDOW[qos], isShared: layout.isShared ?? false } as const;
          const { value, processor } = await generate(place, options, { pods, isCrossing: layout.isCrossing, natsPid, load });
          const others = [...(processor.otherProcesses ?? [])];
          const nats = natsPid === undefined ? 0 : others.pop()!;
          const brokers = others.reduce((sum, share) => sum + share, processor.broker);
          const micros = (share: number) => (share / value) * 1e6;
          found.push({ ...layout, qos, messagesPerSecond: value, brokersMicros: micros(brokers), natsMicros: micros(nats) });
          say(`${what}: ${Math.round(value).toLocaleString("en")} msg/s`);
        }),
      );
    }
  }
  return found;
}

/** Latency within one broker and from one to another. */
export async function measureLatency(place: Place, options: Options, { say, attempt }: Notes): Promise<Latency[]> {
  const found: Latency[] = [];
  for (const layout of LAYOUTS.filter(({ pods, isCrossing }) => pods === 2 || (pods === 1 && !isCrossing))) {
    const what = `latency, ${nameOf(layout)}`;
    await attempt(what, () =>
      withPods(place, layout, async (pods, natsPid) => {
        const load = { kind: "paced", pairs: PAIRS, messagesPerSecond: MESSAGES_PER_SECOND } as const;
        const { value, details } = await generate(place, options, { pods, isCrossing: layout.isCrossing, natsPid, load });
        found.push({ ...layout, p50: details.p50!, p99: value });
        say(`${what}: ${Math.round(details.p50!)} µs, p99 ${Math.round(value)} µs`);
      }),
    );
  }
  return found;
}

export function nameOf({ pods, isClustered, isCrossing, isShared = false }: Layout): string {
  if (!isClustered) return "1 pod without NATS";
  const count = pods === 1 ? "1 pod" : `${pods} pods`;
  return `${count}, ${isCrossing ? "crossing" : "local"}${isShared ? ", shared groups" : ""}`;
}

async function withPods(
  place: Place,
  { pods: count, isClustered }: Layout,
  work: (pods: Traffic["pods"], natsPid: number | undefined) => Promise<void>,
): Promise<void> {
  const server = isClustered ? await startNats(place) : undefined;
  const pods: Awaited<ReturnType<typeof startPod>>[] = [];
  try {
    for (let index = 0; index < count; index++) pods.push(await startPod(place, server));
    await work(pods, server?.pid);
  } finally {
    await Promise.all(pods.map((pod) => pod.stop()));
    await server?.kill();
  }
}
