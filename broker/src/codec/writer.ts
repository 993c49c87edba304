import { utf8Length, writeUtf8 } from "./utf8.js";

const MAX_BINARY_BYTES = 65_535;

/**
 * Writes into bytes that somebody has sized with the length functions beside it. Integers out of range are
 * RangeErrors that name the field; strings and binary data have been checked when their length was asked for.
 */
export class Writer {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, offset: number) {
    this.#bytes = bytes;
    this.#at = offset;
  }

  get position(): number {
    return this.#at;
  }

  u8(value: number, field: string): void {
    requireInteger(value, 0, 0xff, field);
    this.#bytes[this.#at++] = value;
  }

  u16(value: number, field: string): void {
    requireInteger(value, 0, 0xffff, field);
    this.#put16(value);
  }

  u32(value: number, field: string): void {
    requireInteger(value, 0, 0xffff_ffff, field);
    this.#put16(value >>> 16);
    this.#put16(value & 0xffff);
  }

  /** For lengths and values that `varintLength` has accepted. */
  varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#at++] = rest;
  }

  packetId(value: number): void {
    requireInteger(value, 1, 0xffff, "packetId");
    this.#put16(value);
  }

  utf8(text: string): void {
    const start = this.#at + 2;
    const end = writeUtf8(text, this.#bytes, start);
    this.#put16(end - start);
    this.#at = end;
  }

  binary(bytes: Uint8Array): void {
    this.#put16(bytes.length);
    this.raw(bytes);
  }

  raw(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #put16(value: number): void {
    this.#bytes[this.#at++] = value >>> 8;
    this.#bytes[this.#at++] = value & 0xff;
  }
}

/** Bytes of a Variable Byte Integer. */
export function varintLength(value: number, field: string): number {
  if (value >= 0 && value < 0x80) return 1;
  requireInteger(value, 0, 268_435_455, field);
  return value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : 4;
}

/** Bytes of a string with its length prefix. */
export function stringLength(text: string, field: string): number {
  return 2 + utf8Length(text, field);
}

/** Bytes of binary data with its length prefix. */
export function binaryLength(bytes: Uint8Array, field: string): number {
  if (bytes.length > MAX_BINARY_BYTES) throw new RangeError(`'${field}' takes ${bytes.length} bytes, at most ${MAX_BINARY_BYTES} fit`);
  return 2 + bytes.length;
}

/** Topic names and filters have at least one character [MQTT-4.7.3-1]. */
export function topicLength(topic: string, field: string): number {
  if (topic.length === 0) throw new RangeError(`'${field}' is empty`);
  return stringLength(topic, field);
}

export function requireInteger(value: number, min: number, max: number, field: string): void {
  if (!(Number.isInteger(value) && value >= min && value <= max)) {
    throw new RangeError(`'${field}' must be an integer from ${min} to ${max}, got ${value}`);
  }
}
