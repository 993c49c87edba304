import type { Metric } from "./metric.js";

/** What Prometheus knows every process by, under the names that its client libraries agree on. */
export function processMetrics({ startedAtMs, version }: { readonly startedAtMs: number; readonly version: string }): Metric[] {
  const { bun, node } = process.versions;
  const runtime = bun === undefined ? `node ${node}` : `bun ${bun}`;
  return [
    single("process_cpu_seconds_total", "counter", "Processor time that the process took", () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    }),
    single("process_resident_memory_bytes", "gauge", "Resident memory of the process", () => process.memoryUsage.rss()),
    single("process_start_time_seconds", "gauge", "When the broker started, since 1970", () => startedAtMs / 1_000),
    {
      name: "mqttd_build_info",
      help: "Version and runtime, as labels of 1",
      type: "gauge",
      read: () => [{ value: 1, labels: { version, runtime } }],
    },
  ];
}

function single(name: string, type: Metric["type"], help: string, value: () => number): Metric {
  return { name, type, help, read: () => [{ value: value(), labels: {} }] };
}
