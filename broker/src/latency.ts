/** Upper bounds of the buckets, in seconds: a fast disk takes tenths of a millisecond, and a broker that waits for seconds is in trouble. */
export const LATENCY_BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

/** How long something took, counted in buckets: plain numbers, for a whole group or batch at a time. */
export class Latency {
  /** By bucket, each without those below it; the last is for what took longer than all bounds. */
  readonly counts = new Float64Array(LATENCY_BOUNDS.length + 1);
  sumSeconds = 0;

  /** Adds what began at `startedAtMs`, by `performance.now()`. */
  since(startedAtMs: number): void {
    this.add((performance.now() - startedAtMs) / 1_000);
  }

  add(seconds: number): void {
    let bucket = 0;
    while (bucket < LATENCY_BOUNDS.length && seconds > LATENCY_BOUNDS[bucket]!) bucket++;
    this.counts[bucket]! += 1;
    this.sumSeconds += seconds;
  }
}
