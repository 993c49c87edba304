/** A chart or a number of the dashboard. */
export interface Panel {
  readonly title: string;
  readonly kind: "stat" | "timeseries";
  /** Unit by Grafana's name. */
  readonly unit: "short" | "cps" | "Bps" | "bytes" | "s" | "percentunit";
  /** Query and what its lines are called. `$on` stands for the chosen brokers. */
  readonly queries: readonly (readonly [query: string, legend: string])[];
  /** What to think of it. */
  readonly description?: string;
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

const RATE = "[$__rate_interval]";
const rate = (name: string, by: string) => `sum by (${by}) (rate(mqttd_${name}_total{$on}${RATE}))`;
const quantile = (name: string) => `histogram_quantile(0.99, sum by (le, instance) (rate(mqttd_${name}_bucket{$on}${RATE})))`;

const stat = (title: string, query: string, unit: Panel["unit"] = "short"): Panel => ({
  title,
  kind: "stat",
  unit,
  queries: [[query, ""]],
});
const lines = (title: string, unit: Panel["unit"], queries: Panel["queries"], description?: string): Panel => ({
  title,
  kind: "timeseries",
  unit,
  queries,
  ...(description !== undefined && { description }),
});

/** What the dashboard shows, from top to bottom. */
export const ROWS: readonly Row[] = [
  {
    title: "Now",
    panels: [
      stat("Clients connected", "sum(mqttd_clients_connected{$on})"),
      stat("Sessions", "sum(mqttd_sessions{$on})"),
      stat("Subscriptions", "sum(mqttd_subscriptions{$on})"),
      stat("Messages in", `sum(rate(mqttd_messages_received_total{$on}${RATE}))`, "cps"),
      stat("Messages out", `sum(rate(mqttd_messages_sent_total{$on}${RATE}))`, "cps"),
      stat("Brokers", "count(mqttd_build_info{$on})"),
    ],
  },
  {
    title: "Clients",
    panels: [
      lines(
        "Clients connected",
        "short",
        [["mqttd_clients_connected{$on}", "{{instance}}"]],
        "Even, unless pods came or went: rebalance if not.",
      ),
      lines("Connects", "cps", [
        [rate("clients_welcomed", "instance"), "accepted {{instance}}"],
        [rate("connects_refused", "reason"), "refused {{reason}}"],
      ]),
      lines(
        "Disconnected by the broker",
        "cps",
        [[rate("disconnects", "reason"), "{{reason}}"]],
        "0x8e is a takeover, 0x8b a broker that stops.",
      ),
      lines("Authentication", "cps", [
        [rate("authentications_succeeded", "instance"), "succeeded {{instance}}"],
        [rate("authentications_failed", "instance"), "failed {{instance}}"],
      ]),
    ],
  },
  {
    title: "Messages",
    panels: [
      lines("Received", "cps", [[rate("messages_received", "qos"), "QoS {{qos}}"]]),
      lines("Sent", "cps", [[rate("messages_sent", "qos"), "QoS {{qos}}"]]),
      lines(
        "Not delivered",
        "cps",
        [[rate("deliveries_dropped", "cause"), "{{cause}}"]],
        "Queues that are full, clients that do not read, messages that expired.",
      ),
      lines("Bytes", "Bps", [
        [rate("bytes_received", "instance"), "in {{instance}}"],
        [rate("bytes_sent", "instance"), "out {{instance}}"],
      ]),
    ],
  },
  {
    title: "Held",
    panels: [
      lines("Messages held", "short", [["mqttd_stored_messages{$on}", "{{instance}}"]], "Retained, queued and in flight."),
      lines("Bytes held", "bytes", [["mqttd_stored_bytes{$on}", "{{instance}}"]]),
      lines("Retained", "short", [["mqttd_retained_messages{$on}", "{{instance}}"]]),
      lines("Topic filters", "short", [["mqttd_routes{$on}", "{{instance}}"]]),
    ],
  },
  {
    title: "The process",
    panels: [
      lines(
        "Processor",
        "percentunit",
        [[`rate(process_cpu_seconds_total{$on}${RATE})`, "{{instance}}"]],
        "A broker has one thread: at 1 it is full.",
      ),
      lines("Resident memory", "bytes", [["process_resident_memory_bytes{$on}", "{{instance}}"]]),
      lines("Event loop, late by", "s", [["mqttd_event_loop_lag_seconds{$on}", "{{instance}}"]]),
      lines("Store, 99th percentile of a write", "s", [[quantile("store_write_seconds"), "{{instance}}"]]),
    ],
  },
  {
    title: "Cluster",
    panels: [
      lines("Peers", "short", [["mqttd_cluster_peers{$on}", "{{instance}}"]], "As many as there are other brokers; fewer is a partition."),
      lines("Between brokers", "cps", [
        [rate("cluster_messages_sent", "instance"), "sent {{instance}}"],
        [rate("cluster_messages_received", "instance"), "received {{instance}}"],
      ]),
      lines("Not handed on", "cps", [
        [rate("cluster_messages_dropped", "instance"), "dropped {{instance}}"],
        [rate("cluster_messages_refused", "instance"), "refused {{instance}}"],
      ]),
      lines("NATS, 99th percentile of an append", "s", [[quantile("cluster_append_seconds"), "{{instance}}"]]),
    ],
  },
];
