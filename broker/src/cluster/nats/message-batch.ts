import { ByteReader } from "../../journal/byte-reader.js";
import type { ByteWriter } from "../../journal/byte-writer.js";
import type { Message } from "../../message.js";
import { readMessage } from "../../persistence/message-record.js";
import type { Source } from "../../persistence/taken-numbers.js";
import type { SharedFilter } from "../../topics/topic-filter.js";
import type { PeerDelivery } from "../backplane.js";

/*
 * A batch is entries one after the other. Each begins with a byte that says what it is. A message: to whom, the shared groups it is for (count;
 * share name and filter of each), the dead broker whose sessions it is for, and then as in the journal (persistence/message-record.ts).
 */

const TO_SUBSCRIBERS = 1;
const TO_GROUPS = 2;
/** The name of a switch: what the sender has published before came before it, what follows comes after. */
const MARK = 4;
/** Client identifier, records of its session (persistence/session-records.ts). */
const SESSION = 8;
const OF_ESTATE = 16;
/** Broker that has taken the message, its number there, and the lowest number that may come again. */
const NUMBERED = 32;
/** That broker is dead, and its heir sends it to all. */
const AGAIN = 64;
/** At QoS 1: where it is among those that the sender has published. */
const ORDERED = 128;

const TO_ALL_SUBSCRIBERS: PeerDelivery = { toSubscribers: true, groups: [] };

/** What is said of few messages. */
export interface EntryDetails {
  /** The dead broker whose sessions it is for. */
  readonly estate?: string | undefined;
  /** At QoS 2. */
  readonly source?: Source | undefined;
  readonly isAgain?: boolean | undefined;
}

const NO_DETAILS: EntryDetails = {};

/** Takes the entries of a batch, which owns its bytes. */
export interface BatchVisitor {
  message(message: Message, to: PeerDelivery, about: EntryDetails, place: number): void;
  mark(token: string): void;
  session(clientId: string, records: Uint8Array): void;
}

/** Adds a message that is encoded already. */
export function writeEntry(
  out: ByteWriter,
  toSubscribers: boolean,
  groups: readonly SharedFilter[],
  message: Uint8Array,
  { estate, source, isAgain }: EntryDetails = NO_DETAILS,
  place = 0,
): void {
  const details = (estate === undefined ? 0 : OF_ESTATE) | (source === undefined ? 0 : NUMBERED) | (isAgain ? AGAIN : 0);
  out.u8((toSubscribers ? TO_SUBSCRIBERS : 0) | (groups.length > 0 ? TO_GROUPS : 0) | details | (place > 0 ? ORDERED : 0));
  if (groups.length > 0) {
    out.varint(groups.length);
    for (const { shareName, filter } of groups) {
      out.text(shareName);
      out.text(filter);
    }
  }
  if (estate !== undefined) out.text(estate);
  if (source !== undefined) {
    out.text(source.origin);
    out.varint(source.number);
    out.varint(source.floor);
  }
  if (place > 0) out.varint(place);
  const at = out.take(message.length);
  out.bytes.set(message, at);
}

export function writeMark(out: ByteWriter, token: string): void {
  out.u8(MARK);
  out.text(token);
}

export function writeSessionEntry(out: ByteWriter, clientId: string, records: Uint8Array): void {
  out.u8(SESSION);
  out.text(clientId);
  out.binary(records);
}

/** Throws StoreError for a batch that is cut off. */
export function readBatch(bytes: Uint8Array, visitor: BatchVisitor): void {
  const from = new ByteReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length);
  while (!from.isAtEnd) {
    const flags = from.u8();
    if (flags & MARK) visitor.mark(from.text());
    else if (flags & SESSION) visitor.session(from.text(), from.binary());
    else {
      let to = TO_ALL_SUBSCRIBERS;
      if (flags & TO_GROUPS) {
        const groups: SharedFilter[] = [];
        for (let left = from.varint(); left > 0; left--) groups.push({ shareName: from.text(), filter: from.text() });
        to = { toSubscribers: (flags & TO_SUBSCRIBERS) !== 0, groups };
      }
      const estate = flags & OF_ESTATE ? from.text() : undefined;
      const source = flags & NUMBERED ? { origin: from.text(), number: from.varint(), floor: from.varint() } : undefined;
      const details = estate === undefined && source === undefined ? NO_DETAILS : { estate, source, isAgain: (flags & AGAIN) !== 0 };
      const place = flags & ORDERED ? from.varint() : 0;
      visitor.message(readMessage(from), to, details, place);
    }
  }
}
