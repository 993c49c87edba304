import type { Snapshot } from "./tallies.js";

/** From here on a process has no time left. */
const FULL_SHARE = 0.9;
/** Later than this, what is measured is the client. */
const LATE_MS = 200;
/** Seconds that are full, as a share of those with anything to do. */
const FULL_SECONDS = 0.25;
const IDLE_SHARE = 0.02;

/** Whether the load generator itself was what bounded a run. */
export class ClientHealth {
  #seconds = 0;
  #fullSeconds = 0;
  #lateSeconds = 0;
  #worstShare = 0;
  #worstLagMs = 0;

  /** One second of the busiest process. */
  add({ processorShare, lagMs }: Pick<Snapshot, "processorShare" | "lagMs">): void {
    this.#worstShare = Math.max(this.#worstShare, processorShare);
    this.#worstLagMs = Math.max(this.#worstLagMs, lagMs);
    if (processorShare < IDLE_SHARE) return;
    this.#seconds++;
    if (processorShare >= FULL_SHARE) this.#fullSeconds++;
    if (lagMs >= LATE_MS) this.#lateSeconds++;
  }

  get isBottleneck(): boolean {
    return Math.max(this.#fullSeconds, this.#lateSeconds) > this.#seconds * FULL_SECONDS;
  }

  get worstShare(): number {
    return this.#worstShare;
  }

  get worstLagMs(): number {
    return this.#worstLagMs;
  }

  /** One line for the summary. */
  verdict(processes: number): string {
    const seen = `busiest process ${Math.round(this.#worstShare * 100)} % of a core, latest timer ${this.#worstLagMs.toFixed(0)} ms`;
    if (!this.isBottleneck) return `client: ${seen}; not the bottleneck`;
    return `client: ${seen}; THE CLIENT IS THE BOTTLENECK in ${Math.max(this.#fullSeconds, this.#lateSeconds)} of ${this.#seconds} s: --processes ${processes * 2} uses more cores`;
  }
}
