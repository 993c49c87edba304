import { upTime } from "./lines.js";
import { type BenchOptions, sizeOf } from "./options.js";
import type { Counter, Snapshot } from "./tallies.js";

const RATES: readonly Counter[] = ["pub", "recv"];

/** What a terminal shows while it runs: one line, written over itself. */
export class LiveLine {
  readonly #options: BenchOptions;
  #before: Partial<Record<Counter, number>> = {};
  #beforeMs = 0;

  constructor(options: BenchOptions) {
    this.#options = options;
  }

  next({ counts, connected, processorShare, lagMs }: Snapshot, upMs: number): string {
    const seconds = Math.max(0.001, (upMs - this.#beforeMs) / 1_000);
    const perSecond = (name: Counter) => Math.round((counts[name] - (this.#before[name] ?? 0)) / seconds).toLocaleString("en");
    const parts = [
      `${upTime(upMs).padStart(6)}  connected ${connected.toLocaleString("en")} of ${sizeOf(this.#options.share, this.#options.clients).toLocaleString("en")} (${perSecond("connect_succ")}/s)`,
      ...RATES.filter((name) => counts[name] > 0).map((name) => `${name} ${perSecond(name)}/s`),
      ...(counts.connect_fail > 0 ? [`failed ${counts.connect_fail.toLocaleString("en")}`] : []),
      ...(counts.disconnected > 0 ? [`lost ${counts.disconnected.toLocaleString("en")}`] : []),
      `client ${Math.round(processorShare * 100)} %, ${lagMs.toFixed(0)} ms late`,
    ];
    this.#before = { ...counts };
    this.#beforeMs = upMs;
    return parts.join("  ");
  }
}
