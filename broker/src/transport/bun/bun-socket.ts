import type { Deadlines } from "../deadlines.js";
import { NO_RECEIVER, type RawSocket } from "../raw-socket.js";
import type { Peer, SocketReceiver } from "../socket.js";
import type { BunSocketHandler, BunTcpSocket } from "./bun-api.js";

/** Bun's socket as ours. Bun keeps nothing that the kernel did not take, so this does. */
export class BunSocket implements RawSocket {
  receiver: SocketReceiver = NO_RECEIVER;
  protected readonly socket: BunTcpSocket<BunSocket>;
  readonly #ending: Deadlines<RawSocket>;
  #unsent: Uint8Array | undefined;
  #sentBytes = 0;
  #hasEnded = false;

  constructor(socket: BunTcpSocket<BunSocket>, ending: Deadlines<RawSocket>) {
    this.socket = socket;
    this.#ending = ending;
  }

  write(bytes: Uint8Array): boolean {
    if (this.#hasEnded) return true;
    const taken = this.socket.write(bytes);
    if (taken < 0 || taken >= bytes.length) return true;
    this.#unsent = bytes;
    this.#sentBytes = taken;
    return false;
  }

  pause(): void {
    if (!this.#hasEnded) this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
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

  /** Hears no more: another BunSocket has the connection. */
  release(): void {
    this.#hasEnded = true;
    this.receiver = NO_RECEIVER;
  }

  /** The handler below calls these. */
  received(bytes: Uint8Array): void {
    if (!this.#hasEnded) this.receiver.onData(bytes);
  }

  /** Bun also calls this when there was nothing to send, for example after `resume()`. */
  drained(): void {
    if (this.#unsent === undefined) return;
    // With the length, because Bun 1.4.5 takes that of the whole array if it is left out, and throws.
    const taken = this.socket.write(this.#unsent, this.#sentBytes, this.#unsent.length - this.#sentBytes);
    if (taken < 0) return;
    this.#sentBytes += taken;
    if (this.#sentBytes < this.#unsent.length) return;

    this.#unsent = undefined;
    if (this.#hasEnded) this.socket.shutdown();
    else this.receiver.onDrain();
  }

  closed(error: Error | undefined): void {
    this.#hasEnded = true;
    this.#unsent = undefined;
    this.#ending.delete(this);
    const { receiver } = this;
    this.receiver = NO_RECEIVER;
    receiver.onClose(error);
  }
}

/** Hands on what Bun says of any socket, once it is open, to the BunSocket that is its `data`. */
export const BUN_SOCKET_EVENTS: Omit<BunSocketHandler<BunSocket>, "open" | "handshake"> = {
  binaryType: "uint8array",
  data(socket, bytes) {
    socket.data.received(bytes);
  },
  drain(socket) {
    socket.data.drained();
  },
  end(socket) {
    socket.data.end();
  },
  close(socket, error) {
    const raw = socket.data;
    // Bun closes inside of end() and terminate(); ours tells of it after they have returned, as Node does.
    queueMicrotask(() => raw.closed(error));
  },
  error(socket, error) {
    const raw = socket.data;
    // First, because "close" would tell of it without its reason.
    queueMicrotask(() => raw.closed(error));
    socket.terminate();
  },
};
