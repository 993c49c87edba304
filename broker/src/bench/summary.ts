import type { ClientHealth } from "./client-health.js";
import { type BenchOptions, sizeOf } from "./options.js";
import { COUNTERS, DURATIONS, type Duration, type Snapshot } from "./tallies.js";

const SHARES = [0.5, 0.9, 0.99, 0.999, 0.9999] as const;
const QOE: readonly Duration[] = ["mqtt_client_tcp_handshake_duration", "mqtt_client_handshake_duration", "mqtt_client_subscribe_duration"];
const TITLES: Readonly<Record<Duration, string>> = {
  mqtt_client_tcp_handshake_duration: "tcp handshake",
  mqtt_client_handshake_duration: "handshake",
  mqtt_client_connect_duration: "connect",
  mqtt_client_subscribe_duration: "subscribe",
  publish_latency: "publish to acknowledgement",
  e2e_latency: "publish to delivery",
};

export interface RunResult {
  readonly options: BenchOptions;
  readonly processes: number;
  /** From the first connection until it was stopped. */
  readonly elapsedMs: number;
  /** Before anybody disconnected. */
  readonly snapshot: Snapshot;
  readonly health: ClientHealth;
}

/** What a run came to, for people. */
export function summaryText({ options, processes, elapsedMs, snapshot, health }: RunResult): string {
  const { counts, durations } = snapshot;
  const seconds = elapsedMs / 1_000;
  const lines = [
    `${options.command}: ${n(counts.connect_succ)} of ${n(sizeOf(options.share, options.clients))} clients connected, ${n(counts.connect_fail)} connections failed, ` +
      `${n(counts.disconnected)} lost, ${n(snapshot.connected)} there at the end of ${seconds.toFixed(1)} s`,
  ];
  if (options.command === "pub") {
    lines.push(
      `published ${n(counts.pub)} (${rate(counts.pub, seconds)}), acknowledged ${n(counts.pub_succ)}, overruns ${n(counts.pub_overrun)}`,
    );
  }
  if (options.command === "sub") {
    const numbered = options.payloadHeaders.includes("cnt64")
      ? `, lost ${n(counts.lost)}, duplicated ${n(counts.duplicated)}, reordered ${n(counts.reordered)}`
      : "";
    lines.push(`subscribed ${n(counts.sub)}, received ${n(counts.recv)} (${rate(counts.recv, seconds)})${numbered}`);
  }
  const shown = DURATIONS.filter((name) => durations[name].count > 0 && (options.output.hasQoe || !QOE.includes(name)));
  if (shown.length > 0) lines.push(row("ms", [...SHARES.map((share) => `p${share * 100}`), "max"]));
  for (const name of shown) {
    const histogram = durations[name];
    lines.push(row(TITLES[name], [...SHARES.map((share) => histogram.percentile(share)), histogram.max].map(milliseconds)));
  }
  lines.push(health.verdict(processes));
  return `${lines.join("\n")}\n`;
}

/** The same for machines: durations in milliseconds. */
export function summaryJson({ options, processes, elapsedMs, snapshot, health }: RunResult): object {
  const { counts, durations, connected } = snapshot;
  return {
    command: options.command,
    clients: sizeOf(options.share, options.clients),
    processes,
    elapsedSeconds: elapsedMs / 1_000,
    connected,
    counts: Object.fromEntries(COUNTERS.map((name) => [name, counts[name]])),
    durations: Object.fromEntries(
      DURATIONS.filter((name) => durations[name].count > 0).map((name) => {
        const histogram = durations[name];
        const percentiles = SHARES.map((share) => [`p${share * 100}`, histogram.percentile(share) / 1_000] as const);
        return [
          name,
          { count: histogram.count, mean: histogram.mean / 1_000, ...Object.fromEntries(percentiles), max: histogram.max / 1_000 },
        ];
      }),
    ),
    client: { isBottleneck: health.isBottleneck, processorShare: health.worstShare, lagMs: health.worstLagMs },
  };
}

function row(title: string, cells: readonly string[]): string {
  return `${title.padEnd(28)}${cells.map((cell) => cell.padStart(10)).join("")}`;
}

function milliseconds(microseconds: number): string {
  const value = microseconds / 1_000;
  return value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(3);
}

function rate(count: number, seconds: number): string {
  return `${n(Math.round(count / Math.max(0.001, seconds)))}/s`;
}

function n(value: number): string {
  return value.toLocaleString("en");
}
