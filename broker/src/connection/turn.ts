import { copyBytes } from "../publication/copy-bytes.js";
import { OutputPool } from "./output.js";

/** What a turn needs of a connection. */
export interface Flushable {
  flush(): void;
  /** Makes room for bytes in the connection's output, and returns it with the place where they go. */
  reserve(length: number): number;
  outputBytes(): Uint8Array;
}

/**
 * One turn of the event loop: what connections have to send is collected, and leaves when all that could be read has been read.
 * So many messages cost one system call a connection, not one each.
 */
export class Turn {
  readonly pool = new OutputPool();
  readonly #flush = () => this.#flushAll();
  #dirty: Flushable[] = [];
  #flushing: Flushable[] = [];
  #isScheduled = false;

  /** Received bytes that one connection gets as they are and that have not been copied to it yet. */
  #runOwner: Flushable | null = null;
  #runBytes: Uint8Array = new Uint8Array(0);
  #runStart = 0;
  #runEnd = 0;

  /** Has the connection flushed at the end of the turn. Not to be called twice in a turn. */
  add(connection: Flushable): void {
    this.#dirty.push(connection);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#flush);
  }

  /**
   * Sends `bytes[start, end)` to a connection as they are. Packets that follow each other in what was received, to the same receiver, are
   * copied in one piece: a copy of any length costs as much as some ten packets' worth of looking at them.
   */
  forward(connection: Flushable, bytes: Uint8Array, start: number, end: number): void {
    if (this.#runOwner === connection && this.#runEnd === start && this.#runBytes === bytes) {
      this.#runEnd = end;
      return;
    }
    this.endRun();
    this.#runOwner = connection;
    this.#runBytes = bytes;
    this.#runStart = start;
    this.#runEnd = end;
  }

  /** Whether bytes for this connection wait in a run: they go before anything else that is sent to it. */
  isRunFor(connection: Flushable): boolean {
    return this.#runOwner === connection;
  }

  /** Length of the run, 0 if there is none. */
  get runLength(): number {
    return this.#runEnd - this.#runStart;
  }

  /** Copies what `forward` has collected. To be called before the received bytes become invalid. */
  endRun(): void {
    const owner = this.#runOwner;
    if (owner === null) return;
    this.#runOwner = null;
    const length = this.#runEnd - this.#runStart;
    const at = owner.reserve(length);
    copyBytes(this.#runBytes, this.#runStart, this.#runEnd, owner.outputBytes(), at);
    this.#runEnd = this.#runStart = 0;
  }

  #flushAll(): void {
    this.#isScheduled = false;
    const dirty = this.#dirty;
    this.#dirty = this.#flushing;
    this.#flushing = dirty;
    for (let i = 0; i < dirty.length; i++) dirty[i]!.flush();
    dirty.length = 0;
  }
}
