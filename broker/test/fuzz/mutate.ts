import { frameOf, varintOf } from "../codec/hex.js";
import type { Random } from "../codec/random.js";

/** Values that sit at an edge of something: no bytes, all bits, the sign, a length that goes on. */
const EDGES = [0x00, 0x01, 0x7f, 0x80, 0xff];
/** Lengths that packets announce and do not have: padded, five bytes long, the longest there is, a little above a common limit. */
const LYING_LENGTHS: readonly (readonly number[])[] = [
  [0x80, 0x00],
  [0xff, 0xff, 0xff, 0xff, 0x01],
  [0xff, 0xff, 0xff, 0x7f],
  varintOf(1_048_576),
  varintOf(65_536),
  [0x00],
];

/** A packet with one to four things wrong, or by chance none; mostly one whose length fits, so that what is inside gets looked at. */
export function mutate(random: Random, original: Uint8Array, others: readonly Uint8Array[]): Uint8Array {
  const header = headerLength(original);
  switch (random.integer(0, 19)) {
    case 0:
      return Uint8Array.from(changed(random, [...original], others));
    case 1:
      return Uint8Array.from([original[0]!, ...random.pick(LYING_LENGTHS), ...original.subarray(header)]);
    case 2:
      return Uint8Array.from([original[0]!, ...varintOf(random.integer(0, 2 * original.length)), ...original.subarray(header)]);
    case 3:
      return original.subarray(0, random.integer(1, original.length));
  }
  const first = random.chance(8) ? original[0]! ^ (1 << random.integer(0, 7)) : original[0]!;
  let body = [...original.subarray(header)];
  for (let i = random.pick([1, 1, 1, 2, 4]); i > 0; i--) body = changed(random, body, others);
  return frameOf(first, body);
}

/** One change, as often in the last quarter as in the rest: errors near the end are found late, after much has been done. */
export function changed(random: Random, bytes: number[], others: readonly Uint8Array[]): number[] {
  const last = Math.max(0, bytes.length - 1);
  const at = random.integer(random.chance(2) ? 0 : Math.floor(last * 0.75), last);
  switch (random.integer(0, 6)) {
    case 0:
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random.integer(0, 7));
      break;
    case 1:
      bytes[at] = random.chance(2) ? random.pick(EDGES) : random.integer(0, 255);
      break;
    case 2:
      bytes.splice(at, 0, random.integer(0, 255));
      break;
    case 3:
      bytes.splice(at, random.integer(1, 4));
      break;
    case 4:
      bytes.splice(at, 0, ...bytes.slice(at, at + random.integer(1, 12)));
      break;
    case 5:
      bytes.splice(at, bytes.length - at);
      break;
    default: {
      const other = random.pick(others);
      const from = random.integer(0, other.length);
      bytes.splice(at, random.integer(0, 4), ...other.subarray(from, from + random.integer(0, 12)));
    }
  }
  return bytes;
}

function headerLength(packet: Uint8Array): number {
  return packet.findIndex((byte, at) => at > 0 && byte < 0x80) + 1;
}
