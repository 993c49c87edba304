const INITIAL_BYTES = 1_024;

/** Garbage below this is not worth moving the rest for. */
const TOLERATED_GARBAGE = 4_096;

/** Before each text: its length in characters, the low byte first, and how many bytes one of them takes. */
const HEADER = 3;

/**
 * Texts one after the other in one buffer: a byte a character if all characters fit into one, else two. Where a text lies is the caller's
 * to keep.
 *
 * To compare a string costs three cache misses (the array it is in, the string, on Bun its characters too) and 24 bytes and more besides
 * its characters; here it is one miss, and neighbours in the buffer often belong to filters that match together.
 */
export class TextArena {
  #bytes = new Uint8Array(INITIAL_BYTES);
  #end = 0;
  #garbage = 0;

  /** Whether so much has been dropped that moving the rest to another arena pays. */
  get isMostlyGarbage(): boolean {
    return this.#garbage > TOLERATED_GARBAGE && this.#garbage * 2 > this.#end;
  }

  /** Adds `text[start, end)`; returns where it lies. */
  add(text: string, start: number, end: number): number {
    const length = end - start;
    const width = widthOf(text, start, end);
    const at = this.#take(HEADER + length * width);
    const bytes = this.#bytes;
    bytes[at] = length & 0xff;
    bytes[at + 1] = length >>> 8;
    bytes[at + 2] = width;
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(start + i);
      bytes[at + HEADER + i * width] = unit & 0xff;
      if (width > 1) bytes[at + HEADER + i * width + 1] = unit >>> 8;
    }
    return at;
  }

  /** Adds a text as it lies in another arena. */
  addFrom(other: TextArena, otherAt: number): number {
    const size = other.#sizeAt(otherAt);
    const at = this.#take(size);
    this.#bytes.set(other.#bytes.subarray(otherAt, otherAt + size), at);
    return at;
  }

  drop(at: number): void {
    this.#garbage += this.#sizeAt(at);
  }

  /** Whether the text that lies there is `text[start, end)`. */
  equals(at: number, text: string, start: number, end: number): boolean {
    const bytes = this.#bytes;
    const length = end - start;
    if ((bytes[at]! | (bytes[at + 1]! << 8)) !== length) return false;
    const first = at + HEADER;
    if (bytes[at + 2] !== 1) return this.#equalsWide(first, text, start, length);
    for (let i = 0; i < length; i++) {
      if (bytes[first + i] !== text.charCodeAt(start + i)) return false;
    }
    return true;
  }

  #equalsWide(first: number, text: string, start: number, length: number): boolean {
    const bytes = this.#bytes;
    for (let i = 0; i < length; i++) {
      if ((bytes[first + 2 * i]! | (bytes[first + 2 * i + 1]! << 8)) !== text.charCodeAt(start + i)) return false;
    }
    return true;
  }

  #sizeAt(at: number): number {
    return HEADER + (this.#bytes[at]! | (this.#bytes[at + 1]! << 8)) * this.#bytes[at + 2]!;
  }

  /** Room for that many bytes; grows the buffer if need be. */
  #take(size: number): number {
    const at = this.#end;
    this.#end += size;
    if (this.#end > this.#bytes.length) {
      const old = this.#bytes;
      this.#bytes = new Uint8Array(Math.max(old.length * 2, this.#end));
      this.#bytes.set(old);
    }
    return at;
  }
}

function widthOf(text: string, start: number, end: number): number {
  for (let i = start; i < end; i++) if (text.charCodeAt(i) > 0xff) return 2;
  return 1;
}
