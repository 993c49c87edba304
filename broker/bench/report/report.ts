import type { Contender } from "../contender.js";
import type { Measurement } from "../measurement.js";
import type { Row } from "../rows.js";

/** Everything that a report is written from, and what the JSON file holds. */
export interface Report {
  /** ISO 8601, when the run began. */
  readonly date: string;
  readonly command: string;
  readonly machine: string;
  /** How it was measured, one sentence each. */
  readonly conditions: readonly string[];
  readonly rows: readonly Omit<Row, "load">[];
  readonly contenders: readonly Pick<Contender, "name" | "title" | "role" | "budgets">[];
  readonly measurements: readonly Measurement[];
}
