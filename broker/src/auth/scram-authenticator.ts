import { createHmac, randomBytes } from "node:crypto";
import type { EnhancedAuthenticator, EnhancedExchange } from "./enhanced-authenticator.js";
import { parseScramCredentials, type ScramCredentials } from "./scram-credentials.js";
import { ScramExchange } from "./scram-exchange.js";

const SALT_BYTES = 16;
const KEY_BYTES = 32;
const NONCE_BYTES = 18;
const DEFAULT_ITERATIONS = 4_096;

export interface ScramOptions {
  /** Makes the server's part of a nonce: printable ASCII without commas. @default - 144 random bits */
  readonly newNonce?: () => string;
}

/**
 * SCRAM-SHA-256 (RFC 5802, RFC 7677): the client proves that it knows the password without sending it, and the broker that it knows the client.
 *
 * A user that there is not gets a salt too, always the same, so that nobody can find out who is there.
 */
export class ScramAuthenticator implements EnhancedAuthenticator {
  readonly method = "SCRAM-SHA-256";
  readonly #users: ReadonlyMap<string, string>;
  readonly #newNonce: () => string;
  /** What made-up salts come from. Made of a key in the file, so that they stay the same when the broker starts again. */
  readonly #secret: Uint8Array;
  readonly #standIn: ScramCredentials | undefined;

  /** `users` holds the part of each line after the colon. */
  constructor(users: ReadonlyMap<string, string>, options: ScramOptions = {}) {
    const [first] = users.values();
    this.#users = users;
    this.#newNonce = options.newNonce ?? (() => randomBytes(NONCE_BYTES).toString("base64"));
    this.#standIn = first === undefined ? undefined : parseScramCredentials(first);
    this.#secret = this.#standIn ? digest(this.#standIn.serverKey, "salts of users that there are not") : randomBytes(KEY_BYTES);
  }

  begin(): EnhancedExchange {
    return new ScramExchange((userName) => this.#credentialsOf(userName), this.#newNonce());
  }

  #credentialsOf(userName: string): ScramCredentials {
    const kept = this.#users.get(userName);
    if (kept !== undefined) return parseScramCredentials(kept)!;

    const { salt, iterations } = this.#standIn ?? { salt: { length: SALT_BYTES }, iterations: DEFAULT_ITERATIONS };
    const madeUp = digest(this.#secret, userName).subarray(0, salt.length);
    return { iterations, salt: madeUp, storedKey: randomBytes(KEY_BYTES), serverKey: randomBytes(KEY_BYTES) };
  }
}

function digest(key: Uint8Array, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
