import type { ByteWriter } from "../../journal/byte-writer.js";
import { Row } from "../../journal/row.js";
import { StoreError } from "../../journal/store-error.js";
import type { Log } from "../../log.js";
import { DurableMessageStore } from "../../persistence/durable-message-store.js";
import { DurableSessionStore } from "../../persistence/durable-session-store.js";
import { type Outgoing, outgoingKey } from "../../persistence/outgoing.js";
import { writeMark, writeOutgoing, writeOutgoingEnd, writeTaken } from "../../persistence/records.js";
import { NOTHING_TAKEN, type Source, TakenNumbers } from "../../persistence/taken-numbers.js";
import { type JournalPlace, NatsJournal, type NatsJournalOptions } from "./nats-journal.js";

export interface ClusterStoreOptions extends Pick<NatsJournalOptions, "before" | "compactBytes" | "maxPendingRows" | "retryMs"> {
  readonly log: Log;
}

/** The sessions that this broker keeps, and their messages: in memory, and in its journal in NATS. */
export class ClusterStore {
  readonly journal: NatsJournal;
  readonly sessions: DurableSessionStore;
  readonly messages: DurableMessageStore;
  readonly #marks = new Map<string, MarkRow>();
  /** By the broker that took the messages. */
  readonly #groupNumbers = new Map<string, GroupNumbersRow>();
  /** By broker and number. */
  readonly #outgoing = new Map<string, OutgoingRow>();

  constructor(options: ClusterStoreOptions) {
    this.journal = new NatsJournal({ ...options, rows: () => this.#rows() });
    this.sessions = new DurableSessionStore(this.journal);
    this.messages = new DurableMessageStore(this.journal);
  }

  /** Begins with nothing, under a new name. */
  async begin(place: JournalPlace): Promise<void> {
    this.sessions.forgetAll();
    this.messages.forgetAll();
    this.#marks.clear();
    this.#groupNumbers.clear();
    this.#outgoing.clear();
    await this.journal.begin(place);
  }

  async end(): Promise<void> {
    await this.journal.end(new StoreError("the broker has left the others"));
  }

  /** Batches of that peer up to this one are in the store, if nothing that came before is left out. */
  mark(broker: string, sequence: number): void {
    let row = this.#marks.get(broker);
    if (row === undefined) {
      row = new MarkRow(broker);
      this.#marks.set(broker, row);
    }
    row.sequence = sequence;
    this.journal.touch(row);
  }

  /** That broker sends no batches any more. */
  unmark(broker: string): void {
    const row = this.#marks.get(broker);
    if (row === undefined) return;
    this.#marks.delete(broker);
    row.markGone();
    this.journal.touch(row);
  }

  /** A QoS 2 message has come for a shared group. */
  hadForGroup({ origin, number, floor }: Source): void {
    let row = this.#groupNumbers.get(origin);
    if (row === undefined) {
      row = new GroupNumbersRow(origin);
      this.#groupNumbers.set(origin, row);
    }
    if (row.take(number, floor)) this.journal.touch(row);
  }

  /** Nobody need know any more which messages of that origin have come. */
  forgetForGroups(origin: string): void {
    const row = this.#groupNumbers.get(origin);
    if (row === undefined) return;
    this.#groupNumbers.delete(origin);
    row.markGone();
    this.journal.touch(row);
  }

  /** A message is on its way to other brokers. */
  note(outgoing: Outgoing): void {
    const key = outgoingKey(outgoing);
    if (this.#outgoing.has(key)) return;
    const row = new OutgoingRow(outgoing);
    this.#outgoing.set(key, row);
    this.journal.touch(row);
  }

  /**
   * What is on its way was for shared groups of a broker that is dead, and goes to members by this one: for whoever takes over from this broker it
   * was for this one, and came.
   */
  dealt(source: Pick<Source, "origin" | "number">, dead: string, self: string): void {
    const row = this.#outgoing.get(outgoingKey(source));
    if (row === undefined) return;
    row.redirect(dead, self);
    this.journal.touch(row);
    this.hadForGroup({ ...source, floor: 0 });
  }

  /** Whether it is on its way still. */
  isOutgoing(key: string): boolean {
    return this.#outgoing.has(key);
  }

  /** What is on its way, by `outgoingKey`. */
  get outgoing(): readonly string[] {
    return [...this.#outgoing.keys()];
  }

  /** All have it. */
  unnote(outgoing: Outgoing): void {
    const key = outgoingKey(outgoing);
    const row = this.#outgoing.get(key);
    if (row === undefined) return;
    this.#outgoing.delete(key);
    row.markGone();
    this.journal.touch(row);
  }

  *#rows(): Generator<Row, void, undefined> {
    yield* this.#marks.values();
    yield* this.#groupNumbers.values();
    yield* this.#outgoing.values();
    yield* this.sessions.rows();
    yield* this.messages.rows();
  }
}

class MarkRow extends Row {
  sequence = 0;
  readonly #broker: string;

  constructor(broker: string) {
    super();
    this.#broker = broker;
  }

  protected override write(out: ByteWriter): void {
    writeMark(out, this.#broker, this.sequence);
  }

  protected override writeRemoval(out: ByteWriter): void {
    writeMark(out, this.#broker, 0);
  }
}

class GroupNumbersRow extends Row {
  readonly #origin: string;
  readonly #numbers = new TakenNumbers();
  /** Since the last record. */
  #added = new Set<number>();

  constructor(origin: string) {
    super();
    this.#origin = origin;
  }

  /** False if it was there. */
  take(number: number, floor: number): boolean {
    if (!this.#numbers.take(number, floor)) return false;
    this.#added.add(number);
    return true;
  }

  protected override write(out: ByteWriter): void {
    this.#added.clear();
    writeTaken(out, 0, this.#origin, this.#numbers);
  }

  protected override writeChange(out: ByteWriter): void {
    writeTaken(out, 0, this.#origin, { floor: this.#numbers.floor, numbers: this.#added });
    this.#added.clear();
  }

  protected override writeRemoval(out: ByteWriter): void {
    writeTaken(out, 0, this.#origin, NOTHING_TAKEN);
  }
}

class OutgoingRow extends Row {
  #outgoing: Outgoing;

  constructor(outgoing: Outgoing) {
    super();
    this.#outgoing = outgoing;
  }

  redirect(from: string, to: string): void {
    const groups = this.#outgoing.groups.map((group) => (group.broker === from ? { ...group, broker: to } : group));
    this.#outgoing = { ...this.#outgoing, groups };
  }

  protected override write(out: ByteWriter): void {
    writeOutgoing(out, this.#outgoing);
  }

  protected override writeRemoval(out: ByteWriter): void {
    writeOutgoingEnd(out, this.#outgoing);
  }
}
