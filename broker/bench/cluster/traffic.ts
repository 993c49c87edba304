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
  readonly qos: Qos;
  readonly messagesPerSecond: number;
  readonly brokersMicros: number;
  readonly natsMicros: number;
}

/** Microseconds from sending to delivery, at a fixed rate and QoS 0. */
export interface Latency {
  readonly isClustered: boolean;
  readonly isCrossing: boolean;
  readonly p50: number;
  readonly p99: number;
}

type Place = Parameters<typeof generate>[0];
interface Layout {
  readonly pods: number;
  readonly isClustered: boolean;
  readonly isCrossing: boolean;
}

const LAYOUTS: readonly Layout[] = [
  { pods: 1, isClustered: false, isCrossing: false },
  { pods: 1, isClustered: true, isCrossing: false },
  { pods: 2, isClustered: true, isCrossing: false },
  { pods: 3, isClustered: true, isCrossing: false },
  { pods: 2, isClustered: true, isCrossing: true },
  { pods: 3, isClustered: true, isCrossing: true },
];

/** All layouts at QoS 0 and 1, in one round. */
export async function measureThroughput(place: Place, options: Options, say: (text: string) => void): Promise<Throughput[]> {
  const found: Throughput[] = [];
  for (const layout of LAYOUTS) {
    await withPods(place, layout, async (pods, natsPid) => {
      for (const qos of [0, 1] as const) {
        const load = { kind: "pairs", qos, pairs: PAIRS, window: WINDOW[qos] } as const;
        const { value, processor } = await generate(place, options, { pods, isCrossing: layout.isCrossing, natsPid, load });
        const others = [...(processor.otherProcesses ?? [])];
        const nats = natsPid === undefined ? 0 : others.pop()!;
        const brokers = others.reduce((sum, share) => sum + share, processor.broker);
        const micros = (share: number) => (share / value) * 1e6;
        const measured = { ...layout, qos, messagesPerSecond: value, brokersMicros: micros(brokers), natsMicros: micros(nats) };
        found.push(measured);
        say(`throughput, ${nameOf(layout)}, QoS ${qos}: ${Math.round(value).toLocaleString("en")} msg/s`);
      }
    });
  }
  return found;
}

/** Latency within one broker and from one to another. */
export async function measureLatency(place: Place, options: Options, say: (text: string) => void): Promise<Latency[]> {
  const found: Latency[] = [];
  for (const layout of LAYOUTS.filter(({ pods, isCrossing }) => pods === 2 || (pods === 1 && !isCrossing))) {
    await withPods(place, layout, async (pods, natsPid) => {
      const load = { kind: "paced", pairs: PAIRS, messagesPerSecond: MESSAGES_PER_SECOND } as const;
      const { value, details } = await generate(place, options, { pods, isCrossing: layout.isCrossing, natsPid, load });
      found.push({ ...layout, p50: details.p50!, p99: value });
      say(`latency, ${nameOf(layout)}: ${Math.round(details.p50!)} µs, p99 ${Math.round(value)} µs`);
    });
  }
  return found;
}

export function nameOf({ pods, isClustered, isCrossing }: Layout): string {
  if (!isClustered) return "1 pod without NATS";
  const count = pods === 1 ? "1 pod" : `${pods} pods`;
  return `${count}, ${isCrossing ? "crossing" : "local"}`;
}

async function withPods(
  place: Place,
  { pods: count, isClustered }: Layout,
  work: (pods: Traffic["pods"], natsPid: number | undefined) => Promise<void>,
): Promise<void> {
  const server = isClustered ? await startNats(place) : undefined;
  const pods: Awaited<ReturnType<typeof startPod>>[] = [];
  for (let index = 0; index < count; index++) pods.push(await startPod(place, server));
  await work(pods, server?.pid);
  await Promise.all(pods.map((pod) => pod.stop()));
  await server?.kill();
}
