import { describe, expect, it } from "vitest";
import { INCOMPLETE, packetLength } from "../../src/codec/frame.js";
import { bytesOf } from "./hex.js";
import { VALID } from "./packets.js";

function lengthOf(hex: string): number {
  const bytes = bytesOf(hex);
  return packetLength(bytes, 0, bytes.length);
}

describe("packetLength()", () => {
  it.each([
    ["c0 00", 2, "PINGREQ, the shortest packet"],
    ["30 7f", 129, "the longest with one length byte"],
    ["30 80 01", 131, "the shortest with two"],
    ["30 ff 7f", 16_386, "the longest with two"],
    ["30 80 80 01", 16_388, "the shortest with three"],
    ["30 ff ff 7f", 2_097_155, "the longest with three"],
    ["30 80 80 80 01", 2_097_157, "the shortest with four"],
    ["30 ff ff ff 7f", 268_435_460, "the longest packet MQTT allows"],
  ])("%s -> %i (%s)", (hex, expected) => {
    expect(lengthOf(hex)).toBe(expected);
  });

  it("asks for more bytes at every split of the header", () => {
    for (const part of ["", "30", "30 ff", "30 ff ff", "30 ff ff ff"]) {
      expect(lengthOf(part)).toBe(INCOMPLETE);
    }
  });

  it("rejects a padded length [MQTT-1.5.5-1]", () => {
    for (const hex of ["30 80 00", "30 85 00", "30 ff ff 80 00"]) {
      expect(() => lengthOf(hex)).toThrow("remaining length is padded");
    }
  });

  it("rejects a fifth length byte as soon as the fourth announces it [1.5.5]", () => {
    expect(() => lengthOf("30 ff ff ff ff")).toThrow("remaining length needs more than four bytes");
  });

  it("finds every packet of a stream that arrives in two parts, wherever it is split", () => {
    const packets = VALID.map(({ bytes }) => bytes);
    const stream = Uint8Array.from(packets.flatMap((bytes) => [...bytes]));
    const expected = packets.map((bytes) => bytes.length);

    for (let split = 0; split <= stream.length; split++) {
      const first = lengthsOf(stream, 0, split);
      const rest = lengthsOf(stream, sum(first), stream.length);
      expect([...first, ...rest]).toEqual(expected);
    }
  });
});

function lengthsOf(bytes: Uint8Array, start: number, end: number): number[] {
  const lengths: number[] = [];
  for (let at = start; at < end; ) {
    const length = packetLength(bytes, at, end);
    if (length === INCOMPLETE || at + length > end) break;
    lengths.push(length);
    at += length;
  }
  return lengths;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
