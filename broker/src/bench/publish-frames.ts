import type { ProtocolVersion, Qos } from "../codec/packet.js";
import { HEADER_BYTES, type PayloadHeader } from "./payload.js";

const PUBLISH = 0x30;
const RETAIN = 0x01;
const FIRST_CAPACITY = 65_536;

/** What the PUBLISH packets of one topic have in common. */
export interface PublishShape {
  readonly version: ProtocolVersion;
  readonly qos: Qos;
  readonly isRetained: boolean;
  readonly headers: readonly PayloadHeader[];
}

/**
 * Frames of one client that leave in one write. The codec would make an object and an array of each; here a message is a few copies into
 * bytes that are used again.
 */
export class Batch {
  bytes = Buffer.allocUnsafe(FIRST_CAPACITY);
  end = 0;

  /** `packetId` is not used at QoS 0; `number` and `nowMs` only by headers. */
  publish(shape: PublishShape, topic: Uint8Array, body: Uint8Array, packetId: number, number: number, nowMs: number): void {
    const { version, qos, isRetained, headers } = shape;
    const remaining = 2 + topic.length + (qos > 0 ? 2 : 0) + (version === 5 ? 1 : 0) + headers.length * HEADER_BYTES + body.length;
    this.#reserve(remaining + 5);
    const bytes = this.bytes;
    let at = this.end;
    bytes[at++] = PUBLISH | (qos << 1) | (isRetained ? RETAIN : 0);
    let left = remaining;
    for (; left > 0x7f; left >>>= 7) bytes[at++] = (left & 0x7f) | 0x80;
    bytes[at++] = left;
    bytes[at++] = topic.length >> 8;
    bytes[at++] = topic.length & 0xff;
    bytes.set(topic, at);
    at += topic.length;
    if (qos > 0) {
      bytes[at++] = packetId >> 8;
      bytes[at++] = packetId & 0xff;
    }
    if (version === 5) bytes[at++] = 0;
    for (const header of headers) at = writeNumber(bytes, at, header === "cnt64" ? number : nowMs);
    bytes.set(body, at);
    this.end = at + body.length;
  }

  /** PUBACK, PUBREC, PUBREL or PUBCOMP: all of them have this form in every version when nothing went wrong. */
  acknowledge(firstByte: number, bytes: Uint8Array, packetIdAt: number): void {
    this.#reserve(4);
    const at = this.end;
    this.bytes[at] = firstByte;
    this.bytes[at + 1] = 2;
    this.bytes[at + 2] = bytes[packetIdAt]!;
    this.bytes[at + 3] = bytes[packetIdAt + 1]!;
    this.end = at + 4;
  }

  /** What there is, valid until the next frame. */
  take(): Uint8Array {
    const taken = this.bytes.subarray(0, this.end);
    this.end = 0;
    return taken;
  }

  #reserve(more: number): void {
    if (this.end + more <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.end + more));
    larger.set(this.bytes.subarray(0, this.end));
    this.bytes = larger;
  }
}

/** 64 bits, big-endian; returns where they end. */
function writeNumber(bytes: Buffer, at: number, value: number): number {
  bytes.writeUInt32BE(Math.floor(value / 2 ** 32), at);
  return bytes.writeUInt32BE(value >>> 0, at + 4);
}

/** The other way round. */
export function readNumber(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
  const low = ((bytes[at + 4]! << 24) | (bytes[at + 5]! << 16) | (bytes[at + 6]! << 8) | bytes[at + 7]!) >>> 0;
  return high * 2 ** 32 + low;
}
