import type { Clock } from "../../clock.js";
import { ByteWriter } from "../../journal/byte-writer.js";
import { Deferred } from "../../journal/deferred.js";
import type { SharedFilter } from "../../topics/topic-filter.js";
import { type EntryDetails, writeEntry, writeMark, writeSessionEntry } from "./message-batch.js";
import { PeerError } from "./peer-error.js";

/** So long without a sign of a batch, and it is sent again; each time in vain twice as long, lest a slow peer gets ever more to do. */
const RESEND_AFTER_MS = 1_000;
const MOST_RESEND_AFTER_MS = 8_000;

export interface PeerLinkOptions {
  readonly clock: Clock;
  /** Bytes that may be on their way to the peer, unacknowledged. */
  readonly maxInFlightBytes: number;
  /** A batch that would become larger goes out before the turn ends. */
  readonly maxBatchBytes: number;
  /** Sends one batch, for the first time or again; false if that cannot be now. */
  readonly send: (sequence: number, bytes: Uint8Array, isAgain: boolean) => boolean;
}

/** The messages of a turn to one peer. */
export class Batch {
  readonly sequence: number;
  /** Filled when the batch is closed. */
  bytes: Uint8Array = new Uint8Array();
  sentAtMs = 0;
  #accepted: Deferred | undefined;
  /** To be called when the peer has it, however long that takes. */
  #onTaken: (() => void)[] | undefined;

  constructor(sequence: number) {
    this.sequence = sequence;
  }

  /** One promise for all messages of the batch: the peer answers for them. */
  get accepted(): Promise<void> {
    this.#accepted ??= new Deferred();
    return this.#accepted.promise;
  }

  whenTaken(call: () => void): void {
    this.#onTaken ??= [];
    this.#onTaken.push(call);
  }

  settle(error?: Error): void {
    if (error !== undefined) {
      this.#accepted?.reject(error);
      return;
    }
    this.#accepted?.resolve();
    for (const call of this.#onTaken ?? []) call();
    this.#onTaken = undefined;
  }
}

/**
 * The way to one peer: messages go in the order they came, in numbered batches, which are sent again until the peer has said that it has
 * them. The peer drops what it has had.
 */
export class PeerLink {
  readonly #options: PeerLinkOptions;
  readonly #out = new ByteWriter();
  #open: Batch | undefined;
  /** Closed, and not accepted yet, by sequence. */
  readonly #unaccepted: Batch[] = [];
  #inflightBytes = 0;
  #sequence = 0;
  #received = 0;
  #askedAgainAtMs = 0;
  #patienceMs = RESEND_AFTER_MS;
  #isClosed = false;
  #isHeld = false;

  constructor(options: PeerLinkOptions) {
    this.#options = options;
  }

  get hasOpenBatch(): boolean {
    return this.#open !== undefined;
  }

  /** Bytes that the peer has not accepted. */
  get inflightBytes(): number {
    return this.#inflightBytes + (this.#open === undefined ? 0 : this.#out.length);
  }

  /** Of the last batch, sent or not. */
  get sequence(): number {
    return this.#sequence;
  }

  /** The peer has the batches up to that one. */
  get acceptedUpTo(): number {
    const next = this.#unaccepted[0] ?? this.#open;
    return next === undefined ? this.#sequence : next.sequence - 1;
  }

  get isIdle(): boolean {
    return this.#open === undefined && this.#unaccepted.length === 0;
  }

