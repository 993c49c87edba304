import { describe, expect, it } from "vitest";
import { ProtocolError } from "../../src/codec/protocol-error.js";
import { decodeUtf8, utf8Length, writeUtf8 } from "../../src/codec/utf8.js";
import { bytesOf } from "./hex.js";

function decode(bytes: Uint8Array): string {
  return decodeUtf8(bytes, 0, bytes.length, "field");
}

function encode(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text, "field"));
  expect(writeUtf8(text, bytes, 0)).toBe(bytes.length);
  return bytes;
}

describe("UTF-8", () => {
  it.each([
    ["", "nothing"],
    ["a".repeat(1000), "ASCII"],
    ["\u0001\u007f", "control characters, which the standard only advises against"],
    ["\u0080\u07ff", "two bytes"],
    ["\u0800\ud7ff\ue000\uffff", "three bytes, around the surrogates and up to a non-character"],
    ["\u{10000}\u{10ffff}", "four bytes"],
    ["a\ufeff", "U+FEFF, which is kept [MQTT-1.5.4-3]"],
    ["\ufeffa", "U+FEFF at the start, which is kept [MQTT-1.5.4-3]"],
  ])("goes both ways: %j (%s)", (text) => {
    const bytes = encode(text);
    expect(bytes).toEqual(new Uint8Array(Buffer.from(text, "utf8")));
    expect(decode(bytes)).toBe(text);
  });

  it.each([
    ["00", "U+0000 [MQTT-1.5.4-2]", "contains U+0000"],
    ["c3 a9 00", "U+0000 after other characters [MQTT-1.5.4-2]", "contains U+0000"],
    ["80", "a continuation alone", "not well-formed"],
    ["c3", "a character cut short", "not well-formed"],
    ["c0 80", "an overlong U+0000", "not well-formed"],
    ["e0 80 af", "an overlong slash", "not well-formed"],
    ["ed a0 80", "a high surrogate [MQTT-1.5.4-1]", "not well-formed"],
    ["ed bf bf", "a low surrogate [MQTT-1.5.4-1]", "not well-formed"],
    ["ed a0 bd ed b0 9d", "a surrogate pair (CESU-8) [MQTT-1.5.4-1]", "not well-formed"],
    ["f4 90 80 80", "U+110000", "not well-formed"],
    ["ff", "no UTF-8 byte", "not well-formed"],
  ])("refuses %s: %s", (hex, _, message) => {
    expect(() => decode(bytesOf(hex))).toThrow(ProtocolError);
    expect(() => decode(bytesOf(hex))).toThrow(message);
  });

  it("agrees with Buffer on every character", () => {
    for (let point = 1; point <= 0x10ffff; point += point < 0x3000 ? 1 : 251) {
      if (point >= 0xd800 && point <= 0xdfff) continue;
      const text = String.fromCodePoint(point);
      expect(decode(encode(text)) === text && Buffer.from(text).equals(encode(text))).toBe(true);
    }
  });

  it("does not write what the wire cannot hold", () => {
    expect(() => utf8Length("a\u0000", "name")).toThrow("'name' contains U+0000");
    for (const text of ["\ud800", "\ud800a", "\udc00", "\udc00\ud800", "\ud800\ud800\udc00"]) {
      expect(() => utf8Length(text, "name")).toThrow("'name' contains a lone surrogate");
    }
    expect(utf8Length("a".repeat(65_535), "name")).toBe(65_535);
    expect(() => utf8Length("a".repeat(65_536), "name")).toThrow("'name' takes 65536 bytes");
    expect(() => utf8Length("é".repeat(32_768), "name")).toThrow(RangeError);
  });
});
