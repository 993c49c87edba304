import type { ByteWriter } from "../journal/byte-writer.js";
import { Row } from "../journal/row.js";
import type { Delivery } from "../session/delivery.js";
import { RecordType, writeBody, writeDelivery, writeNamed, writeNumbers, writeProgress, writeTaken } from "./records.js";
import { NOTHING_TAKEN, type TakenNumbers } from "./taken-numbers.js";

/** A message in the journal, for all the sessions that it is owed to. */
export interface Body {
  readonly number: number;
  references: number;
  /** In which it was written last; 0 if it was not. */
  epoch: number;
}

/** The messages of one session. */
export class Queue extends Row {
  readonly number: number;
  readonly clientId: string;
  /** By sequence. */
  readonly deliveries = new Map<number, DeliveryRow>();
  /** By packet identifier. */
  received: Map<number, ReceivedRow> | null = null;
  /** The same of those that were refused. */
  refused: Map<number, RefusedRow> | null = null;
  /** By broker. */
  taken: Map<string, TakenRow> | null = null;

  constructor(number: number, clientId: string) {
    super();
    this.number = number;
    this.clientId = clientId;
  }

  /** Says what its number means, if nothing in this epoch has. */
  introduce(out: ByteWriter, epoch: number): void {
    if (this.isStored) this.refresh(out, epoch);
    else this.rewrite(out, epoch);
  }

  protected override write(out: ByteWriter): void {
    writeNamed(out, RecordType.Queue, this.number, this.clientId);
  }

  protected override writeRemoval(out: ByteWriter): void {
    writeNumbers(out, RecordType.QueueEnd, this.number);
  }
}

export class DeliveryRow extends Row {
  readonly queue: Queue;
  readonly body: Body;
  readonly delivery: Delivery;

  constructor(queue: Queue, body: Body, delivery: Delivery) {
    super();
    this.queue = queue;
    this.body = body;
    this.delivery = delivery;
  }

  protected override write(out: ByteWriter, epoch: number): void {
    const { queue, body, delivery } = this;
    queue.introduce(out, epoch);
    if (body.epoch !== epoch) {
      body.epoch = epoch;
      writeBody(out, body.number, delivery.message);
    }
    writeDelivery(out, queue.number, body.number, delivery, delivery.shared?.topicFilter);
  }

  /** All else about a delivery stays as it is. */
  protected override writeChange(out: ByteWriter): void {
    const { sequence, state, packetId } = this.delivery;
    writeProgress(out, this.queue.number, sequence, state, packetId);
  }

  protected override writeRemoval(out: ByteWriter): void {
    // With its queue it has gone already.
    if (!this.queue.isGone) writeNumbers(out, RecordType.DeliveryEnd, this.queue.number, this.delivery.sequence);
  }
}

/** A QoS 2 message of the client that it has not released. */
export class ReceivedRow extends Row {
  readonly #queue: Queue;
  readonly #packetId: number;

  constructor(queue: Queue, packetId: number) {
    super();
    this.#queue = queue;
    this.#packetId = packetId;
  }

  protected override write(out: ByteWriter, epoch: number): void {
    this.#queue.introduce(out, epoch);
    writeNumbers(out, RecordType.Received, this.#queue.number, this.#packetId);
  }

  protected override writeRemoval(out: ByteWriter): void {
    if (!this.#queue.isGone) writeNumbers(out, RecordType.ReceivedEnd, this.#queue.number, this.#packetId);
  }
}

/** One that the client was refused, and may not have heard of. */
export class RefusedRow extends Row {
  readonly mark: number;
  readonly #queue: Queue;
  readonly #packetId: number;

  constructor(queue: Queue, packetId: number, mark: number) {
    super();
    this.#queue = queue;
    this.#packetId = packetId;
    this.mark = mark;
  }

  protected override write(out: ByteWriter, epoch: number): void {
    this.#queue.introduce(out, epoch);
    writeNumbers(out, RecordType.Refused, this.#queue.number, this.#packetId, this.mark);
  }

  protected override writeRemoval(out: ByteWriter): void {
    if (!this.#queue.isGone) writeNumbers(out, RecordType.RefusedEnd, this.#queue.number, this.#packetId);
  }
}

/** As `StoredMessages` has them, if there are any. */
export function refusedOf({ refused }: Queue): { readonly refused?: ReadonlyMap<number, number> } {
  if (refused === null || refused.size === 0) return {};
  return { refused: new Map(Array.from(refused, ([packetId, { mark }]) => [packetId, mark])) };
}

/** Which of a broker's QoS 2 messages the session has had. */
export class TakenRow extends Row {
  readonly numbers: TakenNumbers;
  readonly #queue: Queue;
  readonly #origin: string;

  constructor(queue: Queue, origin: string, numbers: TakenNumbers) {
    super();
    this.#queue = queue;
    this.#origin = origin;
    this.numbers = numbers;
  }

  protected override write(out: ByteWriter, epoch: number): void {
    this.#queue.introduce(out, epoch);
    writeTaken(out, this.#queue.number, this.#origin, this.numbers);
  }

  protected override writeRemoval(out: ByteWriter): void {
    if (!this.#queue.isGone) writeTaken(out, this.#queue.number, this.#origin, NOTHING_TAKEN);
  }
}
