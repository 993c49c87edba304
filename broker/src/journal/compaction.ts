import type { ByteWriter } from "./byte-writer.js";
import type { Row } from "./row.js";

/** Written with each group until all is said again: what a disk takes in about a millisecond. */
export const STEP_BYTES = 256 * 1024;

/**
 * Says again all that still holds, a part with each group, so that everything before its first group is not needed any more. Changes go on
 * meanwhile: as every group holds all changes up to it, the order of the groups is right whatever is said again when.
 */
export class Compaction {
  /** Sequence number of its first group. */
  readonly base: number;
  readonly #rows: Iterator<Row>;
  readonly #stepBytes: number;
  /** Said again so far. */
  bytes = 0;
  isDone = false;
  /** Number of the segment that its first group is in, once that is written. */
  segment: number | undefined;

  constructor(base: number, rows: Iterator<Row>, stepBytes: number) {
    this.base = base;
    this.#rows = rows;
    this.#stepBytes = stepBytes;
  }

  step(out: ByteWriter, epoch: number): void {
    const start = out.length;
    while (!this.isDone && out.length - start < this.#stepBytes) {
      const next = this.#rows.next();
      if (next.done === true) this.isDone = true;
      else next.value.refresh(out, epoch);
    }
    this.bytes += out.length - start;
  }
}
