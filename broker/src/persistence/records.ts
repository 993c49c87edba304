import type { Qos, RetainHandling } from "../codec/packet.js";
import type { ByteReader } from "../journal/byte-reader.js";
import type { ByteWriter } from "../journal/byte-writer.js";
import { StoreError } from "../journal/store-error.js";
import type { Message } from "../message.js";
import { DeliveryState } from "../session/delivery.js";
import type { SubscriptionOptions } from "../session/subscription.js";
import { parseSharedFilter } from "../topics/topic-filter.js";
import { readMessage, writeMessage } from "./message-record.js";
import type { Outgoing } from "./outgoing.js";
import type { StoredSession, StoredWill } from "./session-store.js";
import { type Source, TakenNumbers } from "./taken-numbers.js";

/*
 * The records in the groups of the journal (journal/segment.ts). A record is a byte that says what it is, and its fields: numbers as
 * varints (seven bits a byte, the low ones first), texts and bytes with their length before them.
 *
 * Sessions, queues (the messages of one session) and bodies (a message, once for all sessions that get it) have numbers, which are never
 * used again. A record that names a number follows the one that gives it a meaning. A body is forgotten with the last delivery of it.
 */
export const RecordType = {
  /** number, client id, flags, expiry, [user name], [disconnected at], [arriving from], [moves], [will: delay, flag, [due at], message] */
  Session: 1,
  /** number */
  SessionEnd: 2,
  /** session, filter, options, [identifier] */
  Subscription: 3,
  /** session, filter */
  SubscriptionEnd: 4,
  /** number, client id */
  Queue: 5,
  /** number: the queue and all that is in it */
  QueueEnd: 6,
  /** number, message */
  Body: 7,
  /** queue, sequence, body, flags, packet id, [identifiers: count and each], [filter of the shared subscription], [source: broker, number] */
  Delivery: 8,
  /** queue, sequence, state, packet id */
  Progress: 9,
  /** queue, sequence */
  DeliveryEnd: 10,
  /** queue, packet id */
  Received: 11,
  /** queue, packet id */
  ReceivedEnd: 12,
  /** message */
  Retained: 13,
  /** topic */
  RetainedEnd: 14,
  /** broker, sequence of the last of its batches that is taken in; 0 for a broker that is gone. Only in clusters. */
  Mark: 15,
  /** broker and number, 1 if to subscribers, message, shared groups: count; share name, filter and broker of each. Only in clusters. */
  Outgoing: 16,
  /** broker and number */
  OutgoingEnd: 17,
  /** queue, broker, floor; count and each number at or above it. Without these, it is forgotten. Queue 0: new ones, of all shared groups. */
  Taken: 18,
  /** queue, packet id, mark of the message */
  Refused: 19,
  /** queue, packet id */
  RefusedEnd: 20,
} as const;

export type RecordType = (typeof RecordType)[keyof typeof RecordType];

/** A delivery as it is stored. */
export interface DeliveryFields {
  readonly sequence: number;
  readonly qos: Qos;
  readonly retain: boolean;
  readonly state: DeliveryState;
  readonly packetId: number;
  readonly identifiers: readonly number[] | undefined;
  readonly sharedFilter: string | undefined;
  readonly source: Pick<Source, "origin" | "number"> | undefined;
}

/** Takes what records say, one call each. */
export interface RecordVisitor {
  session(number: number, session: StoredSession): void;
  sessionEnd(number: number): void;
  subscription(session: number, options: SubscriptionOptions): void;
  subscriptionEnd(session: number, filter: string): void;
  queue(number: number, clientId: string): void;
  queueEnd(number: number): void;
  body(number: number, message: Message): void;
  delivery(queue: number, body: number, fields: DeliveryFields): void;
  progress(queue: number, sequence: number, state: DeliveryState, packetId: number): void;
  deliveryEnd(queue: number, sequence: number): void;
  received(queue: number, packetId: number): void;
  receivedEnd(queue: number, packetId: number): void;
  retained(message: Message): void;
  retainedEnd(topic: string): void;
  mark(broker: string, sequence: number): void;
  outgoing(outgoing: Outgoing): void;
  outgoingEnd(origin: string, number: number): void;
  taken(queue: number, origin: string, numbers: TakenNumbers): void;
  refused(queue: number, packetId: number, mark: number): void;
  refusedEnd(queue: number, packetId: number): void;
}

