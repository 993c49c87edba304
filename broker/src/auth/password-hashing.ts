import { createHash, pbkdf2, scrypt } from "node:crypto";
import type { PasswordHash } from "./password-hash.js";

/** Room that scrypt takes beside its table. */
const SCRYPT_SLACK_BYTES = 2 * 1_048_576;

/**
 * The hash of a password with salt and costs of a kept one. What costs time runs on the runtime's thread pool, on Node and on Bun; SHA-512 once takes
 * microseconds and is done at once.
 */
export function hashWith(kept: PasswordHash, password: Uint8Array): Buffer | Promise<Buffer> {
  switch (kept.scheme) {
    case "sha512":
      return createHash("sha512").update(password).update(kept.salt).digest();
    case "pbkdf2-sha512":
      return new Promise((resolve, reject) => {
        pbkdf2(password, kept.salt, kept.iterations, kept.hash.length, "sha512", settle(resolve, reject));
      });
    case "scrypt": {
      const { logN, r, p } = kept;
      const maxmem = 128 * r * (2 ** logN + p) + SCRYPT_SLACK_BYTES;
      return new Promise((resolve, reject) => {
        scrypt(password, kept.salt, kept.hash.length, { N: 2 ** logN, r, p, maxmem }, settle(resolve, reject));
      });
    }
  }
}

/** Without an error, Node gives null and Bun (1.4.5, scrypt) undefined. */
function settle(resolve: (hash: Buffer) => void, reject: (error: Error) => void) {
  return (error: Error | null | undefined, hash: Buffer) => (error ? reject(error) : resolve(hash));
}
