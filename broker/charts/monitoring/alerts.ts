/** A state that somebody should know of. */
interface Alert {
  readonly alert: string;
  readonly expr: string;
  /** How long it has to last. */
  readonly for: string;
  readonly severity: "warning" | "critical";
  readonly summary: string;
  readonly description: string;
}

const ALERTS: readonly Alert[] = [
  {
    alert: "MqttBrokerPeersMissing",
    expr: "mqttd_cluster_peers < on (job) group_left () (count by (job) (mqttd_build_info) - 1)",
    for: "2m",
    severity: "critical",
    summary: "{{ $labels.instance }} does not see all other brokers",
    description:
      "It sees {{ $value }}. Look at NATS, and at the network between its servers and the broker; clients there are kept, new ones are sent elsewhere.",
  },
  {
    alert: "MqttBrokerStoreFails",
    expr: "increase(mqttd_store_groups_failed_total[5m]) > 0",
    for: "0m",
    severity: "critical",
    summary: "{{ $labels.instance }} cannot write its store",
    description: "QoS 1 and 2 messages are not acknowledged until it can. Look at the disk: full, read-only or gone.",
  },
  {
    alert: "MqttBrokerRefusesMessagesForPeers",
    expr: "increase(mqttd_cluster_messages_refused_total[5m]) > 0",
    for: "5m",
    severity: "warning",
    summary: "{{ $labels.instance }} refuses messages because another broker does not take them",
    description: "Look for a broker that is slow or out of reach of NATS.",
  },
  {
    alert: "MqttBrokerBusy",
    expr: "rate(process_cpu_seconds_total[5m]) * on (job, instance) mqttd_build_info > 0.85",
    for: "10m",
    severity: "warning",
    summary: "{{ $labels.instance }} uses {{ $value | humanizePercentage }} of its core",
    description: "A broker has one thread. Add replicas, then rebalance: mqttd ctl rebalance start.",
  },
  {
    alert: "MqttBrokerEventLoopLate",
    expr: "mqttd_event_loop_lag_seconds > 0.25",
    for: "2m",
    severity: "warning",
    summary: "{{ $labels.instance }} runs {{ $value | humanizeDuration }} late",
    description: "At limits.loopLagHighMs it refuses new clients. More clients than it can serve, or a noisy neighbour on the node.",
  },
  {
    alert: "MqttBrokerMemoryShort",
    expr: "increase(mqttd_memory_overloads_total[10m]) > 0",
    for: "0m",
    severity: "warning",
    summary: "{{ $labels.instance }} is short of memory and refuses new clients",
    description:
      "Raise resources.limits.memory, lower connectionsPerPod, or look for queues of clients that are away (mqttd_stored_bytes).",
  },
  {
    alert: "MqttMessagesDropped",
    expr: 'sum by (job, instance, cause) (rate(mqttd_deliveries_dropped_total{cause!~"expired|qos0_msg"}[5m])) > 1',
    for: "10m",
    severity: "warning",
    summary: "{{ $labels.instance }} drops {{ $value | humanize }} messages a second: {{ $labels.cause }}",
    description: "Clients that do not keep up, or that are away for longer than their queues hold.",
  },
  {
    alert: "MqttAuthenticationFailures",
    expr: "sum by (job) (rate(mqttd_authentications_failed_total[5m])) > 10",
    for: "10m",
    severity: "warning",
    summary: "{{ $value | humanize }} clients a second fail to authenticate",
    description: "Expired tokens or certificates, a changed password file, or somebody who guesses.",
  },
];

/** The alert rules in Prometheus' form, as JSON, which is YAML too. */
export function alertRules(): object {
  return {
    groups: [
      {
        name: "mqttd",
        rules: ALERTS.map(({ alert, expr, for: lasting, severity, summary, description }) => ({
          alert,
          expr,
          for: lasting,
          labels: { severity },
          annotations: { summary, description },
        })),
      },
    ],
  };
}
