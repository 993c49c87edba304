import type { Deadlines } from "../deadlines.js";
import type { Handshake, HandshakeContext } from "../handshake.js";
import type { WebSocketOptions } from "../listener.js";
import type { Open, RawSocket } from "../raw-socket.js";
import type { SocketReceiver } from "../socket.js";
import { answerTooLong, answerUpgrade, type UpgradeAnswer } from "./upgrade-answer.js";
import { WebSocketConnection } from "./websocket-connection.js";

/** Longest head of a request. Browsers send about 600 bytes, with cookies a few thousand. */
const MAX_HEAD_BYTES = 8_192;

const HEAD_END = "\r\n\r\n";

/** What the WebSocket connections of a listener share. */
export interface WebSocketContext extends HandshakeContext {
  /** In force now; a reload replaces them. */
  options: WebSocketOptions;
  readonly open: Open;
  readonly ending: Deadlines<RawSocket>;
}

/** Receives the HTTP request that asks for a WebSocket, and answers it. */
export class WebSocketHandshake implements SocketReceiver, Handshake {
  readonly #socket: RawSocket;
  readonly #context: WebSocketContext;
  readonly #address: string;
  #head = Buffer.alloc(0);
  #done = false;

  constructor(socket: RawSocket, context: WebSocketContext) {
    this.#socket = socket;
    this.#context = context;
    this.#address = socket.peer().address;
    context.pending.add(this);
  }

  onData(bytes: Uint8Array): void {
    if (this.#done) return;
    const searchFrom = Math.max(0, this.#head.length - HEAD_END.length + 1);
    this.#head = Buffer.concat([this.#head, bytes]);
    const end = this.#head.indexOf(HEAD_END, searchFrom, "latin1");
    if (end > MAX_HEAD_BYTES || (end < 0 && this.#head.length > MAX_HEAD_BYTES)) {
      this.#answer(answerTooLong());
    } else if (end >= 0) {
      this.#answer(answerUpgrade(this.#head.toString("latin1", 0, end), this.#context.options), end + HEAD_END.length);
    }
  }

  onDrain(): void {}

  onClose(error: Error | undefined): void {
    if (this.#done) return;
    this.#finish();
    this.#context.failed(error?.message ?? "closed before its WebSocket request was complete", this.#address);
  }

  expire(): void {
    this.#finish();
    this.#context.failed("WebSocket request did not come in time", this.#address);
    this.#socket.destroy();
  }

  #answer(answer: UpgradeAnswer, restAt = 0): void {
    this.#finish();
    const taken = this.#socket.write(answer.bytes);
    if (!answer.accepted) {
      this.#context.failed(`WebSocket refused: ${answer.reason}`, this.#address);
      this.#socket.end();
      return;
    }

    const { options, ending } = this.#context;
    const connection = new WebSocketConnection(this.#socket, { maxMessageBytes: options.maxMessageBytes, ending, isBusy: !taken });
    this.#socket.receiver = connection;
    connection.receiver = this.#context.open(connection);
    if (restAt < this.#head.length) connection.onData(this.#head.subarray(restAt));
  }

  #finish(): void {
    this.#done = true;
    this.#context.pending.delete(this);
  }
}