  /** Puts an encoded message into the batch of this turn, and returns that; undefined if there is no room. */
  put(toSubscribers: boolean, groups: readonly SharedFilter[], message: Uint8Array, details?: EntryDetails, place = 0): Batch | undefined {
    if (this.#isClosed || (this.inflightBytes > 0 && this.inflightBytes + message.length > this.#options.maxInFlightBytes))
      return undefined;
    const batch = this.#batchFor(message.length);
    writeEntry(this.#out, toSubscribers, groups, message, details, place);
    return batch;
  }

  /** The same, whatever room there is. */
  putAnyway(toSubscribers: boolean, groups: readonly SharedFilter[], message: Uint8Array, details: EntryDetails, place = 0): Batch {
    const batch = this.#batchFor(message.length);
    writeEntry(this.#out, toSubscribers, groups, message, details, place);
    return batch;
  }

  /** Puts a mark between what has been published and what follows. */
  mark(token: string): void {
    if (this.#isClosed) return;
    this.#batchFor(token.length);
    writeMark(this.#out, token);
  }

  /** Puts a session that moves to the peer; the batch is accepted when the peer has it durable. */
  putSession(clientId: string, records: Uint8Array): Batch {
    const batch = this.#batchFor(records.length);
    writeSessionEntry(this.#out, clientId, records);
    return batch;
  }

  #batchFor(length: number): Batch {
    if (this.#open !== undefined && this.#out.length + length > this.#options.maxBatchBytes) this.flush();
    if (this.#open === undefined) {
      this.#open = new Batch(++this.#sequence);
      this.#out.reset(0);
    }
    return this.#open;
  }

  /** The peer is dead: what it has not accepted, and what comes for it, waits until it is known who has its sessions. */
  hold(): void {
    this.#isHeld = true;
  }

  /** What the peer has not accepted. Afterwards the link is closed; whoever waits for these batches is the caller's to tell. */
  takeHeld(): readonly Batch[] {
    this.flush();
    const held = this.#unaccepted.splice(0);
    this.close();
    return held;
  }

  /** The turn is over: what there is goes out. */
  flush(): void {
    const batch = this.#open;
    if (batch === undefined) return;
    this.#open = undefined;
    batch.bytes = Uint8Array.from(this.#out.bytes.subarray(0, this.#out.length));
    this.#inflightBytes += batch.bytes.length;
    this.#unaccepted.push(batch);
    this.#send(batch, false);
  }

  /** The peer says what has come to it in order, and what of it is where it has to be. */
  acknowledged(received: number, accepted: number): void {
    if (received > this.#received) {
      this.#received = received;
      this.#patienceMs = RESEND_AFTER_MS;
    }
    let count = 0;
    while (count < this.#unaccepted.length && this.#unaccepted[count]!.sequence <= accepted) count++;
    for (const batch of this.#unaccepted.splice(0, count)) {
      this.#inflightBytes -= batch.bytes.length;
      batch.settle();
    }
  }

  /** Sends again what the peer has given no sign of; `atOnce` when the way to it has been interrupted. */
  resend(atOnce = false): void {
    if (this.#isHeld) return;
    const now = this.#options.clock.now();
    const last = this.#unaccepted[this.#unaccepted.length - 1];
    if (last === undefined) return;
    const lost = this.#unaccepted.filter(({ sequence }) => sequence > this.#received);
    if (lost.length > 0) {
      if (!atOnce && now - lost[0]!.sentAtMs < this.#patienceMs) return;
      this.#patienceMs = Math.min(2 * this.#patienceMs, MOST_RESEND_AFTER_MS);
      for (const batch of lost) if (!this.#send(batch, true)) return;
      return;
    }
    // It has them all and has not accepted them, or its word has been lost: it repeats that when a batch comes twice.
    if (!atOnce && now - Math.max(last.sentAtMs, this.#askedAgainAtMs) < RESEND_AFTER_MS) return;
    this.#askedAgainAtMs = now;
    const smallest = this.#unaccepted.reduce((a, b) => (b.bytes.length < a.bytes.length ? b : a));
    this.#send(smallest, true);
  }

  /** Whoever waits is told that it failed; what is on its way goes on, as what comes after it has its place in the order. */
  reject(error: Error): void {
    for (const batch of this.#unaccepted) batch.settle(error);
    this.#open?.settle(error);
  }

  /** The peer is gone: nobody is left there who could miss the messages. */
  close(): void {
    this.#isClosed = true;
    this.#open?.settle();
    this.#open = undefined;
    for (const batch of this.#unaccepted.splice(0)) batch.settle();
    this.#inflightBytes = 0;
  }

  #send(batch: Batch, isAgain: boolean): boolean {
    if (this.#isHeld) return false;
    batch.sentAtMs = this.#options.clock.now();
    return this.#options.send(batch.sequence, batch.bytes, isAgain);
  }
}

/** For messages that found no room in `put`. */
export function noRoom(): Error {
  return new PeerError("another broker is too slow: as much as may be is on its way to it");
}

/** Calls when peers have all of these batches, however long that takes. */
export function whenAllTaken(batches: readonly Batch[], onTaken: () => void): void {
  let left = batches.length;
  if (left === 0) onTaken();
  const taken = () => {
    if (--left === 0) onTaken();
  };
  for (const batch of batches) batch.whenTaken(taken);
}
