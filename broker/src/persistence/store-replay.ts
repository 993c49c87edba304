import type { ByteReader } from "../journal/byte-reader.js";
import type { Replay } from "../journal/read-journal.js";
import { StoreError } from "../journal/store-error.js";
import type { Message } from "../message.js";
import { Delivery, type DeliveryState } from "../session/delivery.js";
import type { SubscriptionOptions } from "../session/subscription.js";
import { parseSharedFilter } from "../topics/topic-filter.js";
import { SessionRow, SubscriptionRow } from "./durable-session-store.js";
import { type Outgoing, outgoingKey } from "./outgoing.js";
import { type Body, DeliveryRow, Queue, ReceivedRow, RefusedRow, TakenRow } from "./queue-rows.js";
import { type DeliveryFields, type RecordVisitor, readRecords } from "./records.js";
import type { StoredSession } from "./session-store.js";
import type { StoreCounts } from "./store-counts.js";
import type { TakenNumbers } from "./taken-numbers.js";

/** The epoch of what the journal has when it is opened. */
const FIRST_EPOCH = 1;

interface StoredBody extends Body {
  readonly message: Message;
}

/** Brings back what the records of a journal say, and finds out whether they make sense together. */
export class StoreReplay implements Replay, RecordVisitor {
  readonly sessions = new Map<number, SessionRow>();
  readonly queues = new Map<number, Queue>();
  readonly retainedMessages = new Map<string, Message>();
  /** Of a broker in a cluster: the last batch that it has taken in from each other. */
  readonly marks = new Map<string, number>();
  /** What it had on its way to others, by broker and number. */
  readonly outgoingMessages = new Map<string, Outgoing>();
  /** Which QoS 2 messages of others it has had for shared groups. */
  readonly groupNumbers = new Map<string, TakenNumbers>();
  readonly #bodies = new Map<number, StoredBody>();
  /** Bodies that lost a reference, or have none yet. Looked at when a group is over, as the order within one says nothing. */
  readonly #loose = new Set<StoredBody>();
  #isPartial = false;
  #lastSession = 0;
  #lastQueue = 0;
  #lastBody = 0;
  recordCount = 0;

