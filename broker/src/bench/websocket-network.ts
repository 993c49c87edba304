import { randomBytes } from "node:crypto";
import type { Network, Wire, WireReceiver } from "./wire.js";

const PATH = "/mqtt";
const END_OF_HEAD = "\r\n\r\n";
/** A broker's answer is a few hundred bytes. */
const MOST_HEAD_BYTES = 16_384;
const FINAL_BINARY = 0x82;
const PONG = 0x8a;
const MASKED = 0x80;
const Opcode = { CLOSE: 8, PING: 9, PONG: 10 } as const;

/** MQTT over WebSocket (RFC 6455), by a network of plain or TLS connections. */
export function webSocketNetwork(network: Network): Network {
  return {
    ...network,
    dial(target, receiver, source) {
      network.dial(target, new WebSocketWire(`${target.host}:${target.port}`, receiver), source);
    },
  };
}

/** Between a connection and the client that speaks MQTT over it. */
class WebSocketWire implements Wire, WireReceiver {
  readonly #host: string;
  readonly #receiver: WireReceiver;
  #inner: Wire | undefined;
  #isUpgraded = false;
  #carry: Uint8Array | undefined;

  constructor(host: string, receiver: WireReceiver) {
    this.#host = host;
    this.#receiver = receiver;
  }

  get isFull(): boolean {
    return this.#inner?.isFull ?? true;
  }

  write(bytes: Uint8Array): void {
    this.#inner?.write(frameOf(FINAL_BINARY, bytes));
  }

  end(): void {
    this.#inner?.end();
  }

  close(): void {
    this.#inner?.close();
  }

  onOpen(wire: Wire): void {
    this.#inner = wire;
    const head = [
      `GET ${PATH} HTTP/1.1`,
      `Host: ${this.#host}`,
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Protocol: mqtt",
      `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
    ];
    wire.write(Buffer.from(`${head.join("\r\n")}${END_OF_HEAD}`));
  }

  onData(_wire: Wire, bytes: Uint8Array): void {
    const input = this.#carry === undefined ? bytes : Buffer.concat([this.#carry, bytes]);
    this.#carry = undefined;
    const used = this.#isUpgraded ? this.#frames(input, 0) : this.#head(input);
    if (used < input.length) this.#carry = input.slice(used);
  }

  onDrain(): void {
    if (this.#isUpgraded) this.#receiver.onDrain?.(this);
  }

  onClose(reason: string, code: string): void {
    this.#receiver.onClose(reason, code);
  }

  /** Returns how much of the input is done with. */
  #head(input: Uint8Array): number {
    const text = Buffer.from(input.buffer, input.byteOffset, input.length).toString("latin1");
    const end = text.indexOf(END_OF_HEAD);
    if (end < 0 && input.length < MOST_HEAD_BYTES) return 0;
    const [status = ""] = text.split("\r\n", 1);
    if (!/^HTTP\/1\.1 101 /.test(status)) {
      this.#inner?.close();
      this.#receiver.onClose(`the upgrade to WebSocket was answered with ${JSON.stringify(status)}`, "");
      return input.length;
    }
    this.#isUpgraded = true;
    this.#receiver.onOpen(this);
    return this.#frames(input, end + END_OF_HEAD.length);
  }

  #frames(input: Uint8Array, from: number): number {
    const view = new DataView(input.buffer, input.byteOffset, input.length);
    let at = from;
    while (at + 2 <= input.length) {
      const opcode = input[at]! & 0x0f;
      const short = input[at + 1]! & 0x7f;
      const headBytes = short === 127 ? 10 : short === 126 ? 4 : 2;
      if (at + headBytes > input.length) break;
      const length =
        short === 127 ? view.getUint32(at + 2) * 2 ** 32 + view.getUint32(at + 6) : short === 126 ? view.getUint16(at + 2) : short;
      const end = at + headBytes + length;
      if (end > input.length) break;
      this.#frame(opcode, input.subarray(at + headBytes, end));
      at = end;
    }
    return at;
  }

  #frame(opcode: number, payload: Uint8Array): void {
    if (opcode === Opcode.PING) this.#inner?.write(frameOf(PONG, payload));
    else if (opcode === Opcode.CLOSE) this.#inner?.end();
    else if (opcode !== Opcode.PONG) this.#receiver.onData(this, payload);
  }
}

/** Masked with zeroes: the mask protects proxies from scripts, and the broker has to undo it whatever it is (5.3). */
function frameOf(firstByte: number, payload: Uint8Array): Uint8Array {
  const { length } = payload;
  const headBytes = length < 126 ? 2 : length <= 0xffff ? 4 : 10;
  const frame = Buffer.alloc(headBytes + 4 + length);
  frame[0] = firstByte;
  frame[1] = MASKED | (headBytes === 2 ? length : headBytes === 4 ? 126 : 127);
  if (headBytes === 4) frame.writeUInt16BE(length, 2);
  if (headBytes === 10) frame.writeUInt32BE(length, 6);
  frame.set(payload, headBytes + 4);
  return frame;
}
