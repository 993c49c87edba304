import { describe, expect, it } from "vitest";
import { saslPrep } from "../../src/auth/sasl-prep.js";

describe("saslPrep()", () => {
  // The first five are RFC 4013's examples.
  it.each([
    ["I\u00ADX", "IX"],
    ["user", "user"],
    ["USER", "USER"],
    ["\u00AA", "a"],
    ["\u2168", "IX"],
    ["a\u00A0b\u3000c", "a b c"],
    ["e\u0301", "é"],
    ["Ω\u{1f600}", "Ω\u{1f600}"],
  ])("%j becomes %j", (text, prepared) => {
    expect(saslPrep(text)).toBe(prepared);
  });

  it.each(["\u0007", "a\0", "", "\u00AD", "\uE000", "\u{10FFFF}", "\uD800", "a\u202Eb", "\uFFFD", "\u200F", "\u{E0041}", "\u0378"])(
    "%j cannot be used",
    (text) => {
      expect(saslPrep(text)).toBeUndefined();
    },
  );
});
