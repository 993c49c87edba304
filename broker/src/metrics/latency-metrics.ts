import { LATENCY_BOUNDS, type Latency } from "../latency.js";
import type { Metric, Sample } from "./metric.js";
import { PREFIX } from "./reading-metrics.js";

/** What a broker has to wait for. Undefined where it has no such thing. */
export interface Latencies {
  readonly store: Latency | undefined;
  readonly engine: Latency | undefined;
}

/** How long the disk and the NATS servers take. */
export function latencyMetrics({ store, engine }: Latencies): Metric[] {
  return [
    ...histogram("store_write_seconds", "How long a group of changes took to be on disk", store),
    ...histogram("cluster_append_seconds", "How long NATS took to store something", engine),
  ];
}

function histogram(name: string, help: string, latency: Latency | undefined): Metric[] {
  if (latency === undefined) return [];
  const full = `${PREFIX}${name}`;
  return [{ name: full, help, type: "histogram", read: () => samplesOf(full, latency) }];
}

function samplesOf(name: string, { counts, sumSeconds }: Latency): Sample[] {
  let below = 0;
  const buckets = Array.from(counts, (count, index) => {
    below += count;
    return { value: below, labels: { le: String(LATENCY_BOUNDS[index] ?? "+Inf") }, metricName: `${name}_bucket` };
  });
  return [
    ...buckets,
    { value: sumSeconds, labels: {}, metricName: `${name}_sum` },
    { value: below, labels: {}, metricName: `${name}_count` },
  ];
}
