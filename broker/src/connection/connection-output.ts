import { FlowControl } from "./flow-control.js";
import type { Output } from "./output.js";
import { Phase } from "./phase.js";
import type { Flushable } from "./turn.js";

/** A buffer that is full and holds as much is sent before the turn ends, so that the next one need not be larger. */
const FLUSH_BYTES = 49_152;

/** What the socket is given at a time, so that a client which takes a long payload slowly is seen to take it. */
const WRITE_BYTES = 262_144;

/** The part of a connection that collects what it has to send until the end of the turn, and sends it as far as the socket takes it. */
export abstract class ConnectionOutput extends FlowControl implements Flushable {
  output: Output | null = null;
  /** What the socket has been given and not sent yet. */
  #draining: Output | null = null;

  /** Whether so much waits that QoS 0 messages are dropped, and nothing is read. */
  get isFull(): boolean {
    return this.isBlocked && this.output !== null && this.output.size > this.context.settings.maxOutputBytes;
  }

  reserve(length: number): number {
    const { turn } = this.context;
    if (turn.isRunFor(this)) turn.endRun();
    let output = this.output;
    if (output !== null && output.length + length > output.bytes.length) {
      if (output.size >= FLUSH_BYTES && !this.isBlocked) {
        this.flush();
        output = this.output;
      }
    }
    if (output === null) {
      output = this.output = turn.pool.take();
      if (!this.isBlocked) turn.add(this);
    }
    if (output.length + length > output.bytes.length) turn.pool.grow(output, length);
    const at = output.length;
    output.length = at + length;
    return at;
  }

  /** Sends bytes that others may send as well, without a copy; nobody may change them any more. */
  appendShared(bytes: Uint8Array): void {
    this.reserve(0);
    const output = this.output!;
    this.context.turn.pool.append(output, bytes);
    // Otherwise the socket would seem to take any number of them until the turn ends.
    if (output.size >= FLUSH_BYTES) this.flush();
  }

  outputBytes(): Uint8Array {
    return this.output!.bytes;
  }

  flush(): void {
    const output = this.output;
    if (output === null || this.isBlocked || this.phase === Phase.Closed) return;
    const { counters, turn } = this.context;
    if (output.length > WRITE_BYTES) turn.pool.seal(output);
    if (output.sealed !== null && !this.#sendSealed(output, output.sealed)) return;
    this.output = null;
    counters.bytesSent += output.length;
    if (output.length === 0 || this.socket.write(output.bytes.subarray(0, output.length))) turn.pool.give(output);
    else {
      this.block();
      this.#draining = output;
    }
  }

  /** The socket has sent what it was given. */
  protected drained(): void {
    this.isBlocked = false;
    if (this.#draining !== null) {
      this.context.turn.pool.give(this.#draining);
      this.#draining = null;
    }
    this.flush();
  }

  protected dropOutput(): void {
    this.output = this.#draining = null;
  }

  /** False if the socket takes no more. */
  #sendSealed(output: Output, sealed: Uint8Array[]): boolean {
    for (let i = 0; i < sealed.length; ) {
      const chunk = sealed[i]!;
      const piece = chunk.length > WRITE_BYTES ? chunk.subarray(0, WRITE_BYTES) : chunk;
      if (piece === chunk) i++;
      else sealed[i] = chunk.subarray(WRITE_BYTES);
      output.sealedBytes -= piece.length;
      this.context.counters.bytesSent += piece.length;
      if (this.socket.write(piece)) continue;
      this.block();
      output.sealed = i < sealed.length ? sealed.slice(i) : null;
      return false;
    }
    output.sealed = null;
    return true;
  }
}
