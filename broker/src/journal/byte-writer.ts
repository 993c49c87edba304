/** Each way to another broker has one, and most have little to say. */
const INITIAL_BYTES = 4 * 1024;
/** What a group of unusual size took is given back after it. */
const KEPT_BYTES = 4 * 1024 * 1024;
/** Up to this length a loop over the characters beats the call: 35 ns against 60 on Node 20. */
const SHORT_TEXT = 48;

/** Bytes that grow as they are written, in a buffer that serves one group after the other. */
export class ByteWriter {
  #bytes: Buffer<ArrayBuffer> = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  #end = 0;

  /** All there is room for; `length` of it is written. */
  get bytes(): Buffer<ArrayBuffer> {
    return this.#bytes;
  }

  get length(): number {
    return this.#end;
  }

  /** Begins anew, behind `start` bytes that are the caller's. */
  reset(start: number): void {
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES);
    this.#end = start;
  }

  /** Makes room for `length` bytes that the caller writes, and returns where. */
  take(length: number): number {
    const at = this.#end;
    if (at + length > this.#bytes.length) this.#grow(at + length);
    this.#end = at + length;
    return at;
  }

  u8(value: number): void {
    const at = this.take(1);
    this.#bytes[at] = value;
  }

  /** A whole number from 0 to 2 ** 53 - 1, seven bits a byte, the low ones first. */
  varint(value: number): void {
    if (this.#end + 8 > this.#bytes.length) this.#grow(this.#end + 8);
    const bytes = this.#bytes;
    let at = this.#end;
    let rest = value;
    while (rest >= 0x80) {
      bytes[at++] = (rest % 0x80) | 0x80;
      rest = rest < 0x8000_0000 ? rest >>> 7 : Math.floor(rest / 0x80);
    }
    bytes[at++] = rest;
    this.#end = at;
  }

  /** UTF-8 with its length before it. */
  text(value: string): void {
    if (value.length <= SHORT_TEXT && this.#ascii(value)) return;
    const length = Buffer.byteLength(value);
    this.varint(length);
    const at = this.take(length);
    this.#bytes.write(value, at, length, "utf8");
  }

  /** Bytes with their length before them. */
  binary(value: Uint8Array): void {
    this.varint(value.length);
    const at = this.take(value.length);
    this.#bytes.set(value, at);
  }

  #ascii(value: string): boolean {
    const { length } = value;
    const start = this.take(length + 1);
    const bytes = this.#bytes;
    bytes[start] = length;
    for (let i = 0; i < length; i++) {
      const unit = value.charCodeAt(i);
      if (unit >= 0x80) {
        this.#end = start;
        return false;
      }
      bytes[start + 1 + i] = unit;
    }
    return true;
  }

  #grow(needed: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#end));
    this.#bytes = grown;
  }
}