const HAS_USER = 1;
const IS_AWAY = 2;
const HAS_WILL = 4;
const IS_ARRIVING = 8;
const HAS_MOVED = 16;
const MAY_LACK = 32;
const IS_DUE = 1;

// Of deliveries: QoS in the low two bits, the state in the next two.
const RETAIN = 16;
const HAS_IDENTIFIERS = 32;
const IS_SHARED = 64;
const HAS_SOURCE = 128;

// Of subscriptions: QoS in the low two bits, Retain Handling in the next two.
const NO_LOCAL = 16;
const AS_PUBLISHED = 32;
const HAS_IDENTIFIER = 64;
/** It came by MQTT 5: in 3.1.1 a filter may look like a shared one and be none. */
const IS_SHARED_FILTER = 128;

export function writeSession(out: ByteWriter, number: number, session: StoredSession): void {
  const { clientId, userName, expirySeconds, disconnectedAtMs, will, arrivingFrom, moves = 0, mayLack } = session;
  out.u8(RecordType.Session);
  out.varint(number);
  out.text(clientId);
  const flags = (userName === undefined ? 0 : HAS_USER) | (disconnectedAtMs === undefined ? 0 : IS_AWAY) | (mayLack ? MAY_LACK : 0);
  out.u8(flags | (will === undefined ? 0 : HAS_WILL) | (arrivingFrom === undefined ? 0 : IS_ARRIVING) | (moves === 0 ? 0 : HAS_MOVED));
  out.varint(expirySeconds);
  if (userName !== undefined) out.text(userName);
  if (disconnectedAtMs !== undefined) out.varint(disconnectedAtMs);
  if (arrivingFrom !== undefined) out.text(arrivingFrom);
  if (moves > 0) out.varint(moves);
  if (will === undefined) return;
  out.varint(will.delaySeconds);
  out.u8(will.dueAtMs === undefined ? 0 : IS_DUE);
  if (will.dueAtMs !== undefined) out.varint(will.dueAtMs);
  writeMessage(out, will.message);
}

export function writeSubscription(out: ByteWriter, session: number, options: SubscriptionOptions): void {
  const { topicFilter, qos, retainHandling, noLocal, retainAsPublished, identifier, shared } = options;
  out.u8(RecordType.Subscription);
  out.varint(session);
  out.text(topicFilter);
  const flags = (noLocal ? NO_LOCAL : 0) | (retainAsPublished ? AS_PUBLISHED : 0) | (shared === undefined ? 0 : IS_SHARED_FILTER);
  out.u8(qos | (retainHandling << 2) | flags | (identifier === undefined ? 0 : HAS_IDENTIFIER));
  if (identifier !== undefined) out.varint(identifier);
}

export function writeBody(out: ByteWriter, number: number, message: Message): void {
  out.u8(RecordType.Body);
  out.varint(number);
  writeMessage(out, message);
}

export function writeDelivery(
  out: ByteWriter,
  queue: number,
  body: number,
  fields: Omit<DeliveryFields, "sharedFilter">,
  sharedFilter: string | undefined,
): void {
  const { sequence, qos, retain, state, packetId, identifiers, source } = fields;
  out.u8(RecordType.Delivery);
  out.varint(queue);
  out.varint(sequence);
  out.varint(body);
  const flags = (retain ? RETAIN : 0) | (identifiers === undefined ? 0 : HAS_IDENTIFIERS) | (sharedFilter === undefined ? 0 : IS_SHARED);
  out.u8(qos | (state << 2) | flags | (source === undefined ? 0 : HAS_SOURCE));
  out.varint(packetId);
  if (identifiers !== undefined) {
    out.varint(identifiers.length);
    for (const identifier of identifiers) out.varint(identifier);
  }
  if (sharedFilter !== undefined) out.text(sharedFilter);
  if (source === undefined) return;
  out.text(source.origin);
  out.varint(source.number);
}

