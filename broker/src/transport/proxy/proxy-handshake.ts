import type { Handshake, HandshakeContext } from "../handshake.js";
import type { RawSocket } from "../raw-socket.js";
import type { SocketReceiver } from "../socket.js";
import { type ProxyHeader, ProxyProtocolError } from "./proxy-header.js";
import { parseProxyHeader } from "./proxy-protocol.js";

/** Goes on with a connection whose header has been read; `rest` is what came behind it, valid during the call only. */
export type AfterHeader = (header: ProxyHeader, rest: Uint8Array) => void;

/** Receives the PROXY header that a connection starts with. */
export class ProxyHandshake implements SocketReceiver, Handshake {
  readonly #socket: RawSocket;
  readonly #context: HandshakeContext;
  readonly #proceed: AfterHeader;
  readonly #address: string;
  #received = Buffer.alloc(0);
  #done = false;

  constructor(socket: RawSocket, context: HandshakeContext, proceed: AfterHeader) {
    this.#socket = socket;
    this.#context = context;
    this.#proceed = proceed;
    this.#address = socket.peer().address;
    context.pending.add(this);
  }

  onData(bytes: Uint8Array): void {
    if (this.#done) return;
    this.#received = Buffer.concat([this.#received, bytes]);
    const header = this.#parse();
    if (header === undefined) return;
    this.#finish();
    this.#proceed(header, this.#received.subarray(header.length));
  }

  onDrain(): void {}

  onClose(error: Error | undefined): void {
    if (this.#done) return;
    this.#finish();
    this.#context.failed(error?.message ?? "closed before its PROXY header was complete", this.#address);
  }

  expire(): void {
    this.#refuse("PROXY header did not come in time");
  }

  #parse(): ProxyHeader | undefined {
    try {
      return parseProxyHeader(this.#received);
    } catch (error) {
      if (!(error instanceof ProxyProtocolError)) throw error;
      this.#refuse(error.message);
      return undefined;
    }
  }

  #refuse(reason: string): void {
    this.#finish();
    this.#context.failed(reason, this.#address);
    this.#socket.destroy();
  }

  #finish(): void {
    this.#done = true;
    this.#context.pending.delete(this);
  }
}
