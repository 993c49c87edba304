/** Sizes of pooled buffers. Most turns need the first; one that fills the last is sent at once, before the turn ends. */
const CLASSES: readonly number[] = [4_096, 16_384, 65_536];
const MAX_POOLED = CLASSES[CLASSES.length - 1]!;

/** Buffers kept of each size: 4 MiB of each. */
const KEPT: readonly number[] = CLASSES.map((size) => (4 * 1024 * 1024) / size);

/** What a connection has to send: whole chunks first, then the bytes of a buffer that is still being filled. */
export class Output {
  bytes: Uint8Array;
  length = 0;
  /** Full or shared chunks that go before `bytes`; null in the usual case that there are none. */
  sealed: Uint8Array[] | null = null;
  sealedBytes = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get size(): number {
    return this.sealedBytes + this.length;
  }
}

/** Lends outputs to connections that have something to send, so that an idle connection holds no buffer. */
export class OutputPool {
  readonly #outputs: Output[] = [];
  readonly #buffers: Uint8Array[][] = CLASSES.map(() => []);

  take(): Output {
    return this.#outputs.pop() ?? new Output(this.#takeBuffer(0));
  }

  /** Takes back an output whose bytes nobody needs any more. */
  give(output: Output): void {
    output.length = 0;
    output.sealed = null;
    output.sealedBytes = 0;
    if (output.bytes.length !== CLASSES[0]) {
      this.#giveBuffer(output.bytes);
      output.bytes = this.#takeBuffer(0);
    }
    if (this.#outputs.length < KEPT[0]!) this.#outputs.push(output);
  }

  /** Makes room for `needed` more bytes in one piece: in a larger buffer, or behind a chunk that is sealed. */
  grow(output: Output, needed: number): void {
    const total = output.length + needed;
    const sizeClass = CLASSES.findIndex((size) => size >= total);
    if (sizeClass >= 0) {
      const larger = this.#takeBuffer(sizeClass);
      larger.set(output.bytes.subarray(0, output.length));
      this.#giveBuffer(output.bytes);
      output.bytes = larger;
      return;
    }
    this.#seal(output);
    output.bytes = needed > MAX_POOLED ? Buffer.allocUnsafeSlow(needed) : this.#takeBuffer(CLASSES.findIndex((size) => size >= needed));
  }

  /** Closes the buffer that is being filled, so that it can be sent in pieces. */
  seal(output: Output): void {
    this.#seal(output);
    output.bytes = this.#takeBuffer(0);
  }

  /** Puts a chunk that others may share behind what is there; nobody may change it any more. */
  append(output: Output, chunk: Uint8Array): void {
    if (output.length > 0) {
      this.#seal(output);
      output.bytes = this.#takeBuffer(0);
    }
    output.sealed ??= [];
    output.sealed.push(chunk);
    output.sealedBytes += chunk.length;
  }

  #seal(output: Output): void {
    if (output.length === 0) {
      this.#giveBuffer(output.bytes);
      return;
    }
    output.sealed ??= [];
    output.sealed.push(output.bytes.subarray(0, output.length));
    output.sealedBytes += output.length;
    output.length = 0;
  }

  #takeBuffer(sizeClass: number): Uint8Array {
    return this.#buffers[sizeClass]!.pop() ?? Buffer.allocUnsafeSlow(CLASSES[sizeClass]!);
  }

  #giveBuffer(bytes: Uint8Array): void {
    const sizeClass = CLASSES.indexOf(bytes.length);
    if (sizeClass >= 0 && this.#buffers[sizeClass]!.length < KEPT[sizeClass]!) this.#buffers[sizeClass]!.push(bytes);
  }
}