export function writeProgress(out: ByteWriter, queue: number, sequence: number, state: DeliveryState, packetId: number): void {
  out.u8(RecordType.Progress);
  out.varint(queue);
  out.varint(sequence);
  out.u8(state);
  out.varint(packetId);
}

/** A record of a number, or of two or three. */
export function writeNumbers(out: ByteWriter, type: RecordType, first: number, second?: number, third?: number): void {
  out.u8(type);
  out.varint(first);
  if (second !== undefined) out.varint(second);
  if (third !== undefined) out.varint(third);
}

/** A record of a number and a text. */
export function writeNamed(out: ByteWriter, type: RecordType, number: number, text: string): void {
  out.u8(type);
  out.varint(number);
  out.text(text);
}

export function writeRetained(out: ByteWriter, message: Message): void {
  out.u8(RecordType.Retained);
  writeMessage(out, message);
}

export function writeRetainedEnd(out: ByteWriter, topic: string): void {
  out.u8(RecordType.RetainedEnd);
  out.text(topic);
}

export function writeMark(out: ByteWriter, broker: string, sequence: number): void {
  out.u8(RecordType.Mark);
  out.text(broker);
  out.varint(sequence);
}

export function writeOutgoing(out: ByteWriter, { origin, number, message, toSubscribers, groups }: Outgoing): void {
  out.u8(RecordType.Outgoing);
  out.text(origin);
  out.varint(number);
  out.u8(toSubscribers ? 1 : 0);
  writeMessage(out, message);
  out.varint(groups.length);
  for (const { shareName, filter, broker } of groups) {
    out.text(shareName);
    out.text(filter);
    out.text(broker);
  }
}

export function writeOutgoingEnd(out: ByteWriter, { origin, number }: Outgoing): void {
  out.u8(RecordType.OutgoingEnd);
  out.text(origin);
  out.varint(number);
}

export function writeTaken(
  out: ByteWriter,
  queue: number,
  origin: string,
  { floor, numbers }: Pick<TakenNumbers, "floor" | "numbers">,
): void {
  out.u8(RecordType.Taken);
  out.varint(queue);
  out.text(origin);
  out.varint(floor);
  out.varint(numbers.size);
  for (const number of numbers) out.varint(number);
}

/** Reads all the records of a group. */
export function readRecords(from: ByteReader, visitor: RecordVisitor): void {
  while (!from.isAtEnd) readRecord(from, visitor);
}

function readRecord(from: ByteReader, visitor: RecordVisitor): void {
  const type = from.u8();
  switch (type) {
    case RecordType.Session:
      visitor.session(from.varint(), readSession(from));
      break;
    case RecordType.SessionEnd:
      visitor.sessionEnd(from.varint());
      break;
    case RecordType.Subscription:
      visitor.subscription(from.varint(), readSubscription(from));
      break;
    case RecordType.SubscriptionEnd:
      visitor.subscriptionEnd(from.varint(), from.text());
      break;
    case RecordType.Queue:
      visitor.queue(from.varint(), from.text());
      break;
    case RecordType.QueueEnd:
      visitor.queueEnd(from.varint());
      break;
    case RecordType.Body:
      visitor.body(from.varint(), readMessage(from));
      break;
    case RecordType.Delivery:
      readDelivery(from, visitor);
      break;
    case RecordType.Progress:
      visitor.progress(from.varint(), from.varint(), readState(from.u8()), from.varint());
      break;
    case RecordType.DeliveryEnd:
      visitor.deliveryEnd(from.varint(), from.varint());
      break;
    case RecordType.Received:
      visitor.received(from.varint(), from.varint());
      break;
    case RecordType.ReceivedEnd:
      visitor.receivedEnd(from.varint(), from.varint());
      break;
    case RecordType.Retained:
      visitor.retained(readMessage(from));
      break;
    case RecordType.RetainedEnd:
      visitor.retainedEnd(from.text());
      break;
    case RecordType.Mark:
      visitor.mark(from.text(), from.varint());
      break;
    case RecordType.Outgoing:
      visitor.outgoing(readOutgoing(from));
      break;
    case RecordType.OutgoingEnd:
      visitor.outgoingEnd(from.text(), from.varint());
      break;
    case RecordType.Taken:
      visitor.taken(from.varint(), from.text(), readTaken(from));
      break;
    case RecordType.Refused:
      visitor.refused(from.varint(), from.varint(), from.varint());
      break;
    case RecordType.RefusedEnd:
      visitor.refusedEnd(from.varint(), from.varint());
      break;
    default:
      throw new StoreError(`a record is of the unknown type ${type}`);
  }
}

