import { ByteReader } from "../../journal/byte-reader.js";
import { ByteWriter } from "../../journal/byte-writer.js";
import type { Replay } from "../../journal/read-journal.js";
import { StoreError } from "../../journal/store-error.js";

/*
 * A broker's journal in a stream: messages under one subject, each a byte that says what it is, a number as varint, and what follows. Groups
 * of records are as in the embedded journal (persistence/records.ts); one that is longer than a message may be takes several.
 */

/** Group number; records, to be continued by the next message. */
const PART = 1;
/** Group number; records, the last of the group. */
const GROUP = 2;
/** Number of the first group that is still needed: all that holds is said again since then. */
const BASE = 3;
/** 0; the broker that writes on in the other's stead. */
const SEAL = 4;

export type JournalFrame =
  | { readonly type: "part" | "group"; readonly group: number; readonly bytes: Uint8Array }
  | { readonly type: "base"; readonly group: number }
  | { readonly type: "seal"; readonly by: string };

/** More than a frame takes besides its records, headers of NATS included. */
export const JOURNAL_HEAD_BYTES = 256;

/** The messages of one group: none is longer than `longest`. */
export function groupFrames(group: number, records: Uint8Array, longest: number): Uint8Array[] {
  const frames: Uint8Array[] = [];
  let at = 0;
  do {
    const piece = records.subarray(at, at + longest);
    at += longest;
    frames.push(frame(at < records.length ? PART : GROUP, group, piece));
  } while (at < records.length);
  return frames;
}

export function baseFrame(group: number): Uint8Array {
  return frame(BASE, group, new Uint8Array(0));
}

export function sealFrame(by: string): Uint8Array {
  return frame(SEAL, 0, new TextEncoder().encode(by));
}

export function decodeJournalFrame(bytes: Uint8Array): JournalFrame {
  const from = new ByteReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length);
  const type = from.u8();
  const group = from.varint();
  const rest = bytes.subarray(from.position);
  if (type === PART || type === GROUP) return { type: type === PART ? "part" : "group", group, bytes: rest };
  if (type === BASE) return { type: "base", group };
  if (type === SEAL) return { type: "seal", by: new TextDecoder().decode(rest) };
  throw new StoreError(`a message of a journal is of the unknown type ${type}`);
}

/** Puts together what the messages of a journal say, in their order. A group without its end was never acknowledged, and does not count. */
export class JournalAssembly {
  readonly #groups: { readonly group: number; readonly bytes: Uint8Array }[] = [];
  #parts: Uint8Array[] = [];
  #base = 0;
  /** Groups before the base was written: they refer to what may have been dropped. */
  #partialGroups = 0;

  add(frame: JournalFrame): void {
    if (frame.type === "seal") return;
    if (frame.type === "base") {
      this.#base = frame.group;
      this.#partialGroups = this.#groups.length;
      return;
    }
    this.#parts.push(frame.bytes);
    if (frame.type === "part") return;
    this.#groups.push({ group: frame.group, bytes: Buffer.concat(this.#parts) });
    this.#parts = [];
  }

  replay(replay: Replay): void {
    this.#groups.forEach(({ group, bytes }, index) => {
      if (group < this.#base) return;
      const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      replay.group(new ByteReader(whole, 0, whole.length), index < this.#partialGroups);
    });
  }
}

function frame(type: number, number: number, rest: Uint8Array): Uint8Array {
  const out = new ByteWriter();
  out.u8(type);
  out.varint(number);
  const at = out.take(rest.length);
  out.bytes.set(rest, at);
  return Uint8Array.from(out.bytes.subarray(0, out.length));
}
