import type { Message } from "../../message.js";
import type { PeerDelivery } from "../backplane.js";
import { readBatch } from "./message-batch.js";

export interface PeerInboxOptions {
  /** Delivers a message; a promise settles when it is where it has to be. */
  readonly deliver: (message: Message, to: PeerDelivery) => void | Promise<void>;
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
    if (!this.#hasNews) return;
    this.#hasNews = false;
    this.#options.acknowledge(this.#received, this.#accepted);
  }

  #take(sequence: number, bytes: Uint8Array): void {
    const waits: Promise<void>[] = [];
    try {
      readBatch(bytes, (message, to) => {
        const wait = this.#options.deliver(message, to);
        if (wait !== undefined && wait !== waits[waits.length - 1]) waits.push(wait);
      });
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
    const done = () => this.#done(sequence);
    // What failed was reported where it happened. Sessions that are connected have the messages, and others there are not: see `movesSessions`.
    Promise.all(waits).then(done, done);
  }

  #done(sequence: number): void {
    this.#pending.delete(sequence);
    let accepted = this.#received;
    for (const pending of this.#pending) accepted = Math.min(accepted, pending - 1);
    if (accepted <= this.#accepted) return;
    this.#accepted = accepted;
    this.#options.acknowledge(this.#received, accepted);
  }
}
