import { INCOMPLETE, packetLength } from "../codec/frame.js";
import { PacketType } from "../codec/packet.js";
import { packetTooLarge, violation } from "../codec/protocol-error.js";

/** As many bytes as a fixed header can have. */
const MAX_HEADER_BYTES = 5;

/** Bytes of a connection that wait: of a packet whose end is still to come, or of packets that may not be looked at yet. */
export class Input {
  bytes: Uint8Array = Buffer.allocUnsafe(0);
  length = 0;

  append(source: Uint8Array, start: number, end: number): void {
    const needed = this.length + end - start;
    if (needed > this.bytes.length) {
      // Grows with what has come, not with what a header promises, so that a promise costs nothing.
      const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.bytes.length));
      larger.set(this.bytes.subarray(0, this.length));
      this.bytes = larger;
    }
    this.bytes.set(source.subarray(start, end), this.length);
    this.length = needed;
  }

  /**
   * Takes from `source` what completes the packet that begins here, and no more; returns how many bytes that is. Complete afterwards or
   * not, `packetLength` tells. Throws ProtocolError when the header is malformed.
   */
  complete(source: Uint8Array): number {
    let taken = 0;
    let length = packetLength(this.bytes, 0, this.length);
    while (length === INCOMPLETE && taken < source.length && this.length < MAX_HEADER_BYTES) {
      this.append(source, taken, ++taken);
      length = packetLength(this.bytes, 0, this.length);
    }
    if (length === INCOMPLETE) return taken;

    const end = Math.min(source.length, taken + length - this.length);
    if (end > taken) this.append(source, taken, end);
    return Math.max(taken, end);
  }
}

/**
 * The length of the packet that begins at `at`, or INCOMPLETE. Refuses what may not come, by its header and before the rest of it is
 * waited for: a packet that is too long, and anything but a CONNECT where that is due.
 */
export function acceptedLength(bytes: Uint8Array, at: number, end: number, maxPacketBytes: number, isConnectDue: boolean): number {
  if (isConnectDue && bytes[at] !== PacketType.Connect << 4) throw violation("the first packet is not a CONNECT"); // [MQTT-3.1.0-1]
  const length = packetLength(bytes, at, end);
  if (length > maxPacketBytes) throw packetTooLarge(length, maxPacketBytes);
  return length;
}
