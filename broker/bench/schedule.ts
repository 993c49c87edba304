import type { Contender } from "./contender.js";
import type { Outcome } from "./generator/job.js";
import type { Measurement } from "./measurement.js";
import type { Row } from "./rows.js";

export interface Step {
  readonly row: Row;
  readonly contender: Contender;
  readonly round: number;
}

/** All measurements in order: rounds outermost, so that what disturbs the machine for a while disturbs all brokers. */
export function stepsOf(rows: readonly Row[], contenders: readonly Contender[], rounds: number): Step[] {
  const steps: Step[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const row of rows) {
      for (const contender of contenders) {
        // The ceiling is no result, and is compared with no other; once will do.
        const rowRounds = row.repeats && contender.role !== "ceiling" ? rounds : 1;
        if (round <= rowRounds) steps.push({ row, contender, round });
      }
    }
  }
  return steps;
}

export interface Progress {
  started(step: Step, number: number, of: number): void;
  done(step: Step, outcome: Outcome): void;
}

/** Does one step after the other until `signal` aborts. After a failure, later rounds of the same cell are left out. */
export async function runSteps(
  steps: readonly Step[],
  measure: (step: Step) => Promise<Outcome>,
  progress: Progress,
  signal?: AbortSignal,
): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (const [index, step] of steps.entries()) {
    const { row, contender, round } = step;
    const hasFailed = measurements.some(
      (earlier) => earlier.row === row.name && earlier.contender === contender.name && "failure" in earlier.outcome,
    );
    if (hasFailed) continue;
    progress.started(step, index + 1, steps.length);
    const outcome = await measure(step);
    if (signal?.aborted) break;
    progress.done(step, outcome);
    measurements.push({ row: row.name, contender: contender.name, round, outcome });
  }
  return measurements;
}
