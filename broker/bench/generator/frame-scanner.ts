/** Longest frame whose remaining length takes one byte; the generator's messages are shorter. */
const MAX_FRAME_BYTES = 129;
const HEADER_BYTES = 2;

/** Called for each whole frame, which starts at `start`. `bytes` are valid during the call only. */
export type VisitFrame = (bytes: Uint8Array, start: number) => void;

/** Finds frames of at most 129 bytes in a stream cut anywhere, without allocating. */
export class FrameScanner {
  readonly #visit: VisitFrame;
  /** The beginning of a frame whose end has not come yet. */
  readonly #carry = new Uint8Array(MAX_FRAME_BYTES);
  #carried = 0;

  constructor(visit: VisitFrame) {
    this.#visit = visit;
  }

  /** Throws a RangeError for a longer frame. */
  scan(bytes: Uint8Array): void {
    let at = this.#carried > 0 ? this.#completeCarried(bytes) : 0;
    while (at + HEADER_BYTES <= bytes.length) {
      const end = at + HEADER_BYTES + remainingLength(bytes, at);
      if (end > bytes.length) break;
      this.#visit(bytes, at);
      at = end;
    }
    for (; at < bytes.length; at++) this.#carry[this.#carried++] = bytes[at]!;
  }

  /** Returns how many of `bytes` that took. */
  #completeCarried(bytes: Uint8Array): number {
    const carry = this.#carry;
    for (let at = 0; at < bytes.length; ) {
      carry[this.#carried++] = bytes[at++]!;
      if (this.#carried < HEADER_BYTES || this.#carried < HEADER_BYTES + remainingLength(carry, 0)) continue;
      this.#carried = 0;
      this.#visit(carry, 0);
      return at;
    }
    return bytes.length;
  }
}

function remainingLength(bytes: Uint8Array, start: number): number {
  const length = bytes[start + 1]!;
  if (length > 0x7f) throw new RangeError(`a frame of more than ${MAX_FRAME_BYTES} bytes came, first byte ${bytes[start]}`);
  return length;
}
