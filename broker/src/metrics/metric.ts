/** One value of a metric. */
export interface Sample {
  readonly value: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Other than the metric's own: `_bucket`, `_sum` and `_count` of a histogram. */
  readonly metricName?: string;
}

/** What is exposed under one name: its values are read when someone asks, so that nothing is counted twice. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  read(): readonly Sample[];
}
