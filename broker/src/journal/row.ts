import type { ByteWriter } from "./byte-writer.js";

const PENDING = 1;
const STORED = 2;
const GONE = 4;
/** The bits above hold the epoch in which it was written last, as far as they go. */
const EPOCH_SHIFT = 3;
const EPOCH_MASK = 0x00ff_ffff;

/**
 * One thing that the journal keeps, for example a message that is owed to a session. It changes at once; when a group is written, each row
 * that changed since the last one writes what it is then. So changes to the same row cost one record a group, and what came and went none.
 */
export abstract class Row {
  #state = 0;

  /** Whether the journal has it, or will. */
  get isGone(): boolean {
    return (this.#state & GONE) !== 0;
  }

  /** Whether it was written, as far as the journal knows. */
  get isStored(): boolean {
    return (this.#state & STORED) !== 0;
  }

  /** It was found in the journal. */
  markStored(epoch: number): void {
    this.#state = STORED | ((epoch & EPOCH_MASK) << EPOCH_SHIFT);
  }

  markGone(): void {
    this.#state |= GONE;
  }

  /** Gone, with something else that takes it along: nothing is written of it any more. */
  discard(): void {
    this.#state = (this.#state & PENDING) | GONE;
  }

  /** True if it was not yet. */
  markPending(): boolean {
    if ((this.#state & PENDING) !== 0) return false;
    this.#state |= PENDING;
    return true;
  }

  /** Writes what has changed. */
  flush(out: ByteWriter, epoch: number): void {
    this.#state &= ~PENDING;
    if (this.isGone) {
      if (this.isStored) this.writeRemoval(out);
    } else if (this.isStored) this.writeChange(out, epoch);
    else this.rewrite(out, epoch);
  }

  /** Writes all of it, unless that was done in this epoch. */
  refresh(out: ByteWriter, epoch: number): void {
    if (this.isStored && !this.isGone && this.#state >>> EPOCH_SHIFT !== (epoch & EPOCH_MASK)) this.rewrite(out, epoch);
  }

  /** Writes all of it. */
  protected rewrite(out: ByteWriter, epoch: number): void {
    this.write(out, epoch);
    this.#state = (this.#state & PENDING) | STORED | ((epoch & EPOCH_MASK) << EPOCH_SHIFT);
  }

  protected abstract write(out: ByteWriter, epoch: number): void;
  protected abstract writeRemoval(out: ByteWriter): void;

  /** Writes what may have changed since it was written. */
  protected writeChange(out: ByteWriter, epoch: number): void {
    this.rewrite(out, epoch);
  }
}
