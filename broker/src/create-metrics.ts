import type { Clock } from "./clock.js";
import type { Config } from "./config/config.js";
import type { MetricsConfig } from "./config/metrics-files.js";
import { localChecks } from "./doctor/run-doctor.js";
import { thisMachine } from "./doctor/this-machine.js";
import type { Log } from "./log.js";
import { doctorMetrics } from "./metrics/doctor-metrics.js";
import { emqxMetrics } from "./metrics/emqx-metrics.js";
import { Exposition } from "./metrics/exposition.js";
import { type Latencies, latencyMetrics } from "./metrics/latency-metrics.js";
import { processMetrics } from "./metrics/process-metrics.js";
import { Push } from "./metrics/push.js";
import { readingMetrics } from "./metrics/reading-metrics.js";
import type { ReadingSource } from "./sys/reading.js";
import { VERSION } from "./version.js";

export interface MetricsParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly startedAtMs: number;
  readonly readings: () => ReadingSource;
  readonly latencies: Latencies;
  /** In force. */
  readonly config: () => Config;
}

/** What Prometheus asks for, and what is pushed to it. */
export interface Metrics {
  readonly exposition: Exposition;
  /** Undefined: it asks. */
  readonly push: Push | undefined;
}

/** The broker's numbers in Prometheus' form. */
export function createMetrics({ emqxNames, push }: MetricsConfig, parts: MetricsParts): Metrics {
  const { clock, log, startedAtMs, readings, latencies, config } = parts;
  const exposition = new Exposition([
    ...processMetrics({ startedAtMs, version: VERSION }),
    ...readingMetrics(readings),
    ...latencyMetrics(latencies),
    ...doctorMetrics(() => localChecks({ config: config() }, thisMachine())),
    ...(emqxNames ? emqxMetrics(readings) : []),
  ]);
  if (push === undefined) return { exposition, push: undefined };
  return { exposition, push: new Push({ config: push, registry: exposition.registry, clock, log }) };
}
