import type { Row } from "../journal/row.js";
import type { RowLog } from "../journal/row-log.js";
import type { Message } from "../message.js";
import type { Delivery } from "../session/delivery.js";
import type { MessageStore, StoredMessages } from "./message-store.js";
import { type Body, DeliveryRow, Queue, ReceivedRow, RefusedRow, refusedOf, TakenRow } from "./queue-rows.js";
import type { TakenNumbers } from "./taken-numbers.js";

/** Messages of sessions in memory, where those are anyway, and in the journal. */
export class DurableMessageStore implements MessageStore {
  readonly #journal: RowLog;
  readonly #queues = new Map<string, Queue>();
  /** Each message once, for as long as it is owed to anybody. */
  readonly #bodies = new Map<Message, Body>();
  #nextQueue = 1;
  #nextBody = 1;

  constructor(journal: RowLog) {
    this.#journal = journal;
  }

  /** Deliveries, of all sessions. */
  get size(): number {
    let count = 0;
    for (const { deliveries } of this.#queues.values()) count += deliveries.size;
    return count;
  }

  /** Messages; one that is owed to many sessions counts once. */
  get bodyCount(): number {
    return this.#bodies.size;
  }

  add(clientId: string, delivery: Delivery): void {
    const queue = this.#queue(clientId);
    let body = this.#bodies.get(delivery.message);
    if (body === undefined) {
      body = { number: this.#nextBody++, references: 0, epoch: 0 };
      this.#bodies.set(delivery.message, body);
    }
    body.references++;
    if (queue.deliveries.has(delivery.sequence)) this.remove(clientId, delivery);
    const row = new DeliveryRow(queue, body, delivery);
    queue.deliveries.set(delivery.sequence, row);
    this.#journal.touch(row);
  }

  update(clientId: string, { sequence, state, packetId }: Delivery): void {
    const row = this.#queues.get(clientId)?.deliveries.get(sequence);
    if (row === undefined) return;
    row.delivery.state = state;
    row.delivery.packetId = packetId;
    this.#journal.touch(row);
  }

  remove(clientId: string, { sequence }: Delivery): void {
    const deliveries = this.#queues.get(clientId)?.deliveries;
    const row = deliveries?.get(sequence);
    if (row === undefined) return;
    deliveries!.delete(sequence);
    this.#release(row);
    row.markGone();
    this.#journal.touch(row);
  }

  addReceived(clientId: string, packetId: number): void {
    const queue = this.#queue(clientId);
    queue.received ??= new Map();
    if (queue.received.has(packetId)) return;
    const row = new ReceivedRow(queue, packetId);
    queue.received.set(packetId, row);
    this.#journal.touch(row);
  }

  removeReceived(clientId: string, packetId: number): void {
    const received = this.#queues.get(clientId)?.received;
    const row = received?.get(packetId);
    if (row === undefined) return;
    received!.delete(packetId);
    row.markGone();
    this.#journal.touch(row);
  }

  addRefused(clientId: string, packetId: number, mark: number): void {
    const queue = this.#queue(clientId);
    this.removeRefused(clientId, packetId);
    queue.refused ??= new Map();
    const row = new RefusedRow(queue, packetId, mark);
    queue.refused.set(packetId, row);
    this.#journal.touch(row);
  }

  removeRefused(clientId: string, packetId: number): void {
    const refused = this.#queues.get(clientId)?.refused;
    const row = refused?.get(packetId);
    if (row === undefined) return;
    refused!.delete(packetId);
    row.markGone();
    this.#journal.touch(row);
  }

  setTaken(clientId: string, origin: string, numbers: TakenNumbers | undefined): void {
    const queue = this.#queue(clientId);
    const known = queue.taken?.get(origin);
    if (known !== undefined && known.numbers === numbers) this.#journal.touch(known);
    else {
      queue.taken ??= new Map();
      if (known !== undefined) {
        queue.taken.delete(origin);
        known.markGone();
        this.#journal.touch(known);
      }
      if (numbers === undefined) return;
      const row = new TakenRow(queue, origin, numbers);
      queue.taken.set(origin, row);
      this.#journal.touch(row);
    }
  }

  load(clientId: string): StoredMessages {
    const queue = this.#queues.get(clientId);
    if (queue === undefined) return { deliveries: [], received: [] };
    const deliveries = Array.from(queue.deliveries.values(), ({ delivery }) => delivery);
    // After a compaction the journal has them in another order.
    deliveries.sort((a, b) => a.sequence - b.sequence);
    return { deliveries, received: [...(queue.received?.keys() ?? [])], ...refusedOf(queue) };
  }

  clear(clientId: string): void {
    const queue = this.#queues.get(clientId);
    if (queue === undefined) return;
    this.#queues.delete(clientId);
    for (const row of queue.deliveries.values()) {
      this.#release(row);
      row.discard();
    }
    for (const row of queue.received?.values() ?? []) row.discard();
    for (const row of queue.refused?.values() ?? []) row.discard();
    for (const row of queue.taken?.values() ?? []) row.discard();
    queue.markGone();
    this.#journal.touch(queue);
  }

  commit(): Promise<void> | undefined {
    return this.#journal.commit();
  }

  /** What the journal has. */
  restore(queues: Iterable<Queue>, numbers: { readonly nextQueue: number; readonly nextBody: number }): void {
    for (const queue of queues) {
      this.#queues.set(queue.clientId, queue);
      for (const { body, delivery } of queue.deliveries.values()) this.#bodies.set(delivery.message, body);
    }
    this.#nextQueue = numbers.nextQueue;
    this.#nextBody = numbers.nextBody;
  }

  /** Everything in it is somebody else's from now on, and nothing is written of that. */
  forgetAll(): void {
    this.#queues.clear();
    this.#bodies.clear();
  }

  *rows(): Generator<Row, void, undefined> {
    for (const queue of this.#queues.values()) {
      yield queue;
      yield* queue.deliveries.values();
      if (queue.received !== null) yield* queue.received.values();
      if (queue.refused !== null) yield* queue.refused.values();
      if (queue.taken !== null) yield* queue.taken.values();
    }
  }

  /** All there is, by client identifier. */
  queues(): Iterable<Queue> {
    return this.#queues.values();
  }

  #queue(clientId: string): Queue {
    let queue = this.#queues.get(clientId);
    if (queue === undefined) {
      queue = new Queue(this.#nextQueue++, clientId);
      this.#queues.set(clientId, queue);
    }
    return queue;
  }

  #release({ body, delivery }: DeliveryRow): void {
    if (--body.references === 0) this.#bodies.delete(delivery.message);
  }
}
