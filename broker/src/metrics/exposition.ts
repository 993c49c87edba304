import { Registry } from "prom-client";
import type { Metric } from "./metric.js";

/** Text format of Prometheus, filled when it is asked for. */
export class Exposition {
  readonly registry = new Registry();

  constructor(metrics: readonly Metric[]) {
    for (const { name, help, type, read } of metrics) {
      // All that the registry needs of a metric; its own classes keep values, which ours have already.
      const metric = { name, help, type, get: async () => ({ name, help, type, values: read(), aggregator: "sum" }) };
      this.registry.registerMetric(metric as unknown as Parameters<Registry["registerMetric"]>[0]);
    }
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }
}
