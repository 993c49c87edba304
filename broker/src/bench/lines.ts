import { type Counter, PRINTED_COUNTERS, type Snapshot } from "./tallies.js";

/** Up time as emqtt-bench writes it: `1s`, `1m2s`, `1h0m5s`. */
export function upTime(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1_000);
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor(seconds / 60) % 60;
  return `${hours > 0 ? `${hours}h` : ""}${seconds >= 60 ? `${minutes}m` : ""}${seconds % 60}s`;
}

/** emqtt-bench's first line. */
export function startLine(processes: number, addresses: number, intervalMs: number): string {
  return `Start with ${processes} workers, addrs pool size: ${Math.max(1, addresses)} and req interval: ${Math.round(intervalMs * processes)} ms`;
}

/** Turns snapshots into emqtt-bench's lines: one for each counter that has changed since the last time. */
export class CounterLines {
  readonly #before = new Map<Counter, number>();
  #latencies = { count: 0, sum: 0 };
  #beforeMs = 0;

  /** `upMs` since the start. */
  next({ counts, durations }: Snapshot, upMs: number): string[] {
    const seconds = Math.max(0.001, (upMs - this.#beforeMs) / 1_000);
    const up = upTime(upMs);
    const lines: string[] = [];
    const { count, sum } = durations.publish_latency;
    if (count > this.#latencies.count) {
      const average = (sum - this.#latencies.sum) / (count - this.#latencies.count) / 1_000;
      lines.push(`${up} publish_latency avg=${Math.round(average)}ms`);
    }
    for (const name of PRINTED_COUNTERS) {
      const change = counts[name] - (this.#before.get(name) ?? 0);
      if (change === 0) continue;
      lines.push(`${up} ${name} total=${counts[name]} rate=${(change / seconds).toFixed(2)}/sec`);
      this.#before.set(name, counts[name]);
    }
    this.#latencies = { count, sum };
    this.#beforeMs = upMs;
    return lines;
  }
}
