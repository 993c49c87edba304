import { type BatchVisitor, readBatch } from "./message-batch.js";
import { untilDurable } from "./until-durable.js";

/** What to do with the entries of a batch; a promise settles when they are where they have to be. */
export type Take = (entries: (visitor: BatchVisitor) => void, sequence: number) => readonly Promise<void>[];

export interface PeerInboxOptions {
  readonly take: Take;
  /** Tries again to have durable what could not be made so. */
  readonly retry: () => Promise<void> | undefined;
  /** Tells the sender how far its batches have come, and how far they are where they have to be. */
  readonly acknowledge: (received: number, accepted: number) => void;
}

/** What comes from one peer: each batch once and in order, whatever is lost or comes twice on the way. */
export class PeerInbox {
  readonly #options: PeerInboxOptions;
  #received = 0;
  #accepted = 0;
  /** Parts of the next batch, in order. */
  #parts: Uint8Array[] = [];
  /** Whether the sender is to be told something at the end of the turn. */
  #hasNews = false;
  #isClosed = false;
  /** Batches that are received and not accepted. */
  readonly #pending = new Set<number>();

  constructor(options: PeerInboxOptions) {
    this.#options = options;
  }

  get hasNews(): boolean {
    return this.#hasNews;
  }

  receive(sequence: number, part: number, parts: number, bytes: Uint8Array): void {
    if (sequence <= this.#received) {
      this.#hasNews = true; // the sender has not heard of it
      return;
    }
    if (sequence !== this.#received + 1) return; // one was lost: all since then comes again
    if (part === 0) this.#parts = [];
    if (part !== this.#parts.length) return;
    this.#parts.push(bytes);
    if (part + 1 < parts) return;
    const whole = parts === 1 ? bytes : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#received = sequence;
    this.#take(sequence, whole);
  }

  /** Tells the sender; called at the end of each turn that has brought news. */
  report(): void {
    if (!this.#hasNews || this.#isClosed) return;
    this.#hasNews = false;
    this.#options.acknowledge(this.#received, this.#accepted);
  }

  /**
   * The sender is gone, or this broker's life is over: nothing is acknowledged any more. What could not be made durable by then is in no journal, though it
   * seems done to who tries again in the next life.
   */
  close(): void {
    this.#isClosed = true;
  }

  #take(sequence: number, bytes: Uint8Array): void {
    let waits: readonly Promise<void>[] = [];
    try {
      waits = this.#options.take((visitor) => readBatch(bytes, visitor), sequence);
    } finally {
      // What cannot be read would not be better if it came again.
      this.#accept(sequence, waits);
    }
  }

  #accept(sequence: number, waits: readonly Promise<void>[]): void {
    this.#hasNews = true;
    if (waits.length === 0 && this.#pending.size === 0) {
      this.#accepted = sequence;
      return;
    }
    this.#pending.add(sequence);
    // The sender's client is not told that its message was accepted before what holds it for sessions is durable.
    void untilDurable(Promise.all(waits), this.#options.retry, () => this.#isClosed).then(() => this.#done(sequence));
  }

  #done(sequence: number): void {
    if (this.#isClosed) return;
    this.#pending.delete(sequence);
    let accepted = this.#received;
    for (const pending of this.#pending) accepted = Math.min(accepted, pending - 1);
    if (accepted <= this.#accepted) return;
    this.#accepted = accepted;
    this.#options.acknowledge(this.#received, accepted);
  }
}
