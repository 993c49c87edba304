import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import { decode, encode, encodedLength } from "../../src/codec/codec.js";
import { packetLength } from "../../src/codec/frame.js";
import { type Packet, PacketType, type ProtocolVersion } from "../../src/codec/packet.js";
import { ProtocolError } from "../../src/codec/protocol-error.js";
import { mutate } from "../fuzz/mutate.js";
import { hexOf } from "./hex.js";
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
