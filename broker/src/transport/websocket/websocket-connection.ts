import type { Deadlines } from "../deadlines.js";
import { NO_RECEIVER, type RawSocket } from "../raw-socket.js";
import type { Peer, SocketReceiver } from "../socket.js";
import { CloseStatus, encodeClose, encodeFrame, Opcode } from "./frame.js";
import { FrameDecoder, FrameError, type FrameReceiver } from "./frame-decoder.js";

/** What a connection takes over from its handshake. */
export interface WebSocketConnectionOptions {
  readonly maxMessageBytes: number;
  readonly ending: Deadlines<RawSocket>;
  /** The response has not gone yet. */
  readonly isBusy: boolean;
}

/** Bytes inside of binary WebSocket messages, one a write. Where messages begin and end means nothing to MQTT [MQTT-6.0.0-2]. */
export class WebSocketConnection implements RawSocket, SocketReceiver, FrameReceiver {
  receiver: SocketReceiver = NO_RECEIVER;
  readonly #inner: RawSocket;
  readonly #ending: Deadlines<RawSocket>;
  readonly #decoder: FrameDecoder;
  /** The inner socket has not taken what it was given; until then frames wait here, one of each at most. */
  #isBusy: boolean;
  #waiting: Uint8Array | undefined;
  #pong: Uint8Array | undefined;
  #close: Uint8Array | undefined;
  /** A `write()` was answered with false. */
  #owesDrain = false;
  #isOpen = true;
  #failure: Error | undefined;

  constructor(inner: RawSocket, { maxMessageBytes, ending, isBusy }: WebSocketConnectionOptions) {
    this.#inner = inner;
    this.#ending = ending;
    this.#decoder = new FrameDecoder(maxMessageBytes);
    this.#isBusy = isBusy;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  write(bytes: Uint8Array): boolean {
    if (!this.#isOpen) return true;
    const frame = encodeFrame(Opcode.BINARY, bytes);
    if (this.#isBusy) this.#waiting = frame;
    else this.#isBusy = !this.#inner.write(frame);
    this.#owesDrain = this.#isBusy;
    return !this.#isBusy;
  }

  pause(): void {
    if (this.#isOpen) this.#inner.pause();
  }

  resume(): void {
    this.#inner.resume();
  }

  end(): void {
    this.#endWith(CloseStatus.NORMAL);
  }

  destroy(): void {
    this.#isOpen = false;
    this.#inner.destroy();
  }

  peer(): Peer {
    return this.#inner.peer();
  }

  onData(bytes: Uint8Array): void {
    if (!this.#isOpen) return;
    try {
      this.#decoder.decode(bytes, this);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#failure = error;
      this.#endWith(error.status);
    }
  }

  onDrain(): void {
    this.#isBusy = false;
    this.#sendWaiting();
    if (this.#isBusy) return;
    if (!this.#isOpen) {
      this.#inner.end();
    } else if (this.#owesDrain) {
      this.#owesDrain = false;
      this.receiver.onDrain();
    }
  }

  onClose(error: Error | undefined): void {
    this.#isOpen = false;
    this.receiver.onClose(this.#failure ?? error);
  }

  onPayload(bytes: Uint8Array): void {
    this.receiver.onData(bytes);
  }

  onControl(opcode: number, payload: Uint8Array): void {
    if (opcode === Opcode.CLOSE) this.#endWith(statusOf(payload));
    else if (opcode === Opcode.PING) this.#answerPing(encodeFrame(Opcode.PONG, payload));
  }

  /** Only the last of several pings needs an answer (RFC 6455, 5.5.3), so they cannot pile up. */
  #answerPing(pong: Uint8Array): void {
    if (this.#isBusy) this.#pong = pong;
    else this.#isBusy = !this.#inner.write(pong);
  }

  #endWith(status: number): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#close = encodeClose(status);
    if (!this.#isBusy) this.#sendWaiting();
    if (this.#close === undefined) {
      this.#inner.end();
    } else {
      // The peer has to read first, and gets the same grace for it.
      this.#ending.add(this.#inner);
      this.#inner.resume();
    }
  }

  #sendWaiting(): void {
    const frames = [this.#waiting, this.#pong, this.#close].filter((frame) => frame !== undefined);
    this.#waiting = undefined;
    this.#pong = undefined;
    this.#close = undefined;
    if (frames.length > 0) this.#isBusy = !this.#inner.write(frames.length === 1 ? frames[0]! : Buffer.concat(frames));
  }
}

/** What a close frame is answered with: its own status, or that it is wrong (RFC 6455, 7.4). */
function statusOf(payload: Uint8Array): number {
  if (payload.length === 0) return CloseStatus.NORMAL;
  const status = (payload[0]! << 8) | (payload[1] ?? 0);
  const isForTheWire = (status >= 1000 && status <= 1014 && !(status >= 1004 && status <= 1006)) || (status >= 3000 && status <= 4999);
  return payload.length >= 2 && isForTheWire ? status : CloseStatus.PROTOCOL_ERROR;
}
