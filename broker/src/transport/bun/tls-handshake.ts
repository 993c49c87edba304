import type { Handshake } from "../handshake.js";
import { hasCertificate } from "../peer-tls.js";
import { ProxiedSocket } from "../proxy/proxied-socket.js";
import type { RuntimeListenerOptions } from "../runtime-listener.js";
import type { Peer, SocketReceiver } from "../socket.js";
import type { BunTcpSocket } from "./bun-api.js";
import type { BunSocket } from "./bun-socket.js";
import type { BunTlsSocket } from "./bun-tls-socket.js";

/** Receives a connection until its TLS handshake is done. */
export class TlsHandshake implements SocketReceiver, Handshake {
  readonly #socket: BunTlsSocket;
  readonly #options: RuntimeListenerOptions;
  /** The client that a proxy told of. */
  readonly #proxied: Peer | undefined;
  readonly #address: string;
  #done = false;

  constructor(socket: BunTlsSocket, options: RuntimeListenerOptions, proxied?: Peer) {
    this.#socket = socket;
    this.#options = options;
    this.#proxied = proxied;
    this.#address = socket.peer().address;
    options.handshaking.add(this);
  }

  /** Bun's report; `error` may also be about a certificate that nobody asked for. */
  finished(socket: BunTcpSocket<BunSocket>, success: boolean, error: Error | null): void {
    if (this.#done) return;
    const refusal = success ? this.#certificateProblem(socket, error) : `TLS handshake failed: ${error?.message ?? "no reason given"}`;
    if (refusal !== undefined) {
      this.#refuse(refusal);
      return;
    }
    this.#finish();
    const { open } = this.#options;
    this.#socket.receiver = open(this.#proxied === undefined ? this.#socket : new ProxiedSocket(this.#socket, this.#proxied));
  }

  onData(): void {}

  onDrain(): void {}

  onClose(error: Error | undefined): void {
    if (!this.#done) this.#refuse(`TLS handshake failed: ${error?.message ?? "connection was closed"}`);
  }

  expire(): void {
    this.#refuse("TLS handshake did not end in time");
  }

  /** Bun 1.4.5 calls a handshake with an invalid certificate a success, even when it is about to close the connection for it. */
  #certificateProblem(socket: BunTcpSocket<BunSocket>, error: Error | null): string | undefined {
    const mode = this.#options.options.tls?.clientCertificate;
    if (mode === "none" || socket.authorized) return undefined;
    if (mode === "request" && !hasCertificate(socket.getPeerCertificate())) return undefined;
    return `client certificate refused: ${(error as NodeJS.ErrnoException | null)?.code ?? "not authorised"}`;
  }

  #refuse(reason: string): void {
    this.#finish();
    this.#options.failed(reason, this.#address);
    this.#socket.destroy();
  }

  #finish(): void {
    this.#done = true;
    this.#options.handshaking.delete(this);
  }
}
