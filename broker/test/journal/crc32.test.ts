import { expect, it } from "vitest";
import { crc32, crc32ByTable } from "../../src/journal/crc32.js";

it("is the CRC-32 of zlib, and goes on from an earlier one, with the runtime's own and by the table", () => {
  for (const crc of [crc32, crc32ByTable()]) {
    expect(crc(Buffer.from("123456789"))).toBe(0xcbf4_3926);
    expect(crc(Buffer.from("6789"), crc(Buffer.from("12345")))).toBe(0xcbf4_3926);
    expect(crc(Buffer.alloc(0))).toBe(0);
  }
});
