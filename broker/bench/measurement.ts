import type { Outcome, ProcessorShares } from "./generator/job.js";

/** One row of one broker in one round. */
export interface Measurement {
  readonly row: string;
  readonly contender: string;
  readonly round: number;
  readonly outcome: Outcome;
}

/** Above it a measurement counts as disturbed: the share of a core that other programs took. */
export const DISTURBED = 0.05;

/** Whether other programs took enough of the cores to falsify it. */
export function isDisturbed(outcome: Outcome): boolean {
  return !("failure" in outcome) && outcome.processor.others.some((share) => share > DISTURBED);
}

/** What all rounds of a row say of one broker. */
export type Cell = ValueCell | FailureCell;

export interface ValueCell {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** That count. */
  readonly rounds: number;
  /** Of the round in the middle, the lower one of two. */
  readonly processor: ProcessorShares;
  readonly details: Readonly<Record<string, number>>;
}

export interface FailureCell {
  readonly failure: string;
}

/**
 * The cell of a row and a broker; undefined if that was not measured. A broker that failed in one round has failed.
 * Disturbed rounds count only where there is no other.
 */
export function cellOf(measurements: readonly Measurement[], row: string, contender: string): Cell | undefined {
  const outcomes = measurements.filter((each) => each.row === row && each.contender === contender).map(({ outcome }) => outcome);
  const all = [];
  for (const outcome of outcomes) {
    if ("failure" in outcome) return outcome;
    all.push(outcome);
  }
  const quiet = all.filter((outcome) => !isDisturbed(outcome));
  const values = (quiet.length > 0 ? quiet : all).sort((a, b) => a.value - b.value);
  const middle = values[(values.length - 1) >> 1];
  if (middle === undefined) return undefined;
  return {
    median: (middle.value + values[values.length >> 1]!.value) / 2,
    min: values[0]!.value,
    max: values.at(-1)!.value,
    rounds: values.length,
    processor: middle.processor,
    details: middle.details,
  };
}

/** The median, or undefined where there is none. */
export function medianOf(cell: Cell | undefined): number | undefined {
  return cell === undefined || "failure" in cell ? undefined : cell.median;
}
