import type { RawSocket } from "../raw-socket.js";
import type { Peer, SocketReceiver } from "../socket.js";

/** A socket whose peer is the client that a proxy told of. */
export class ProxiedSocket implements RawSocket {
  readonly #inner: RawSocket;
  readonly #peer: Peer;

  constructor(inner: RawSocket, peer: Peer) {
    this.#inner = inner;
    this.#peer = peer;
  }

  get receiver(): SocketReceiver {
    return this.#inner.receiver;
  }

  set receiver(receiver: SocketReceiver) {
    this.#inner.receiver = receiver;
  }

  write(bytes: Uint8Array): boolean {
    return this.#inner.write(bytes);
  }

  pause(): void {
    this.#inner.pause();
  }

  resume(): void {
    this.#inner.resume();
  }

  end(): void {
    this.#inner.end();
  }

  destroy(): void {
    this.#inner.destroy();
  }

  /** TLS that ends here hides the one in front of the proxy: it is what was verified here. */
  peer(): Peer {
    const { tls } = this.#inner.peer();
    return tls === undefined ? this.#peer : { ...this.#peer, tls };
  }
}