  get nextNumbers(): { readonly session: number; readonly queue: number; readonly body: number } {
    return { session: this.#lastSession + 1, queue: this.#lastQueue + 1, body: this.#lastBody + 1 };
  }

  counts(): StoreCounts {
    let [subscriptions, deliveries] = [0, 0];
    for (const session of this.sessions.values()) subscriptions += session.subscriptions.size;
    for (const queue of this.queues.values()) deliveries += queue.deliveries.size;
    const [sessions, messages, retained] = [this.sessions.size, this.#bodies.size, this.retainedMessages.size];
    return { sessions, subscriptions, deliveries, messages, retained };
  }

  group(records: ByteReader, isPartial: boolean): void {
    this.#isPartial = isPartial;
    readRecords(records, this);
    if (!isPartial) this.dropLoose();
  }

  /** Lets go of bodies that nothing refers to. */
  dropLoose(): void {
    for (const body of this.#loose) if (body.references === 0) this.#bodies.delete(body.number);
    this.#loose.clear();
  }

  session(number: number, session: StoredSession): void {
    this.recordCount++;
    this.#lastSession = Math.max(this.#lastSession, number);
    const row = this.sessions.get(number);
    if (row !== undefined) {
      row.session = session;
      return;
    }
    const added = new SessionRow(number, session);
    added.markStored(FIRST_EPOCH);
    this.sessions.set(number, added);
  }

  sessionEnd(number: number): void {
    this.recordCount++;
    if (!this.sessions.delete(number)) this.#missing(`session ${number}`);
  }

  subscription(session: number, options: SubscriptionOptions): void {
    this.recordCount++;
    const row = this.sessions.get(session);
    if (row === undefined) {
      this.#missing(`session ${session}`);
      return;
    }
    const subscription = new SubscriptionRow(row, options);
    subscription.markStored(FIRST_EPOCH);
    row.subscriptions.set(options.topicFilter, subscription);
  }

  subscriptionEnd(session: number, filter: string): void {
    this.recordCount++;
    if (!this.sessions.get(session)?.subscriptions.delete(filter)) this.#missing(`a subscription of session ${session}`);
  }

  queue(number: number, clientId: string): void {
    this.recordCount++;
    this.#lastQueue = Math.max(this.#lastQueue, number);
    if (this.queues.has(number)) return;
    const queue = new Queue(number, clientId);
    queue.markStored(FIRST_EPOCH);
    this.queues.set(number, queue);
  }

  queueEnd(number: number): void {
    this.recordCount++;
    const queue = this.queues.get(number);
    if (queue === undefined) {
      this.#missing(`queue ${number}`);
      return;
    }
    for (const row of queue.deliveries.values()) this.#release(row);
    this.queues.delete(number);
  }

  body(number: number, message: Message): void {
    this.recordCount++;
    this.#lastBody = Math.max(this.#lastBody, number);
    if (this.#bodies.has(number)) return;
    const body = { number, message, references: 0, epoch: FIRST_EPOCH };
    this.#bodies.set(number, body);
    this.#loose.add(body);
  }

  delivery(queueNumber: number, bodyNumber: number, fields: DeliveryFields): void {
    this.recordCount++;
    const queue = this.queues.get(queueNumber);
    const body = this.#bodies.get(bodyNumber);
    // Whatever names them follows them, compaction or not.
    if (queue === undefined) throw new StoreError(`a delivery is in queue ${queueNumber}, which is not there`);
    if (body === undefined) throw new StoreError(`a delivery in queue ${queueNumber} is of message ${bodyNumber}, which is not there`);
    const { sequence, qos, retain, identifiers, sharedFilter, state, packetId, source } = fields;
    const shared = sharedFilter === undefined ? undefined : { topicFilter: sharedFilter, shared: parseSharedFilter(sharedFilter) };
    const delivery = new Delivery(sequence, body.message, qos, retain, identifiers, shared, source);
    delivery.state = state;
    delivery.packetId = packetId;
    body.references++;
    const replaced = queue.deliveries.get(sequence);
    if (replaced !== undefined) this.#release(replaced);
    const row = new DeliveryRow(queue, body, delivery);
    row.markStored(FIRST_EPOCH);
    queue.deliveries.set(sequence, row);
  }

  progress(queue: number, sequence: number, state: DeliveryState, packetId: number): void {
    this.recordCount++;
    const row = this.queues.get(queue)?.deliveries.get(sequence);
    if (row === undefined) {
      this.#missing(`delivery ${sequence} in queue ${queue}`);
      return;
    }
    row.delivery.state = state;
    row.delivery.packetId = packetId;
  }

  deliveryEnd(queue: number, sequence: number): void {
    this.recordCount++;
    const deliveries = this.queues.get(queue)?.deliveries;
    const row = deliveries?.get(sequence);
    if (row === undefined) {
      this.#missing(`delivery ${sequence} in queue ${queue}`);
      return;
    }
    deliveries!.delete(sequence);
    this.#release(row);
  }

  received(number: number, packetId: number): void {
    this.recordCount++;
    const queue = this.queues.get(number);
    if (queue === undefined) throw new StoreError(`a received identifier is in queue ${number}, which is not there`);
    const row = new ReceivedRow(queue, packetId);
    row.markStored(FIRST_EPOCH);
    queue.received ??= new Map();
    queue.received.set(packetId, row);
  }

  receivedEnd(queue: number, packetId: number): void {
    this.recordCount++;
    if (!this.queues.get(queue)?.received?.delete(packetId)) this.#missing(`identifier ${packetId} in queue ${queue}`);
  }

  retained(message: Message): void {
    this.recordCount++;
    this.retainedMessages.set(message.topic, message);
  }

  /** What is not there may have come and gone between two groups. */
  retainedEnd(topic: string): void {
    this.recordCount++;
    this.retainedMessages.delete(topic);
  }

  mark(broker: string, sequence: number): void {
    this.recordCount++;
    if (sequence === 0) this.marks.delete(broker);
    else this.marks.set(broker, sequence);
  }

  outgoing(outgoing: Outgoing): void {
    this.recordCount++;
    this.outgoingMessages.set(outgoingKey(outgoing), outgoing);
  }

  outgoingEnd(origin: string, number: number): void {
    this.recordCount++;
    this.outgoingMessages.delete(outgoingKey({ origin, number }));
  }

  taken(number: number, origin: string, numbers: TakenNumbers): void {
    this.recordCount++;
    const isNothing = numbers.floor === 0 && numbers.numbers.size === 0;
    if (number === 0) {
      const known = this.groupNumbers.get(origin);
      if (isNothing) this.groupNumbers.delete(origin);
      else if (known === undefined) this.groupNumbers.set(origin, numbers);
      else known.add(numbers);
      return;
    }
    const queue = this.queues.get(number);
    if (queue === undefined) throw new StoreError(`messages that were had are in queue ${number}, which is not there`);
    queue.taken ??= new Map();
    if (isNothing) {
      queue.taken.delete(origin);
      return;
    }
    const row = new TakenRow(queue, origin, numbers);
    row.markStored(FIRST_EPOCH);
    queue.taken.set(origin, row);
  }

  refused(number: number, packetId: number, mark: number): void {
    this.recordCount++;
    const queue = this.queues.get(number);
    if (queue === undefined) throw new StoreError(`a refused identifier is in queue ${number}, which is not there`);
    const row = new RefusedRow(queue, packetId, mark);
    row.markStored(FIRST_EPOCH);
    queue.refused ??= new Map();
    queue.refused.set(packetId, row);
  }

  refusedEnd(queue: number, packetId: number): void {
    this.recordCount++;
    if (!this.queues.get(queue)?.refused?.delete(packetId)) this.#missing(`refused identifier ${packetId} in queue ${queue}`);
  }

  #release({ body }: DeliveryRow): void {
    body.references--;
    this.#loose.add(body as StoredBody);
  }

  /** In a part of the journal whose beginning has been dropped, changes may precede what they change. */
  #missing(what: string): void {
    if (!this.#isPartial) throw new StoreError(`a record changes ${what}, which is not there`);
  }
}
