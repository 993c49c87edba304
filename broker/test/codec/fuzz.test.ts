import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import { decode, encode, encodedLength } from "../../src/codec/codec.js";
import { packetLength } from "../../src/codec/frame.js";
import { type Packet, PacketType, type ProtocolVersion } from "../../src/codec/packet.js";
import { ProtocolError } from "../../src/codec/protocol-error.js";
import { frameOf, hexOf } from "./hex.js";
import { INVALID, VALID } from "./packets.js";
import { Random } from "./random.js";
import { randomPacket } from "./random-packets.js";

const SEED = 20_260_101;
const MUTATED_PACKETS = 200_000;
const VERSIONS: readonly ProtocolVersion[] = [3, 4, 5];

describe("random packets", () => {
  const pairs = VERSIONS.flatMap((version) => Object.entries(PacketType).map(([name, type]) => [name, version, type] as const));

  it.each(pairs.filter(([name, version]) => name !== "Auth" || version === 5))(
    "%s of version %i comes back as it was sent",
    (_, version, type) => {
      const random = new Random(SEED + type);
      for (let i = 0; i < 200; i++) {
        const packet = randomPacket(random, type, version);
        const bytes = encode(packet, version);

        expect(packetLength(bytes, 0, bytes.length)).toBe(bytes.length);
        expect(encodedLength(packet, version)).toBe(bytes.length);
        const decoded = decode(bytes, 0, bytes.length, version);
        if (!isDeepStrictEqual(decoded, packet)) expect(decoded).toEqual(packet);
        expect(Buffer.compare(encode(decoded, version), bytes)).toBe(0);
      }
    },
  );
});

describe("mutated packets", () => {
  it(`are a packet that can be sent on, or a ProtocolError: ${MUTATED_PACKETS.toLocaleString("en")} of them`, () => {
    const random = new Random(SEED);
    const originals = [...VALID, ...INVALID].map(({ bytes }) => bytes);
    let decodedCount = 0;

    for (let i = 0; i < MUTATED_PACKETS; i++) {
      const bytes = mutate(random, random.pick(originals), originals);
      const version = random.pick(VERSIONS);
      const packet = decodeOrUndefined(bytes, version);
      if (packet === undefined) continue;

      decodedCount++;
      const again = encode(packet, version);
      if (!isDeepStrictEqual(decode(again, 0, again.length, version), packet)) {
        expect.fail(`${hexOf(bytes)} in version ${version} became ${hexOf(again)}, which means something else`);
      }
    }
    // Neither all noise nor all harmless: both ends of the codec were exercised.
    expect(decodedCount).toBeGreaterThan(MUTATED_PACKETS / 20);
    expect(decodedCount).toBeLessThan(MUTATED_PACKETS * 0.8);
  });
});

function decodeOrUndefined(bytes: Uint8Array, version: ProtocolVersion): Packet | undefined {
  try {
    return decode(bytes, 0, bytes.length, version);
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw new Error(`${hexOf(bytes)} in version ${version}`, { cause: error });
  }
}

/** One to three changes to the first byte or the body, mostly in a frame whose length fits again. */
function mutate(random: Random, original: Uint8Array, others: readonly Uint8Array[]): Uint8Array {
  if (random.chance(10)) return changed(random, [...original], others);

  const header = original.findIndex((byte, at) => at > 0 && byte < 0x80) + 1;
  const first = random.chance(10) ? random.integer(0, 255) : original[0]!;
  let body = [...original.subarray(header)];
  for (let i = random.integer(0, 3); i > 0; i--) body = [...changed(random, body, others)];
  return frameOf(first, body);
}

function changed(random: Random, bytes: number[], others: readonly Uint8Array[]): Uint8Array {
  const at = random.integer(0, Math.max(0, bytes.length - 1));
  switch (random.integer(0, 5)) {
    case 0:
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random.integer(0, 7));
      break;
    case 1:
      bytes[at] = random.pick([0x00, 0x01, 0x7f, 0x80, 0xff, random.integer(0, 255)]);
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
    default: {
      const other = random.pick(others);
      const from = random.integer(0, other.length);
      bytes.splice(at, random.integer(0, 4), ...other.subarray(from, from + random.integer(0, 12)));
    }
  }
  return Uint8Array.from(bytes);
}
