import { createHmac, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { HmacSha256 } from "../../src/auth/hmac-sha256.js";

describe("HmacSha256", () => {
  it.each([0, 1, 63, 64, 65, 1_000])("agrees with the runtime's own for %i bytes", (length) => {
    for (const keyBytes of [1, 32, 64]) {
      const [key, bytes] = [randomBytes(keyBytes), randomBytes(length)];
      const expected = createHmac("sha256", key).update(bytes).digest("base64");
      expect(new HmacSha256(key).of(bytes)).toBe(expected);
      expect(new HmacSha256(key).of(bytes.subarray(0, length >> 1), bytes.subarray(length >> 1))).toBe(expected);
    }
  });
});
