import { malformed } from "./protocol-error.js";

/** No packet is this long, so the value is free to mean "wait for more bytes". */
export const INCOMPLETE = 0;

/** The most that four length bytes can say. */
export const MAX_REMAINING_LENGTH = 268_435_455;

const MAX_LENGTH_BYTES = 4;

/**
 * Length of the whole packet that starts at `start`, or INCOMPLETE while its header is not all there.
 * The packet itself may reach beyond `end`, so a caller can refuse it before buffering it.
 *
 * Runs for every packet of every connection, so it takes plain numbers, allocates
 * nothing, and does not look past the header. Lengths stop at 28 bits, hence `|` is exact.
 */
export function packetLength(bytes: Uint8Array, start: number, end: number): number {
  let remaining = 0;
  for (let i = 0; i < MAX_LENGTH_BYTES; i++) {
    const at = start + 1 + i;
    if (at >= end) return INCOMPLETE;

    const byte = bytes[at]!;
    remaining |= (byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      if (byte === 0 && i > 0) throw malformed("remaining length is padded"); // [MQTT-1.5.5-1]
      return at + 1 - start + remaining;
    }
  }
  throw malformed("remaining length needs more than four bytes"); // MQTT 5.0, 1.5.5
}
