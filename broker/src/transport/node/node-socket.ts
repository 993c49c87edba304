import type { Socket as NetSocket } from "node:net";
import type { Deadlines } from "../deadlines.js";
import { NO_RECEIVER, type RawSocket } from "../raw-socket.js";
import type { Peer, SocketReceiver } from "../socket.js";

const ADAPTER = Symbol("adapter");

/** Where the shared listeners below find what belongs to a socket; closures of its own would cost each connection hundreds of bytes. */
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
  readonly #socket: AdaptedSocket;
  readonly #ending: Deadlines<RawSocket>;
  #hasEnded = false;
  #hearsDrain = false;

  constructor(socket: NetSocket, ending: Deadlines<RawSocket>) {
    this.#socket = socket;
    this.#ending = ending;
    this.#socket[ADAPTER] = this;
    socket.on("data", onData);
    socket.on("error", onError);
    socket.on("close", onClose);
  }

  write(bytes: Uint8Array): boolean {
    if (!this.isWritable) return true;
    this.#socket.write(bytes);
    if (this.#socket.writableLength === 0) return true;

    // From the first time on: most sockets never need them, and taking them off would cost more than leaving them.
    if (!this.#hearsDrain) {
      this.#hearsDrain = true;
      this.#socket.on("drain", onDrain);
      this.endWithPeer();
    }
    return false;
  }

  pause(): void {
    if (!this.#hasEnded) this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    if (!this.isWritable) return;
    this.#hasEnded = true;
    this.#ending.add(this);
    this.#socket.end();
    // What still comes is read and dropped: closing over unread bytes would send a reset, and the peer could lose our last packet.
    this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  peer(): Peer {
    const { remoteAddress, remotePort, localAddress, localPort } = this.#socket;
    return { address: remoteAddress ?? "", port: remotePort ?? 0, localAddress: localAddress ?? "", localPort: localPort ?? 0 };
  }

  /** Gives Node's socket away, as if `unread` had not been read. */
  release(unread: Uint8Array): NetSocket {
    const socket = this.#socket;
    delete socket[ADAPTER];
    socket.pause();
    socket.removeListener("data", onData);
    socket.removeListener("close", onClose);
    if (unread.length > 0) socket.unshift(unread);
    return socket;
  }

  /**
   * Ends within the usual grace if the peer sends FIN. Node ends by itself, but waits for unsent bytes for ever, so that only who has
   * some needs this; on every connection it would cost 280 bytes (Node 24), and in the place of Node's own listener 700.
   */
  protected endWithPeer(): void {
    this.#socket.on("end", onEnd);
  }

  protected get isWritable(): boolean {
    return !this.#hasEnded && !this.#socket.destroyed;
  }

  /** The listeners below call these. */
  received(bytes: Uint8Array): void {
    if (!this.#hasEnded) this.receiver.onData(bytes);
  }

  drained(): void {
    if (!this.#hasEnded && this.#socket.writableLength === 0) this.receiver.onDrain();
  }

  closed(): void {
    this.#hasEnded = true;
    this.#ending.delete(this);
    this.receiver.onClose(this.#socket.errored ?? undefined);
  }
}

function onData(this: AdaptedSocket, bytes: Uint8Array): void {
  this[ADAPTER]?.received(bytes);
}

function onDrain(this: AdaptedSocket): void {
  this[ADAPTER]?.drained();
}

function onEnd(this: AdaptedSocket): void {
  this[ADAPTER]?.end();
}

function onClose(this: AdaptedSocket): void {
  this[ADAPTER]?.closed();
}

/** "close" follows and has the error; without a listener Node would end the process. */
function onError(): void {}
