import { StoreError } from "./store-error.js";

/** Reads what ByteWriter has written. Whatever does not fit is an error, never an `undefined`: the checksum was right, so it is a fault. */
export class ByteReader {
  readonly bytes: Buffer;
  readonly end: number;
  position: number;

  constructor(bytes: Buffer, start: number, end: number) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  get isAtEnd(): boolean {
    return this.position >= this.end;
  }

  /** Passes over `length` bytes and returns where they begin. */
  take(length: number): number {
    const at = this.position;
    if (length > this.end - at) throw new StoreError("a record is cut off");
    this.position = at + length;
    return at;
  }

  u8(): number {
    return this.bytes[this.take(1)]!;
  }

  varint(): number {
    let value = 0;
    for (let factor = 1; factor <= Number.MAX_SAFE_INTEGER; factor *= 0x80) {
      const byte = this.u8();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw new StoreError("a number in a record is too long");
  }

  text(): string {
    const length = this.varint();
    const at = this.take(length);
    return this.bytes.toString("utf8", at, at + length);
  }

  /** A copy, which does not keep the rest of the file in memory. */
  binary(): Uint8Array {
    const length = this.varint();
    const at = this.take(length);
    return copyOf(this.bytes.subarray(at, at + length));
  }
}

/** Small ones share a buffer of the runtime's, as received payloads do. */
export function copyOf(bytes: Uint8Array): Uint8Array {
  const { buffer, byteOffset, length } = Buffer.from(bytes);
  return new Uint8Array(buffer, byteOffset, length);
}
