import * as crypto from "node:crypto";

/** Bytes that SHA-256 takes at a time. */
const BLOCK_BYTES = 64;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;

/**
 * HMAC-SHA-256 (RFC 2104) by digests of one call each.
 *
 * `createHmac` makes an object whose native part stays until the garbage collector comes to it: made for each CONNECT, it raised the memory
 * of 18,000 idle connections from 3.9 to 5.0 KB each on Node 24.
 */
export class HmacSha256 {
  readonly #inner: Uint8Array;
  readonly #outer: Uint8Array;

  /** `key` has at most 64 bytes. */
  constructor(key: Uint8Array) {
    const padded = Buffer.alloc(BLOCK_BYTES);
    padded.set(key);
    this.#inner = padded.map((byte) => byte ^ INNER_PAD);
    this.#outer = padded.map((byte) => byte ^ OUTER_PAD);
  }

  /** Of the parts one behind the other, in base64. */
  of(...parts: readonly Uint8Array[]): string {
    return digest(Buffer.concat([this.#outer, digest(Buffer.concat([this.#inner, ...parts]), "buffer")]), "base64");
  }
}

/** `crypto.hash` came with Node 20.12. */
function digest(bytes: Uint8Array, encoding: "buffer"): Buffer;
function digest(bytes: Uint8Array, encoding: "base64"): string;
function digest(bytes: Uint8Array, encoding: "buffer" | "base64"): Buffer | string {
  if (crypto.hash !== undefined) return crypto.hash("sha256", bytes, encoding);
  const hash = crypto.createHash("sha256").update(bytes);
  return encoding === "buffer" ? hash.digest() : hash.digest(encoding);
}
