import { quantity, times } from "../report/quantities.js";
import type { Routes } from "./routes.js";
import type { Sessions } from "./sessions.js";
import { type Latency, nameOf, type Throughput } from "./traffic.js";

/** What a run found; `cluster-latest.json`. */
export interface ClusterReport {
  readonly date: string;
  readonly command: string;
  readonly machine: string;
  readonly runtime: string;
  readonly conditions: readonly string[];
  /** All rounds. */
  readonly throughput: readonly Throughput[];
  readonly latency: readonly Latency[];
  /** What could not be measured, and why. */
  readonly failures: readonly string[];
  readonly routes?: Routes;
  /** "refused": this version does not move sessions. */
  readonly sessions?: Sessions | "refused";
}

export function markdownOf(report: ClusterReport): string {
  const { date, machine, command, runtime, conditions, throughput, latency, failures, routes, sessions } = report;
  const parts = [
    `\`${command}\`, ${date.slice(0, 10)}, ${machine}; ${runtime}. ${conditions.join(" ")}`,
    throughput.length > 0 && throughputTable(throughput),
    latency.length > 0 && latencyTable(latency),
    routes && routesText(routes),
    sessions && sessionsText(sessions),
    failures.length > 0 && failures.map((failure) => `- **Not measured**: ${failure}`).join("\n"),
  ];
  return `${parts.filter((part) => typeof part === "string").join("\n\n")}\n`;
}

function throughputTable(all: readonly Throughput[]): string {
  const rows = groups(all, nameOf).map(([name, some]) => {
    const cells = ([0, 1] as const).flatMap((qos) => {
      const own = some.filter((each) => each.qos === qos);
      if (own.length === 0) return ["", ""];
      const one = all.filter((each) => each.qos === qos && each.pods === 1 && each.isClustered && !each.isShared);
      const rate = median(own, "messagesPerSecond");
      return [
        `${quantity(rate, "msg/s")} (${times(rate / median(one, "messagesPerSecond"))})`,
        `${median(own, "brokersMicros").toFixed(1)} + ${median(own, "natsMicros").toFixed(1)} µs`,
      ];
    });
    return `| ${[name, ...cells].join(" | ")} |`;
  });
  return [
    "|  | QoS 0 | processor time a message, brokers + NATS | QoS 1 | processor time a message |",
    "|---|---:|---:|---:|---:|",
    ...rows,
  ].join("\n");
}

function latencyTable(all: readonly Latency[]): string {
  const local = all.filter(({ pods, isClustered }) => pods === 1 && isClustered);
  const rows = groups(all, nameOf).map(([name, some]) => {
    const cells = (["p50", "p99"] as const).map((which) => {
      const value = median(some, which);
      return `${Math.round(value).toLocaleString("en")} µs (${times(value / median(local, which))})`;
    });
    return `| ${[name, ...cells].join(" | ")} |`;
  });
  return ["| latency at 1,000 msg/s, QoS 0 | p50 | p99, median second |", "|---|---:|---:|", ...rows].join("\n");
}

function routesText(routes: Routes): string {
  const bytes = (value: number) => `${Math.round(value).toLocaleString("en")} B`;
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
  return [
    `${routes.filters.toLocaleString("en")} filters of ${Math.round(routes.filterBytes)} bytes, all on one pod: subscribed at ${Math.round(routes.subscribedPerSecond).toLocaleString("en")}/s.`,
    `A filter takes ${bytes(routes.ownerBytes)} where its subscriber is, ${bytes(routes.peerBytes)} on a pod that heard of it and ${bytes(routes.newcomerBytes)} on one that joined later;`,
    `${bytes(routes.natsBytes)} of NATS's memory, ${bytes(routes.natsStoredBytes)} of its disk.`,
    `A new pod takes clients ${seconds(routes.joinMs)} after its start, without any filters ${seconds(routes.emptyJoinMs)}.`,
  ].join("\n");
}

function sessionsText(sessions: Sessions | "refused"): string {
  if (sessions === "refused") return "Persistent sessions: not measured, as this version ends them with their connections.";
  const rate = (value: number) => `${Math.round(value).toLocaleString("en")}/s`;
  const bytes = (value: number) => `${Math.round(value).toLocaleString("en")} B`;
  const million = (value: number) => `${((value * 1e6) / 2 ** 30).toFixed(1)} GiB`;
  return [
    `${sessions.sessions.toLocaleString("en")} persistent sessions with a subscription each, made at ${rate(sessions.createdPerSecond)}, come back on another pod at ${rate(sessions.returnedPerSecond)}.`,
    `One takes ${bytes(sessions.natsBytes)} of NATS's memory, ${bytes(sessions.natsStoredBytes)} of its disk and ${bytes(sessions.brokerBytes)} of a pod's memory.`,
    `A million would thus take ${million(sessions.natsBytes)} of memory and ${million(sessions.natsStoredBytes)} of disk on each NATS server that keeps them,`,
    `and all of them could be back after ${Math.round(1e6 / sessions.returnedPerSecond / 60)} minutes at that rate.`,
  ].join("\n");
}

function groups<T>(all: readonly T[], nameIn: (each: T) => string): [name: string, some: T[]][] {
  const found = new Map<string, T[]>();
  for (const each of all) found.set(nameIn(each), [...(found.get(nameIn(each)) ?? []), each]);
  return [...found];
}

function median<T>(all: readonly T[], field: { [Key in keyof T]: T[Key] extends number ? Key : never }[keyof T]): number {
  const values = all.map((each) => each[field] as number).sort((a, b) => a - b);
  return (values[(values.length - 1) >> 1]! + values[values.length >> 1]!) / 2;
}
