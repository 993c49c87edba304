import { createHash } from "node:crypto";
import { ByteReader } from "../../journal/byte-reader.js";
import type { ByteWriter } from "../../journal/byte-writer.js";
import type { Message } from "../../message.js";
import { readMessage, writeMessage } from "../../persistence/message-record.js";

/*
 * Records of the stream of retained messages: a byte that says what it is, who has written it, a number of the writer's; then the message, or
 * the topic that has none any more. The number of the last attempt tells a writer that its own has come back.
 */
const SET = 1;
const DELETE = 2;
/** Nothing: its writer has read all that was there before. */
const MARK = 3;

export interface RetainedRecord {
  readonly writer: string;
  readonly attempt: number;
  /** Undefined for a mark. */
  readonly topic: string | undefined;
  /** Undefined: the topic has no retained message any more. */
  readonly message: Message | undefined;
}

/** `out` serves one record after the other; what is returned is a copy. */
export function encodeRetained(out: ByteWriter, { writer, attempt, topic, message }: RetainedRecord): Uint8Array {
  out.reset(0);
  out.u8(topic === undefined ? MARK : message === undefined ? DELETE : SET);
  out.text(writer);
  out.varint(attempt);
  if (message !== undefined) writeMessage(out, message);
  else if (topic !== undefined) out.text(topic);
  return Uint8Array.from(out.bytes.subarray(0, out.length));
}

/** Undefined for a record of a later version. The message owns its bytes. Throws StoreError for one that is cut off. */
export function decodeRetained(bytes: Uint8Array): RetainedRecord | undefined {
  const from = new ByteReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length);
  const type = from.u8();
  const [writer, attempt] = [from.text(), from.varint()];
  if (type === MARK) return { writer, attempt, topic: undefined, message: undefined };
  if (type === DELETE) return { writer, attempt, topic: from.text(), message: undefined };
  if (type !== SET) return undefined;
  const message = readMessage(from);
  return { writer, attempt, topic: message.topic, message };
}

/** Where the record of a topic goes: by hash, as a topic may be no subject. */
export function retainedSubject(prefix: string, topic: string): string {
  return `${prefix}.t.${createHash("sha256").update(topic).digest("hex").slice(0, 32)}`;
}
