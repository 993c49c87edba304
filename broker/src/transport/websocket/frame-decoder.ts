import { CloseStatus, MAX_SHORT_PAYLOAD, Opcode } from "./frame.js";

/** What a decoder finds. Bytes are parts of what it was given, unmasked in place, and valid during the call only. */
export interface FrameReceiver {
  /** Asked after each call below; what is behind is not looked at once it is false. */
  readonly isOpen: boolean;
  /** Part of a binary message. */
  onPayload(bytes: Uint8Array): void;
  /** A whole control frame. */
  onControl(opcode: number, payload: Uint8Array): void;
}

/** The client broke the protocol, or a limit. */
export class FrameError extends Error {
  override readonly name = "FrameError";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const NOTHING = new Uint8Array(0);
const INCOMPLETE = -1;
const BETWEEN_MESSAGES = -1;

/**
 * Reads the frames of one client (RFC 6455, 5). Hands on the payload of binary messages as it comes, so that nothing is
 * collected but the start of a header and control frames, which are short.
 */
export class FrameDecoder {
  readonly #maxMessageBytes: number;
  /** The start of a header, or of a control frame, that waits for the rest. */
  #waiting: Uint8Array = NOTHING;
  /** Payload of the frame under way that is still to come, and the mask, turned so that its first byte is the next to use. */
  #remaining = 0;
  #mask = 0;
  /** Payload so far of the message under way, its last frame included. */
  #messageBytes = BETWEEN_MESSAGES;
  #isLastFrame = false;

  constructor(maxMessageBytes: number) {
    this.#maxMessageBytes = maxMessageBytes;
  }

  /** Throws a FrameError at what no client may send. */
  decode(bytes: Uint8Array, receiver: FrameReceiver): void {
    const input = this.#waiting.length === 0 ? bytes : Buffer.concat([this.#waiting, bytes]);
    this.#waiting = NOTHING;

    for (let at = 0; at < input.length && receiver.isOpen; ) {
      const next = this.#remaining > 0 ? this.#payload(input, at, receiver) : this.#frame(input, at, receiver);
      if (next === INCOMPLETE) {
        this.#waiting = input.slice(at);
        return;
      }
      at = next;
    }
  }

  #payload(input: Uint8Array, at: number, receiver: FrameReceiver): number {
    const end = Math.min(input.length, at + this.#remaining);
    const payload = input.subarray(at, end);
    this.#mask = unmask(payload, this.#mask);
    this.#remaining -= payload.length;
    if (this.#remaining === 0 && this.#isLastFrame) this.#messageBytes = BETWEEN_MESSAGES;
    receiver.onPayload(payload);
    return end;
  }

  /** A control frame as a whole, or the header of any other. */
  #frame(input: Uint8Array, at: number, receiver: FrameReceiver): number {
    if (input.length - at < 2) return INCOMPLETE;
    const isFinal = (input[at]! & 0x80) !== 0;
    const opcode = input[at]! & 0x0f;
    const shortLength = input[at + 1]! & 0x7f;
    if ((input[at]! & 0x70) !== 0) throw broken("reserved bits are set");
    if ((input[at + 1]! & 0x80) === 0) throw broken("frame is not masked");
    const isControl = opcode >= Opcode.CLOSE;
    if (isControl) checkControl(opcode, isFinal, shortLength);
    else this.#checkMessage(opcode);

    const lengthBytes = shortLength === 126 ? 2 : shortLength === 127 ? 8 : 0;
    const maskAt = at + 2 + lengthBytes;
    const payloadAt = maskAt + 4;
    if (payloadAt > input.length) return INCOMPLETE;
    const view = new DataView(input.buffer, input.byteOffset, input.length);
    const mask = view.getInt32(maskAt);

    if (isControl) {
      const end = payloadAt + shortLength;
      if (end > input.length) return INCOMPLETE;
      const payload = input.subarray(payloadAt, end);
      unmask(payload, mask);
      receiver.onControl(opcode, payload);
      return end;
    }

    this.#begin(lengthBytes === 0 ? shortLength : longLength(view, at + 2, lengthBytes), isFinal);
    this.#mask = mask;
    return payloadAt;
  }

  #checkMessage(opcode: number): void {
    if (opcode === Opcode.TEXT) throw new FrameError(CloseStatus.UNSUPPORTED, "message is text"); // [MQTT-6.0.0-1]
    if (opcode > Opcode.BINARY) throw broken(`opcode ${opcode} is reserved`);
    const isUnderWay = this.#messageBytes !== BETWEEN_MESSAGES;
    if (isUnderWay !== (opcode === Opcode.CONTINUATION)) {
      throw broken(isUnderWay ? "message begins before the last one ended" : "message begins with a continuation");
    }
  }

  #begin(length: number, isFinal: boolean): void {
    const messageBytes = Math.max(0, this.#messageBytes) + length;
    if (messageBytes > this.#maxMessageBytes) {
      throw new FrameError(CloseStatus.TOO_BIG, `message is longer than ${this.#maxMessageBytes} bytes`);
    }
    this.#remaining = length;
    this.#isLastFrame = isFinal;
    this.#messageBytes = length === 0 && isFinal ? BETWEEN_MESSAGES : messageBytes;
  }
}

function checkControl(opcode: number, isFinal: boolean, shortLength: number): void {
  if (opcode > Opcode.PONG) throw broken(`opcode ${opcode} is reserved`);
  if (!isFinal) throw broken("control frame is fragmented");
  if (shortLength > MAX_SHORT_PAYLOAD) throw broken("control frame is longer than 125 bytes");
}

/** Exact up to 2^53; more is above every limit anyway. */
function longLength(view: DataView, at: number, lengthBytes: 2 | 8): number {
  const length = lengthBytes === 2 ? view.getUint16(at) : view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4);
  if (length <= (lengthBytes === 2 ? MAX_SHORT_PAYLOAD : 0xffff)) throw broken("length is padded");
  return length;
}

/** Unmasks in place; returns the mask for the bytes that follow. */
function unmask(bytes: Uint8Array, mask: number): number {
  for (let i = 0; i < bytes.length; i++) {
    bytes[i]! ^= mask >>> (24 - 8 * (i & 3));
  }
  const turn = 8 * (bytes.length & 3);
  return turn === 0 ? mask : (mask << turn) | (mask >>> (32 - turn));
}

function broken(message: string): FrameError {
  return new FrameError(CloseStatus.PROTOCOL_ERROR, message);
}
