import { ByteReader } from "../../journal/byte-reader.js";
import type { ByteWriter } from "../../journal/byte-writer.js";

/*
 * What brokers say to each other, each on the subject of the one that is spoken to, without the engine keeping it: a byte that says what it
 * is, the name of the sender, and the fields.
 */

/** sequence, part, parts; then the bytes of that part of the batch. */
const BATCH = 1;
/** received, accepted: sequences, each for all before it as well. */
const ACKNOWLEDGEMENT = 2;
/** sequence of the route log up to which the sender has applied it. */
const APPLIED = 3;
/** The same, and whether clients may come to it; on the subject that all listen to. */
const HEARTBEAT = 4;
/** sequence of the claim; the client that it is for. The answer says that it has been handed over. */
const TAKEOVER = 5;

/** 0; a client that is away, whose session the receiver is to take over. The answer says that it has. */
const OFFER = 6;

/** A number; a client. The answer says whether the receiver holds all of its session, moved so often at least: 1 or 0. */
const HOLDS = 7;

export type PeerFrame =
  | {
      readonly type: "batch";
      readonly from: string;
      readonly sequence: number;
      readonly part: number;
      readonly parts: number;
      readonly bytes: Uint8Array;
    }
  | { readonly type: "acknowledgement"; readonly from: string; readonly received: number; readonly accepted: number }
  | { readonly type: "applied"; readonly from: string; readonly sequence: number }
  | { readonly type: "heartbeat"; readonly from: string; readonly sequence: number; readonly isReady: boolean }
  | { readonly type: "takeover" | "offer" | "holds"; readonly from: string; readonly sequence: number; readonly clientId: string };

const CLIENT_FRAMES = { takeover: TAKEOVER, offer: OFFER, holds: HOLDS };

/** More than the head of any part takes, for names as brokers have them. */
export const LONGEST_HEAD_BYTES = 512;

/** `out` serves one frame after the other; what is returned is a copy. */
export function encodeFrame(out: ByteWriter, frame: PeerFrame): Uint8Array {
  out.reset(0);
  switch (frame.type) {
    case "batch": {
      head(out, BATCH, frame.from, frame.sequence);
      out.varint(frame.part);
      out.varint(frame.parts);
      const at = out.take(frame.bytes.length);
      out.bytes.set(frame.bytes, at);
      break;
    }
    case "acknowledgement":
      head(out, ACKNOWLEDGEMENT, frame.from, frame.received);
      out.varint(frame.accepted);
      break;
    case "applied":
      head(out, APPLIED, frame.from, frame.sequence);
      break;
    case "heartbeat":
      head(out, HEARTBEAT, frame.from, frame.sequence);
      out.u8(frame.isReady ? 1 : 0);
      break;
    case "takeover":
    case "offer":
    case "holds":
      head(out, CLIENT_FRAMES[frame.type], frame.from, frame.sequence);
      out.text(frame.clientId);
      break;
  }
  return Uint8Array.from(out.bytes.subarray(0, out.length));
}

/** The bytes of a batch are a view. Undefined for what a later version says. Throws StoreError for a frame that is cut off. */
export function decodeFrame(bytes: Uint8Array): PeerFrame | undefined {
  const reader = new ByteReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length);
  const type = reader.u8();
  const from = reader.text();
  const sequence = reader.varint();
  switch (type) {
    case BATCH: {
      const part = reader.varint();
      const parts = reader.varint();
      return { type: "batch", from, sequence, part, parts, bytes: bytes.subarray(reader.position) };
    }
    case ACKNOWLEDGEMENT:
      return { type: "acknowledgement", from, received: sequence, accepted: reader.varint() };
    case APPLIED:
      return { type: "applied", from, sequence };
    case HEARTBEAT:
      return { type: "heartbeat", from, sequence, isReady: reader.u8() === 1 };
    case TAKEOVER:
      return { type: "takeover", from, sequence, clientId: reader.text() };
    case OFFER:
      return { type: "offer", from, sequence, clientId: reader.text() };
    case HOLDS:
      return { type: "holds", from, sequence, clientId: reader.text() };
    default:
      return undefined;
  }
}

function head(out: ByteWriter, type: number, from: string, sequence: number): void {
  out.u8(type);
  out.text(from);
  out.varint(sequence);
}
