import type { Counters } from "./counters.js";
import type { Gauges } from "./gauges.js";
import type { Load } from "./load-averages.js";
import type { ClusterReadings } from "./reading.js";
import { readAll } from "./readings.js";

/** All that `$SYS` tells. */
export interface SysSnapshot {
  /** For example "mqttd version 0.1.0". */
  readonly version: string;
  readonly uptimeSeconds: number;
  /** The most heap in use that any snapshot has met. */
  readonly heapMaximumBytes: number;
  readonly counters: Counters;
  readonly gauges: Gauges;
  readonly loads: readonly Load[];
  /** Undefined for a broker that is alone. */
  readonly cluster?: ClusterReadings | undefined;
}

export interface SysTopic {
  readonly topic: string;
  readonly value: string;
}

/** The names that mosquitto uses, which dashboards and exporters know; a test compares them with a real one. Beside each the reading it shows. */
export const SYS_READINGS: readonly (readonly [name: string, reading: string])[] = [
  ["clients/total", "sessions.count"],
  ["clients/connected", "connections.count"],
  ["clients/active", "connections.count"],
  ["clients/disconnected", "sessions.offline.count"],
  ["clients/inactive", "sessions.offline.count"],
  ["clients/maximum", "connections.max"],
  ["clients/expired", "session.expired"],
  ["messages/received", "packets.received"],
  ["messages/sent", "packets.sent"],
  ["messages/stored", "messages.stored.count"],
  ["store/messages/count", "messages.stored.count"],
  ["store/messages/bytes", "messages.stored.bytes"],
  ["retained messages/count", "retained.count"],
  ["subscriptions/count", "subscriptions.count"],
  ["shared_subscriptions/count", "subscriptions.shared.count"],
  ["publish/messages/received", "messages.received"],
  ["publish/messages/sent", "messages.sent"],
  ["publish/messages/dropped", "delivery.dropped"],
  ["publish/bytes/received", "messages.bytes.received"],
  ["publish/bytes/sent", "messages.bytes.sent"],
  ["bytes/received", "bytes.received"],
  ["bytes/sent", "bytes.sent"],
  ["heap/current", "heap.bytes"],
];

/** What brokers of a cluster tell beside it; mosquitto has nothing like it. */
export const SYS_CLUSTER_READINGS: readonly (readonly [name: string, reading: string])[] = [
  ["cluster/peers", "cluster.peers"],
  ["cluster/routes", "cluster.routes"],
  ["cluster/messages/sent", "messages.forward"],
  ["cluster/messages/received", "messages.forwarded"],
  ["cluster/messages/dropped", "messages.forward.dropped"],
  ["cluster/messages/refused", "messages.forward.refused"],
  ["cluster/batches/sent", "cluster.batches.sent"],
  ["cluster/batches/resent", "cluster.batches.resent"],
  ["cluster/bytes/unacknowledged", "cluster.unacknowledged_bytes"],
  ["cluster/sessions/received", "cluster.sessions.received"],
  ["cluster/sessions/handed_over", "cluster.sessions.handed_over"],
  ["cluster/sessions/inherited", "cluster.sessions.inherited"],
  ["cluster/peers_declared_dead", "cluster.peers_declared_dead"],
  ["cluster/fenced", "cluster.fenced"],
  ["cluster/retained/absent", "retained.absent.count"],
  ["cluster/retained/memory_bytes", "retained.memory.bytes"],
  ["cluster/retained/fetched", "retained.fetched"],
  ["cluster/retained/fetches_failed", "retained.fetches_failed"],
  ["cluster/retained/superseded", "retained.superseded"],
];

/** A broker's state as `$SYS/broker/…` topics and the texts that are published to them. */
export function sysTopics(snapshot: SysSnapshot): SysTopic[] {
  const { version, uptimeSeconds, heapMaximumBytes } = snapshot;
  const readings = readAll(snapshot);
  const values: readonly (readonly [string, number | string | undefined])[] = [
    ["version", version],
    ["uptime", `${uptimeSeconds} seconds`],
    ...SYS_READINGS.map(([name, key]) => [name, readings.get(key)] as const),
    ["heap/maximum", heapMaximumBytes],
    ...(snapshot.cluster === undefined ? [] : SYS_CLUSTER_READINGS.map(([name, key]) => [name, readings.get(key)] as const)),
  ];
  return [
    ...values.map(([name, value]) => ({ topic: `$SYS/broker/${name}`, value: String(value) })),
    ...snapshot.loads.map(({ measure, span, perMinute }) => ({
      topic: `$SYS/broker/load/${measure}/${span}`,
      value: perMinute.toFixed(2),
    })),
  ];
}
