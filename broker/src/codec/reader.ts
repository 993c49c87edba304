import { malformed, violation } from "./protocol-error.js";
import { decodeTopicName, requireCharacters } from "./topic-name.js";
import { decodeUtf8 } from "./utf8.js";

/**
 * A cursor over one packet, or over a part of one. Every read says which field it is for, and a field that
 * reaches beyond the end is a malformed packet, never an `undefined`.
 */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get position(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.#end - this.#at;
  }

  u8(field: string): number {
    return this.#bytes[this.#take(1, field)]!;
  }

  u16(field: string): number {
    const at = this.#take(2, field);
    return (this.#bytes[at]! << 8) | this.#bytes[at + 1]!;
  }

  u32(field: string): number {
    const at = this.#take(4, field);
    const bytes = this.#bytes;
    return bytes[at]! * 0x1_00_00_00 + ((bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!);
  }

  /** A Variable Byte Integer, in as few bytes as it needs [MQTT-1.5.5-1]. */
  varint(field: string): number {
    let value = 0;
    for (let shift = 0; shift <= 21; shift += 7) {
      const byte = this.u8(field);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        if (byte === 0 && shift > 0) throw malformed(`${field} is padded`);
        return value;
      }
    }
    throw malformed(`${field} needs more than four bytes`);
  }

  /** Never 0 [MQTT-2.2.1-3] [MQTT-2.2.1-4], in 3.1.1 [MQTT-2.3.1-1]. */
  packetId(): number {
    const packetId = this.u16("packet identifier");
    if (packetId === 0) throw violation("packet identifier is 0");
    return packetId;
  }

  utf8(field: string): string {
    const length = this.u16(field);
    const start = this.#take(length, field);
    return decodeUtf8(this.#bytes, start, start + length, field);
  }

  topicName(field: string): string {
    const length = this.u16(field);
    const start = this.#take(length, field);
    return requireCharacters(decodeTopicName(this.#bytes, start, start + length, field), field);
  }

  topicFilter(): string {
    return requireCharacters(this.utf8("topic filter"), "topic filter");
  }

  /** Length-prefixed bytes, as a view. */
  binary(field: string): Uint8Array {
    const length = this.u16(field);
    const start = this.#take(length, field);
    return viewOf(this.#bytes, start, start + length);
  }

  /** A reader of the next `length` bytes, which this reader skips. */
  section(length: number, field: string): Reader {
    const start = this.#take(length, field);
    return new Reader(this.#bytes, start, start + length);
  }

  /** Refuses bytes that belong to no field. */
  finish(packet: string): void {
    if (this.remaining > 0) throw malformed(`${packet} has ${this.remaining} bytes after its last field`);
  }

  #take(length: number, field: string): number {
    const at = this.#at;
    if (length > this.#end - at) throw malformed(`${field} is cut off`);
    this.#at = at + length;
    return at;
  }
}

/** A plain Uint8Array view, which costs less than `subarray` of a Node Buffer. */
export function viewOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
}
