import { Histogram } from "./histogram.js";

/** Counters that emqtt-bench prints, in the order in which it prints them. */
export const PRINTED_COUNTERS = [
  "recv",
  "sub",
  "sub_fail",
  "pub",
  "pub_fail",
  "pub_overrun",
  "pub_succ",
  "pub_nosub",
  "connect_succ",
  "connect_fail",
  "connect_retried",
  "reconnect_succ",
  "unreachable",
  "connection_refused",
  "connection_timeout",
  "connection_idle",
] as const;

/** Those of ours, for the summary, JSON and metrics only. `lost` are messages that have not come, and goes down when one comes late. */
export const OWN_COUNTERS = ["disconnected", "ping_sent", "ping_answered", "lost", "duplicated", "reordered"] as const;

export const COUNTERS = [...PRINTED_COUNTERS, ...OWN_COUNTERS] as const;
export type Counter = (typeof COUNTERS)[number];

/** Durations in microseconds, by the names that emqtt-bench gives its Prometheus histograms (those are in milliseconds). */
export const DURATIONS = [
  "mqtt_client_tcp_handshake_duration",
  "mqtt_client_handshake_duration",
  "mqtt_client_connect_duration",
  "mqtt_client_subscribe_duration",
  "publish_latency",
  "e2e_latency",
] as const;
export type Duration = (typeof DURATIONS)[number];

/** What one process has counted and measured since its start; or several, added up. */
export interface Snapshot {
  readonly counts: Readonly<Record<Counter, number>>;
  readonly durations: Readonly<Record<Duration, Histogram>>;
  /** Clients past their CONNACK now. */
  readonly connected: number;
  /** The busiest process: its processor time since the last snapshot, as a share of that time. */
  readonly processorShare: number;
  /** The latest that any process was for a timer since the last snapshot. */
  readonly lagMs: number;
}

/** A snapshot as it passes between processes. */
export interface PackedSnapshot {
  readonly counts: readonly number[];
  readonly durations: readonly (readonly number[])[];
  readonly connected: number;
  readonly processorShare: number;
  readonly lagMs: number;
}

/** Counts and measures as it happens. */
export class Tallies {
  readonly counts: Record<Counter, number> = zeroes();
  readonly durations: Record<Duration, Histogram> = histograms();
}

export function pack({ counts, durations, ...rest }: Snapshot): PackedSnapshot {
  return { ...rest, counts: COUNTERS.map((name) => counts[name]), durations: DURATIONS.map((name) => durations[name].pack()) };
}

/** All processes as one. */
export function sumOf(snapshots: readonly PackedSnapshot[]): Snapshot {
  const { counts, durations } = new Tallies();
  let connected = 0;
  let processorShare = 0;
  let lagMs = 0;
  for (const snapshot of snapshots) {
    for (const [index, name] of COUNTERS.entries()) counts[name] += snapshot.counts[index]!;
    for (const [index, name] of DURATIONS.entries()) durations[name].addPacked(snapshot.durations[index]!);
    connected += snapshot.connected;
    processorShare = Math.max(processorShare, snapshot.processorShare);
    lagMs = Math.max(lagMs, snapshot.lagMs);
  }
  return { counts, durations, connected, processorShare, lagMs };
}

function zeroes(): Record<Counter, number> {
  return Object.fromEntries(COUNTERS.map((name) => [name, 0])) as Record<Counter, number>;
}

function histograms(): Record<Duration, Histogram> {
  return Object.fromEntries(DURATIONS.map((name) => [name, new Histogram()])) as Record<Duration, Histogram>;
}
