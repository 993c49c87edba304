import type { Socket as NetSocket } from "node:net";
import type { Deadlines } from "../deadlines.js";
import { NO_RECEIVER, type RawSocket } from "../raw-socket.js";
import type { Peer, SocketReceiver } from "../socket.js";

const ADAPTER = Symbol("adapter");

/** Where the shared listeners below find what belongs to a socket; a closure per socket and event would cost some 400 bytes a connection. */
interface AdaptedSocket extends NetSocket {
  [ADAPTER]?: NodeSocket;
}

/**
 * `node:net`'s socket as ours.
 *
 * Its server must have `highWaterMark: 0`: then Node tells of every write that the kernel did not take at once by "drain", and reads
 * no further ahead than one chunk on a paused socket.
 */
export class NodeSocket implements RawSocket {
  receiver: SocketReceiver = NO_RECEIVER;
  protected readonly socket: AdaptedSocket;
  readonly #ending: Deadlines<RawSocket>;
  #ended = false;
  #hearsDrain = false;

  constructor(socket: NetSocket, ending: Deadlines<RawSocket>) {
    this.socket = socket;
    this.#ending = ending;
    this.socket[ADAPTER] = this;
    socket.on("data", onData);
    socket.on("error", onError);
    socket.on("close", onClose);
  }

  write(bytes: Uint8Array): boolean {
    if (this.#ended || this.socket.destroyed) return true;
    this.socket.write(bytes);
    if (this.socket.writableLength === 0) return true;

    // Kept from the first time on: most sockets never need it, and taking it off would cost more than leaving it.
    if (!this.#hearsDrain) this.socket.on("drain", onDrain);
    this.#hearsDrain = true;
    return false;
  }

  pause(): void {
    if (!this.#ended) this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  end(): void {
    if (this.#ended || this.socket.destroyed) return;
    this.#ended = true;
    this.#ending.add(this);
    this.socket.end();
    // What still comes is read and dropped: closing over unread bytes would send a reset, and the peer could lose our last packet.
    this.socket.resume();
  }

  destroy(): void {
    this.socket.destroy();
  }

  peer(): Peer {
    const { remoteAddress, remotePort, localAddress, localPort } = this.socket;
    return { address: remoteAddress ?? "", port: remotePort ?? 0, localAddress: localAddress ?? "", localPort: localPort ?? 0 };
  }

  received(bytes: Uint8Array): void {
    if (!this.#ended) this.receiver.onData(bytes);
  }

  drained(): void {
    if (!this.#ended && this.socket.writableLength === 0) this.receiver.onDrain();
  }

  closed(): void {
    this.#ending.delete(this);
    this.receiver.onClose(this.socket.errored ?? undefined);
  }
}

function onData(this: AdaptedSocket, bytes: Uint8Array): void {
  this[ADAPTER]?.received(bytes);
}

function onDrain(this: AdaptedSocket): void {
  this[ADAPTER]?.drained();
}

function onClose(this: AdaptedSocket): void {
  this[ADAPTER]?.closed();
}

/** "close" follows and has the error; without a listener Node would end the process. */
function onError(): void {}
