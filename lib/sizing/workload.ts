import { WorkloadError } from "../errors";

/** What clients do, all together, at the busiest time that is to be served. */
export interface Workload {
  /** Clients connected at once: a whole number from 1 to 100,000,000. */
  readonly connections: number;

  /**
   * Messages that all clients together publish in a second, 0 to 100,000,000.
   *
   * @default - one message a minute from each connection
   */
  readonly publishRate?: number;

  /**
   * Bytes of a message's payload, 0 to `MAX_PAYLOAD_BYTES`.
   *
   * @default 256, as emqtt-bench sends
   */
  readonly payloadBytes?: number;

  /** Quality of service of publishing and of delivery. @default 1 */
  readonly qos?: 0 | 1 | 2;

  /** Subscribers that get each message, on average; 0 to `connections`. @default 1 */
  readonly fanOut?: number;

  /** Topic filters of each client, 0 to 1,000. @default 1 */
  readonly subscriptionsPerClient?: number;

  /** Seconds in which an idle client says that it is there, 1 to 65,535 (MQTT's keep alive has 16 bits). @default 60 */
  readonly keepAliveSeconds?: number;

  /** Where TLS ends: at the load balancer, in the broker, or there is none. @default "lb" */
  readonly tls?: "none" | "lb" | "broker";

  /** What the broker runs on. @default "bun" */
  readonly runtime?: "bun" | "node";
}

/** A workload with every default filled in. */
export type FullWorkload = Required<Workload>;

/** The broker refuses longer packets unless `mqtt.maxPacketBytes` is raised. */
const MAX_PACKET_BYTES = 1_048_576;
/** Room in a packet for the header, a topic and properties. */
const PACKET_OVERHEAD_BYTES = 1_024;
/** Longest payload that fits into the broker's longest packet with a topic of usual length. */
export const MAX_PAYLOAD_BYTES = MAX_PACKET_BYTES - PACKET_OVERHEAD_BYTES;

const MOST = 100_000_000;
const SECONDS_BETWEEN_MESSAGES = 60;

/**
 * Fills in defaults and checks all of it.
 *
 * @throws WorkloadError with every mistake at once: the setting, its value and what to write
 */
export function resolveWorkload(workload: Workload): FullWorkload {
  const { connections } = workload;
  const full: FullWorkload = {
    connections,
    publishRate: workload.publishRate ?? connections / SECONDS_BETWEEN_MESSAGES,
    payloadBytes: workload.payloadBytes ?? 256,
    qos: workload.qos ?? 1,
    fanOut: workload.fanOut ?? 1,
    subscriptionsPerClient: workload.subscriptionsPerClient ?? 1,
    keepAliveSeconds: workload.keepAliveSeconds ?? 60,
    tls: workload.tls ?? "lb",
    runtime: workload.runtime ?? "bun",
  };
  const problems = [
    whole("connections", connections, 1, MOST),
    workload.publishRate === undefined ? undefined : quantity("publishRate", workload.publishRate, 0, MOST),
    whole("payloadBytes", full.payloadBytes, 0, MAX_PAYLOAD_BYTES, "; the broker's longest packet (mqtt.maxPacketBytes) is 1 MiB"),
    choice("qos", full.qos, [0, 1, 2]),
    quantity("fanOut", full.fanOut, 0, Math.max(1, connections || 0), "; no message reaches more clients than there are"),
    quantity("subscriptionsPerClient", full.subscriptionsPerClient, 0, 1_000),
    whole("keepAliveSeconds", full.keepAliveSeconds, 1, 65_535),
    choice("tls", full.tls, ["none", "lb", "broker"]),
    choice("runtime", full.runtime, ["bun", "node"]),
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) throw new WorkloadError(problems);
  return full;
}

function whole(name: string, value: number, least: number, most: number, more = ""): string | undefined {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return undefined;
  return `'${name}' is ${value}; write a whole number from ${least} to ${most}${more}`;
}

function quantity(name: string, value: number, least: number, most: number, more = ""): string | undefined {
  if (Number.isFinite(value) && value >= least && value <= most) return undefined;
  return `'${name}' is ${value}; write a number from ${least} to ${most}${more}`;
}

function choice(name: string, value: unknown, values: readonly unknown[]): string | undefined {
  if (values.includes(value)) return undefined;
  return `'${name}' is ${JSON.stringify(value)}; write ${values.slice(0, -1).join(", ")} or ${values.at(-1)}`;
}
