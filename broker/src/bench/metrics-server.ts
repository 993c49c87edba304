import { createServer } from "node:http";
import { COUNTERS, DURATIONS, type Snapshot } from "./tallies.js";

/** Upper bounds of the histograms in milliseconds. */
const BOUNDS_MS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000];

/** Serves `/metrics`; resolves with how to stop it, or rejects if the address is taken. */
export function serveMetrics(
  address: { readonly host: string | undefined; readonly port: number },
  read: () => Snapshot,
): Promise<() => void> {
  const server = createServer((request, response) => {
    const isKnown = request.url === "/metrics";
    response.writeHead(isKnown ? 200 : 404, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
    response.end(isKnown ? metricsText(read()) : "only /metrics is here\n");
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(address.port, address.host, () =>
      resolve(() => {
        server.close();
        server.closeAllConnections();
      }),
    );
  });
}

/**
 * By emqtt-bench's names, histograms in milliseconds. Not by prom-client, whose histograms take values one at a time: these are added up
 * over processes first.
 */
export function metricsText({ counts, durations, connected }: Snapshot): string {
  const lines: string[] = ["# TYPE connected gauge", `connected ${connected}`];
  for (const name of COUNTERS) lines.push(`# TYPE ${name} ${name === "lost" ? "gauge" : "counter"}`, `${name} ${counts[name]}`);
  for (const name of DURATIONS) {
    const histogram = durations[name];
    lines.push(`# TYPE ${name} histogram`);
    for (const bound of BOUNDS_MS) lines.push(`${name}_bucket{le="${bound}"} ${histogram.countUpTo(bound * 1_000)}`);
    lines.push(`${name}_bucket{le="+Inf"} ${histogram.count}`, `${name}_sum ${histogram.sum / 1_000}`, `${name}_count ${histogram.count}`);
  }
  return `${lines.join("\n")}\n`;
}
