import { ByteReader } from "../../journal/byte-reader.js";
import { ByteWriter } from "../../journal/byte-writer.js";
import type { Replay } from "../../journal/read-journal.js";
import { StoreError } from "../../journal/store-error.js";

/*
 * A broker's journal in a stream: messages under one subject, each a byte that says what it is, the sequence of the one before it (six bytes, 0 if there is none), a number as
 * varint, and what follows. Groups of records are as in the embedded journal (persistence/records.ts); one that is longer than a message may be takes several.
 */

/** Group number; records, to be continued by the next message. */
const PART = 1;
/** Group number; records, the last of the group. */
const GROUP = 2;
/** Number of the first group that is still needed: all that holds is said again since then. */
const BASE = 3;
/** 0; the broker that writes on in the other's stead. */
const SEAL = 4;

const PREDECESSOR_AT = 1;
const PREDECESSOR_BYTES = 6;

export type JournalFrame = { readonly predecessor: number } & (
  | { readonly type: "part" | "group"; readonly group: number; readonly bytes: Uint8Array }
  | { readonly type: "base"; readonly group: number }
  | { readonly type: "seal"; readonly by: string }
);

/** Writes into a message which one comes before it. */
export function follow(frame: Uint8Array, predecessor: number): Uint8Array {
  Buffer.from(frame.buffer, frame.byteOffset, frame.length).writeUIntBE(predecessor, PREDECESSOR_AT, PREDECESSOR_BYTES);
  return frame;
}

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
  const predecessor = from.bytes.readUIntBE(from.take(PREDECESSOR_BYTES), PREDECESSOR_BYTES);
  const group = from.varint();
  const rest = bytes.subarray(from.position);
  if (type === PART || type === GROUP) return { type: type === PART ? "part" : "group", predecessor, group, bytes: rest };
  if (type === BASE) return { type: "base", predecessor, group };
  if (type === SEAL) return { type: "seal", predecessor, by: new TextDecoder().decode(rest) };
  throw new StoreError(`a message of a journal is of the unknown type ${type}`);
}

/**
 * Puts together what the messages of a journal say, in their order. A group without its end was never acknowledged, and does not count. A NATS server that was killed, or stood
 * still, does not always bring all that the others have: that one is missing is noticed.
 */
export class JournalAssembly {
  readonly #groups: { readonly group: number; readonly bytes: Uint8Array }[] = [];
  #parts: Uint8Array[] = [];
  #base = 0;
  /** Groups before the base was written: they refer to what may have been dropped. */
  #partialGroups = 0;
  #last = 0;
  #hasBeginning = false;

  /** Takes in the message of that sequence; false if one before it has not come. */
  add(frame: JournalFrame, sequence: number): boolean {
    if (this.#last === 0) this.#hasBeginning = frame.predecessor === 0;
    else if (frame.predecessor > this.#last) return false;
    this.#last = sequence;
    if (frame.type === "base") {
      this.#base = frame.group;
      this.#partialGroups = this.#groups.length;
    }
    if (frame.type !== "part" && frame.type !== "group") return true;
    this.#parts.push(frame.bytes);
    if (frame.type === "part") return true;
    this.#groups.push({ group: frame.group, bytes: Buffer.concat(this.#parts) });
    this.#parts = [];
    return true;
  }

  /** Throws StoreError if what it begins with is missing. */
  replay(replay: Replay): void {
    // What was left out before an earlier base may be there still, as its removal may fail.
    if (!this.#hasBeginning && (this.#groups[0]?.group ?? Number.POSITIVE_INFINITY) > this.#base)
      throw new StoreError("the beginning of the journal has not come");
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
  const predecessorAt = out.take(PREDECESSOR_BYTES);
  out.bytes.fill(0, predecessorAt, predecessorAt + PREDECESSOR_BYTES);
  out.varint(number);
  const at = out.take(rest.length);
  out.bytes.set(rest, at);
  return Uint8Array.from(out.bytes.subarray(0, out.length));
}