function readTaken(from: ByteReader): TakenNumbers {
  const floor = from.varint();
  return new TakenNumbers(
    floor,
    Array.from({ length: from.varint() }, () => from.varint()),
  );
}

function readOutgoing(from: ByteReader): Outgoing {
  const [origin, number, toSubscribers, message] = [from.text(), from.varint(), from.u8() === 1, readMessage(from)];
  const groups = Array.from({ length: from.varint() }, () => ({ shareName: from.text(), filter: from.text(), broker: from.text() }));
  return { origin, number, message, toSubscribers, groups };
}

function readSession(from: ByteReader): StoredSession {
  const [clientId, flags, expirySeconds] = [from.text(), from.u8(), from.varint()];
  const userName = flags & HAS_USER ? from.text() : undefined;
  const disconnectedAtMs = flags & IS_AWAY ? from.varint() : undefined;
  const arrivingFrom = flags & IS_ARRIVING ? from.text() : undefined;
  const moves = flags & HAS_MOVED ? from.varint() : undefined;
  const will = flags & HAS_WILL ? readWill(from) : undefined;
  const inCluster = { ...(arrivingFrom && { arrivingFrom }), ...(moves && { moves }), ...(flags & MAY_LACK && { mayLack: true }) };
  return { clientId, userName, expirySeconds, disconnectedAtMs, will, ...inCluster };
}

function readWill(from: ByteReader): StoredWill {
  const delaySeconds = from.varint();
  const dueAtMs = from.u8() & IS_DUE ? from.varint() : undefined;
  return { message: readMessage(from), delaySeconds, dueAtMs };
}

function readSubscription(from: ByteReader): SubscriptionOptions {
  const topicFilter = from.text();
  const flags = from.u8();
  const identifier = flags & HAS_IDENTIFIER ? from.varint() : undefined;
  return {
    topicFilter,
    qos: (flags & 3) as Qos,
    noLocal: (flags & NO_LOCAL) !== 0,
    retainAsPublished: (flags & AS_PUBLISHED) !== 0,
    retainHandling: ((flags >> 2) & 3) as RetainHandling,
    identifier,
    shared: flags & IS_SHARED_FILTER ? parseSharedFilter(topicFilter) : undefined,
  };
}

function readDelivery(from: ByteReader, visitor: RecordVisitor): void {
  const queue = from.varint();
  const sequence = from.varint();
  const body = from.varint();
  const flags = from.u8();
  const packetId = from.varint();
  const identifiers = flags & HAS_IDENTIFIERS ? Array.from({ length: from.varint() }, () => from.varint()) : undefined;
  const sharedFilter = flags & IS_SHARED ? from.text() : undefined;
  const source = flags & HAS_SOURCE ? { origin: from.text(), number: from.varint() } : undefined;
  const [qos, state] = [(flags & 3) as Qos, readState((flags >> 2) & 3)];
  visitor.delivery(queue, body, { sequence, qos, retain: (flags & RETAIN) !== 0, state, packetId, identifiers, sharedFilter, source });
}

function readState(value: number): DeliveryState {
  if (value > DeliveryState.Done) throw new StoreError(`a delivery is in the unknown state ${value}`);
  return value as DeliveryState;
}
