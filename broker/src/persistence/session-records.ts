import { ByteReader } from "../journal/byte-reader.js";
import { ByteWriter } from "../journal/byte-writer.js";
import { StoreError } from "../journal/store-error.js";
import type { Message } from "../message.js";
import type { StoredMessages } from "./message-store.js";
import { refusedOf } from "./queue-rows.js";
import { RecordType, writeBody, writeDelivery, writeNamed, writeNumbers, writeSession, writeSubscription, writeTaken } from "./records.js";
import type { StoredSessionEntry } from "./session-store.js";
import { StoreReplay } from "./store-replay.js";

/** A session with all that belongs to it, as it goes from one broker to another. */
export interface WholeSession extends StoredSessionEntry {
  readonly messages: StoredMessages;
}

/** What has to be known of a session to take messages for it, before the rest comes. */
export interface SessionOutline extends StoredSessionEntry {
  /** Its messages have lower sequences so far. */
  readonly nextSequence: number;
}

export function encodeOutline({ nextSequence, session, subscriptions }: SessionOutline): Uint8Array {
  const out = new ByteWriter();
  out.varint(nextSequence);
  writeSession(out, 1, session);
  for (const subscription of subscriptions) writeSubscription(out, 1, subscription);
  return Uint8Array.from(out.bytes.subarray(0, out.length));
}

/** Throws StoreError for what makes no sense. */
export function decodeOutline(outline: Uint8Array): SessionOutline {
  const bytes = Buffer.from(outline.buffer, outline.byteOffset, outline.length);
  const from = new ByteReader(bytes, 0, bytes.length);
  const nextSequence = from.varint();
  const replay = new StoreReplay();
  replay.group(from, false);
  for (const { session, subscriptions } of wholeSessions(replay)) return { nextSequence, session, subscriptions };
  throw new StoreError("the outline of a session has none");
}

/** As records of the journal. */
export function encodeSession({ session, subscriptions, messages }: WholeSession): Uint8Array {
  const out = new ByteWriter();
  writeSession(out, 1, session);
  for (const subscription of subscriptions) writeSubscription(out, 1, subscription);
  writeNamed(out, RecordType.Queue, 1, session.clientId);
  const bodies = new Map<Message, number>();
  for (const delivery of messages.deliveries) {
    let body = bodies.get(delivery.message);
    if (body === undefined) {
      body = bodies.size + 1;
      bodies.set(delivery.message, body);
      writeBody(out, body, delivery.message);
    }
    writeDelivery(out, 1, body, delivery, delivery.shared?.topicFilter);
  }
  for (const packetId of messages.received) writeNumbers(out, RecordType.Received, 1, packetId);
  for (const [packetId, mark] of messages.refused ?? []) writeNumbers(out, RecordType.Refused, 1, packetId, mark);
  for (const [origin, numbers] of messages.taken ?? []) writeTaken(out, 1, origin, numbers);
  return Uint8Array.from(out.bytes.subarray(0, out.length));
}

/** Throws StoreError for records that make no sense. */
export function decodeSession(records: Uint8Array): WholeSession | undefined {
  const replay = new StoreReplay();
  const bytes = Buffer.from(records.buffer, records.byteOffset, records.length);
  replay.group(new ByteReader(bytes, 0, bytes.length), false);
  for (const whole of wholeSessions(replay)) return whole;
  return undefined;
}

/** All sessions of a journal that was read. */
export function* wholeSessions({ sessions, queues }: StoreReplay): Generator<WholeSession, void, undefined> {
  const messages = new Map<string, StoredMessages>();
  for (const queue of queues.values()) {
    const { clientId, deliveries, received, taken } = queue;
    const ordered = Array.from(deliveries.values(), ({ delivery }) => delivery).sort((a, b) => a.sequence - b.sequence);
    const had = taken === null ? undefined : new Map(Array.from(taken, ([origin, { numbers }]) => [origin, numbers]));
    messages.set(clientId, { deliveries: ordered, received: [...(received?.keys() ?? [])], taken: had, ...refusedOf(queue) });
  }
  const none: StoredMessages = { deliveries: [], received: [] };
  for (const { session, subscriptions } of sessions.values()) {
    yield {
      session,
      subscriptions: Array.from(subscriptions.values(), ({ options }) => options),
      messages: messages.get(session.clientId) ?? none,
    };
  }
}
