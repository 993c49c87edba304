import { describe, expect, it } from "vitest";
import { decode, encode, encodedLength, encodeInto } from "../../src/codec/codec.js";
import { packetLength } from "../../src/codec/frame.js";
import { PacketType } from "../../src/codec/packet.js";
import { ProtocolError } from "../../src/codec/protocol-error.js";
import { bytesOf, frameOf, hexOf } from "./hex.js";
import { INVALID, perVersion, VALID } from "./packets.js";

function protocolErrorOf(act: () => unknown): ProtocolError {
  try {
    act();
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
  throw new Error("no error was thrown");
}

describe("decode()", () => {
  it.each(perVersion(VALID))("reads %s", (_, version, { bytes, packet }) => {
    expect(decode(bytes, 0, bytes.length, version)).toEqual(packet);
  });

  it.each(perVersion(INVALID))("refuses %s", (_, version, { bytes, error, message }) => {
    const thrown = protocolErrorOf(() => decode(bytes, 0, bytes.length, version));
    expect(thrown.message).toContain(message);
    expect(thrown.reasonCode).toBe(error);
  });

  it("refuses the packets of 5.0 on a connection of 3.1.1, which has no properties", () => {
    for (const [title, , { bytes, packet }] of perVersion(VALID.filter(({ versions }) => versions.length === 1 && versions[0] === 5))) {
      if (packet.type === PacketType.Connect || packet.type === PacketType.Publish) continue; // one says its version, the other has a payload
      expect(() => decode(bytes, 0, bytes.length, 4), title).toThrow(ProtocolError);
    }
  });

  it("reads a packet in the middle of other bytes, and its binary fields as views of them", () => {
    const bytes = Buffer.from("ffff30070003612f626869ffff", "hex");
    const packet = decode(bytes, 2, 11, 4);

    if (packet.type !== PacketType.Publish) throw new Error("not a PUBLISH");
    expect(packet.payload.buffer).toBe(bytes.buffer);
    bytes[9] = 0x48;
    expect(Buffer.from(packet.payload).toString()).toBe("Hi");
  });

  it("reads PUBREL, SUBSCRIBE and UNSUBSCRIBE of 3.1 that are sent again with DUP [3.6, 3.8, 3.10 (MQTT 3.1)]", () => {
    for (const hex of ["6a 02 00 01", "8a 06 00 01 00 01 'a' 00", "aa 05 00 01 00 01 'a'"]) {
      const bytes = bytesOf(hex);
      expect(decode(bytes, 0, bytes.length, 3)).toMatchObject({ packetId: 1 });
    }
  });

  it.each(perVersion(VALID))("throws a ProtocolError when %s ends early, at every byte", (_, version, { bytes }) => {
    for (let end = 0; end < bytes.length; end++) {
      expect(() => decode(bytes, 0, end, version)).toThrow(ProtocolError);
    }
  });

  it.each(perVersion(VALID))("throws nothing but a ProtocolError when the body of %s ends early", (_, version, { bytes }) => {
    const header = bytes.findIndex((byte, at) => at > 0 && byte < 0x80) + 1;
    for (let end = header; end < bytes.length; end++) {
      const cut = frameOf(bytes[0]!, bytes.subarray(header, end));
      try {
        decode(cut, 0, cut.length, version);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
    }
  });
});

describe("encode()", () => {
  it.each(perVersion(VALID.filter(({ canonical }) => canonical)))("writes %s", (_, version, { bytes, packet }) => {
    expect(hexOf(encode(packet, version))).toBe(hexOf(bytes));
  });

  it.each(perVersion(VALID.filter(({ canonical }) => !canonical)))(
    "writes another form of %s that means the same",
    (_, version, { packet }) => {
      const bytes = encode(packet, version);
      expect(decode(bytes, 0, bytes.length, version)).toEqual(packet);
    },
  );

  it.each(perVersion(VALID))("writes %s into a batch as it writes it alone", (_, version, { packet }) => {
    const alone = encode(packet, version);
    const target = new Uint8Array(alone.length + 10);

    expect(encodedLength(packet, version)).toBe(alone.length);
    expect(encodeInto(packet, version, target, 4)).toBe(4 + alone.length);
    expect(hexOf(target.subarray(4, 4 + alone.length))).toBe(hexOf(alone));
    expect(hexOf(target.subarray(4 + alone.length))).toBe("00 00 00 00 00 00");
    expect(() => encodeInto(packet, version, target, 11)).toThrow(RangeError);
  });
});

describe("packetLength()", () => {
  it.each(perVersion(VALID))("finds the end of %s", (_, __, { bytes }) => {
    expect(packetLength(bytes, 0, bytes.length)).toBe(bytes.length);
  });
});
