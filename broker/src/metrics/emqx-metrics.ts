import type { Reading, ReadingFamily, ReadingSource } from "../sys/reading.js";
import { READINGS } from "../sys/readings.js";
import type { Metric } from "./metric.js";

/** EMQX's names whose number here goes by another key than the name says. */
const BY_ANOTHER_KEY: Readonly<Record<string, string>> = {
  emqx_channels_count: "sessions.count",
  emqx_cluster_sessions_count: "sessions.count",
  emqx_routes_count: "topics.count",
  emqx_suboptions_count: "subscriptions.count",
  emqx_subscribers_count: "subscriptions.count",
  emqx_client_connect: "packets.connect",
  emqx_client_connack: "packets.connack.sent",
  emqx_client_subscribe: "packets.subscribe.received",
  emqx_client_unsubscribe: "packets.unsubscribe.received",
  emqx_messages_publish: "messages.received",
  emqx_messages_delivered: "messages.sent",
  emqx_messages_dropped: "messages.dropped.no_subscribers",
};

/** EMQX's names whose key is the name with dots, after its list of metrics (apps/emqx_prometheus). */
const BY_KEY: readonly string[] = [
  "connections.count",
  "live_connections.count",
  "sessions.count",
  "topics.count",
  "subscriptions.count",
  "subscriptions.shared.count",
  "retained.count",
  "bytes.received",
  "bytes.sent",
  "packets.received",
  "packets.sent",
  "packets.connect",
  "packets.connack.sent",
  "packets.connack.error",
  "packets.publish.received",
  "packets.publish.sent",
  "packets.publish.quota_exceeded",
  "packets.puback.received",
  "packets.puback.sent",
  "packets.pubrec.received",
  "packets.pubrec.sent",
  "packets.pubrel.received",
  "packets.pubrel.sent",
  "packets.pubcomp.received",
  "packets.pubcomp.sent",
  "packets.subscribe.received",
  "packets.subscribe.error",
  "packets.suback.sent",
  "packets.unsubscribe.received",
  "packets.unsuback.sent",
  "packets.pingreq.received",
  "packets.pingresp.sent",
  "packets.disconnect.received",
  "packets.disconnect.sent",
  "packets.auth.received",
  "packets.auth.sent",
  "messages.received",
  "messages.sent",
  "messages.qos0.received",
  "messages.qos0.sent",
  "messages.qos1.received",
  "messages.qos1.sent",
  "messages.qos2.received",
  "messages.qos2.sent",
  "messages.dropped.no_subscribers",
  "messages.forward",
  "delivery.dropped",
  "delivery.dropped.too_large",
  "delivery.dropped.qos0_msg",
  "delivery.dropped.queue_full",
  "delivery.dropped.expired",
  "client.connected",
  "client.disconnected",
  "session.created",
  "session.resumed",
  "session.takenover",
  "authentication.success",
  "authentication.failure",
];

/** Every name of EMQX's that there is, and the key of the reading whose number it has. */
export const EMQX_NAMES: readonly (readonly [name: string, key: string])[] = [
  ...BY_KEY.map((key) => [`emqx_${key.replaceAll(".", "_")}`, key] as const),
  ...Object.entries(BY_ANOTHER_KEY),
  ["emqx_cluster_nodes_running", "cluster.peers"],
];

/** The same numbers under EMQX's names, without `_total`, so that its Grafana boards work as they are. Those that it has and we do not are left out. */
export function emqxMetrics(source: () => ReadingSource): Metric[] {
  const families = new Map(READINGS.flatMap((family) => family.readings.map((reading) => [reading.key, { family, reading }] as const)));
  return EMQX_NAMES.map(([name, key]) => {
    const found = families.get(key);
    if (found === undefined) throw new Error(`no reading '${key}' for ${name}`);
    return metricOf(name, found, source);
  });
}

interface FoundReading {
  readonly family: ReadingFamily;
  readonly reading: Reading;
}

function metricOf(name: string, { family, reading }: FoundReading, source: () => ReadingSource): Metric {
  // Itself is one of the nodes.
  const more = reading.key === "cluster.peers" ? 1 : 0;
  return {
    name,
    help: family.help,
    type: family.kind,
    read: () => {
      const value = reading.read(source());
      return value === undefined ? [] : [{ value: value + more, labels: {} }];
    },
  };
}
