import type { ByteWriter } from "../journal/byte-writer.js";
import { Row } from "../journal/row.js";
import type { RowLog } from "../journal/row-log.js";
import type { SubscriptionOptions } from "../session/subscription.js";
import { RecordType, writeNamed, writeNumbers, writeSession, writeSubscription } from "./records.js";
import type { SessionStore, StoredSession, StoredSessionEntry } from "./session-store.js";

/** Sessions in memory, and in the journal. */
export class DurableSessionStore implements SessionStore {
  readonly #journal: RowLog;
  readonly #rows = new Map<string, SessionRow>();
  #nextNumber = 1;

  constructor(journal: RowLog) {
    this.#journal = journal;
  }

  get size(): number {
    return this.#rows.size;
  }

  get subscriptionCount(): number {
    let count = 0;
    for (const { subscriptions } of this.#rows.values()) count += subscriptions.size;
    return count;
  }

  save(session: StoredSession): void {
    let row = this.#rows.get(session.clientId);
    if (row === undefined) {
      row = new SessionRow(this.#nextNumber++, session);
      this.#rows.set(session.clientId, row);
    } else row.session = session;
    this.#journal.touch(row);
  }

  remove(clientId: string): void {
    const row = this.#rows.get(clientId);
    if (row === undefined) return;
    this.#rows.delete(clientId);
    for (const subscription of row.subscriptions.values()) subscription.discard();
    row.markGone();
    this.#journal.touch(row);
  }

  subscribe(clientId: string, options: SubscriptionOptions): void {
    const session = this.#rows.get(clientId);
    if (session === undefined) return;
    let row = session.subscriptions.get(options.topicFilter);
    if (row === undefined) {
      row = new SubscriptionRow(session, options);
      session.subscriptions.set(options.topicFilter, row);
    } else row.options = options;
    this.#journal.touch(row);
  }

  unsubscribe(clientId: string, topicFilter: string): void {
    const subscriptions = this.#rows.get(clientId)?.subscriptions;
    const row = subscriptions?.get(topicFilter);
    if (row === undefined) return;
    subscriptions!.delete(topicFilter);
    row.markGone();
    this.#journal.touch(row);
  }

  *all(): Iterable<StoredSessionEntry> {
    for (const { session, subscriptions } of this.#rows.values()) {
      yield { session, subscriptions: Array.from(subscriptions.values(), ({ options }) => options) };
    }
  }

  commit(): Promise<void> | undefined {
    return this.#journal.commit();
  }

  /** What the journal has. */
  restore(rows: Iterable<SessionRow>, nextNumber: number): void {
    for (const row of rows) this.#rows.set(row.session.clientId, row);
    this.#nextNumber = nextNumber;
  }

  /** Everything in it is somebody else's from now on, and nothing is written of that. */
  forgetAll(): void {
    this.#rows.clear();
  }

  *rows(): Generator<Row, void, undefined> {
    for (const row of this.#rows.values()) {
      yield row;
      yield* row.subscriptions.values();
    }
  }
}

export class SessionRow extends Row {
  readonly number: number;
  readonly subscriptions = new Map<string, SubscriptionRow>();
  session: StoredSession;

  constructor(number: number, session: StoredSession) {
    super();
    this.number = number;
    this.session = session;
  }

  protected override write(out: ByteWriter): void {
    writeSession(out, this.number, this.session);
  }

  protected override writeRemoval(out: ByteWriter): void {
    writeNumbers(out, RecordType.SessionEnd, this.number);
  }
}

export class SubscriptionRow extends Row {
  readonly #session: SessionRow;
  options: SubscriptionOptions;

  constructor(session: SessionRow, options: SubscriptionOptions) {
    super();
    this.#session = session;
    this.options = options;
  }

  protected override write(out: ByteWriter, epoch: number): void {
    this.#session.refresh(out, epoch);
    writeSubscription(out, this.#session.number, this.options);
  }

  protected override writeRemoval(out: ByteWriter): void {
    // With its session it has gone already.
    if (!this.#session.isGone) writeNamed(out, RecordType.SubscriptionEnd, this.#session.number, this.options.topicFilter);
  }
}
