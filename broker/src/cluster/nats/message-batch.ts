import { ByteReader } from "../../journal/byte-reader.js";
import type { ByteWriter } from "../../journal/byte-writer.js";
import type { Message } from "../../message.js";
import { readMessage } from "../../persistence/message-record.js";
import type { SharedFilter } from "../../topics/topic-filter.js";
import type { PeerDelivery } from "../backplane.js";

/*
 * A batch is messages one after the other. Each begins with a byte that says to whom it is, the shared groups it is for (count; share name and
 * filter of each), and is then as in the journal (persistence/message-record.ts).
 */

const TO_SUBSCRIBERS = 1;
const TO_GROUPS = 2;

const TO_ALL_SUBSCRIBERS: PeerDelivery = { toSubscribers: true, groups: [] };

/** Adds a message that is encoded already. */
export function writeEntry(out: ByteWriter, toSubscribers: boolean, groups: readonly SharedFilter[], message: Uint8Array): void {
  out.u8((toSubscribers ? TO_SUBSCRIBERS : 0) | (groups.length > 0 ? TO_GROUPS : 0));
  if (groups.length > 0) {
    out.varint(groups.length);
    for (const { shareName, filter } of groups) {
      out.text(shareName);
      out.text(filter);
    }
  }
  const at = out.take(message.length);
  out.bytes.set(message, at);
}

/** Calls `take` for each message of a batch, which owns its bytes. Throws StoreError for a batch that is cut off. */
export function readBatch(bytes: Uint8Array, take: (message: Message, to: PeerDelivery) => void): void {
  const from = new ByteReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length);
  while (!from.isAtEnd) {
    const flags = from.u8();
    let to = TO_ALL_SUBSCRIBERS;
    if (flags & TO_GROUPS) {
      const groups: SharedFilter[] = [];
      for (let left = from.varint(); left > 0; left--) groups.push({ shareName: from.text(), filter: from.text() });
      to = { toSubscribers: (flags & TO_SUBSCRIBERS) !== 0, groups };
    }
    take(readMessage(from), to);
  }
}
