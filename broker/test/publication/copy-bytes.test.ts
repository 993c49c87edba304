import { describe, expect, it } from "vitest";
import { copyBytes } from "../../src/publication/copy-bytes.js";

const LENGTHS = [0, 1, 2, 23, 24, 25, 26, 100, 4_096];

describe("copyBytes()", () => {
  it.each([
    ["Uint8Array", (bytes: readonly number[]) => Uint8Array.from(bytes)],
    ["Buffer", (bytes: readonly number[]) => Buffer.from(bytes)],
    ["view of a larger buffer", (bytes: readonly number[]) => new Uint8Array([9, 9, ...bytes, 9]).subarray(2, 2 + bytes.length)],
  ])("copies any part of a %s to where it is told, and nothing else", (_, sourceOf) => {
    for (const length of LENGTHS) {
      for (const before of [0, 3]) {
        for (const after of [0, 5]) {
          const bytes = Array.from({ length: before + length + after }, (_, i) => (i * 7 + 1) & 0xff);
          for (const target of [new Uint8Array(length + 4), Buffer.alloc(length + 4)]) {
            expect(copyBytes(sourceOf(bytes), before, before + length, target, 2)).toBe(2 + length);
            expect([...target]).toEqual([0, 0, ...bytes.slice(before, before + length), 0, 0]);
          }
        }
      }
    }
  });
});
