import { describe, expect, it } from "vitest";
import { ByteReader } from "../../src/journal/byte-reader.js";
import { ByteWriter } from "../../src/journal/byte-writer.js";

const TEXTS = ["", "a", "x".repeat(48), "x".repeat(49), "x".repeat(100_000), "é", "日\u{1f600}", `${"x".repeat(47)}é`, "\0"];
const NUMBERS = [0, 1, 127, 128, 16_383, 16_384, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 40 + 1, Number.MAX_SAFE_INTEGER];

describe("ByteWriter and ByteReader", () => {
  it("give back every number, text and run of bytes", () => {
    const out = new ByteWriter();
    out.reset(3);
    for (const value of NUMBERS) out.varint(value);
    for (const text of TEXTS) out.text(text);
    out.binary(new Uint8Array([0, 255]));
    out.u8(7);
    const from = new ByteReader(out.bytes, 3, out.length);
    expect(NUMBERS.map(() => from.varint())).toEqual(NUMBERS);
    expect(TEXTS.map(() => from.text())).toEqual(TEXTS);
    expect([from.binary(), from.u8(), from.isAtEnd]).toEqual([new Uint8Array([0, 255]), 7, true]);
  });

  it("refuse to read beyond the end, and numbers that have none", () => {
    const read = (...bytes: number[]) => new ByteReader(Buffer.from(bytes), 0, bytes.length);
    for (const attempt of [() => read().u8(), () => read(0x80).varint(), () => read(2, 65).text(), () => read(9).binary()]) {
      expect(attempt).toThrow("a record is cut off");
    }
    expect(() => read(...Array.from({ length: 12 }, () => 0xff)).varint()).toThrow("too long");
  });

  it("give up the room that one large group took", () => {
    const out = new ByteWriter();
    out.binary(new Uint8Array(5_000_000));
    const large = out.bytes.length;
    out.reset(0);
    expect([large > 5_000_000, out.bytes.length < 100_000]).toEqual([true, true]);
  });
});
