import type { Deadlines } from "../deadlines.js";
import { NO_RECEIVER, type RawSocket } from "../raw-socket.js";
import type { Peer, SocketReceiver } from "../socket.js";
import type { BunTcpSocket } from "./bun-api.js";

/** Bun's socket as ours. Bun keeps nothing that the kernel did not take, so this does. */
export class BunSocket implements RawSocket {
  receiver: SocketReceiver = NO_RECEIVER;
  protected readonly socket: BunTcpSocket<BunSocket>;
  readonly #ending: Deadlines<RawSocket>;
  #unsent: Uint8Array | undefined;
  #sentBytes = 0;
  #ended = false;

  constructor(socket: BunTcpSocket<BunSocket>, ending: Deadlines<RawSocket>) {
    this.socket = socket;
    this.#ending = ending;
  }

  write(bytes: Uint8Array): boolean {
    if (this.#ended) return true;
    const taken = this.socket.write(bytes);
    if (taken < 0 || taken >= bytes.length) return true;
    this.#unsent = bytes;
    this.#sentBytes = taken;
    return false;
  }

  pause(): void {
    if (!this.#ended) this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#ending.add(this);
    // What still comes is read and dropped: closing over unread bytes would send a reset, and the peer could lose our last packet.
    this.socket.resume();
    if (this.#unsent === undefined) this.socket.shutdown();
  }

  destroy(): void {
    this.socket.end();
  }

  peer(): Peer {
    const { remoteAddress, remotePort, localAddress, localPort } = this.socket;
    return { address: remoteAddress ?? "", port: remotePort ?? 0, localAddress: localAddress ?? "", localPort: localPort ?? 0 };
  }

  received(bytes: Uint8Array): void {
    if (!this.#ended) this.receiver.onData(bytes);
  }

  /** Bun also calls this when there was nothing to send, for example after `resume()`. */
  drained(): void {
    if (this.#unsent === undefined) return;
    const taken = this.socket.write(this.#unsent, this.#sentBytes);
    if (taken < 0) return;
    this.#sentBytes += taken;
    if (this.#sentBytes < this.#unsent.length) return;

    this.#unsent = undefined;
    if (this.#ended) this.socket.shutdown();
    else this.receiver.onDrain();
  }

  closed(error: Error | undefined): void {
    this.#ended = true;
    this.#unsent = undefined;
    this.#ending.delete(this);
    this.receiver.onClose(error);
  }
}
