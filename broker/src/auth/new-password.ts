import { createHash, createHmac, pbkdf2, randomBytes } from "node:crypto";
import { formatPasswordHash } from "./password-hash.js";
import { hashWith } from "./password-hashing.js";
import { saslPrep } from "./sasl-prep.js";
import { formatScramCredentials } from "./scram-credentials.js";

/** Ways to keep a password. SCRAM is for files of its own, as only AUTH can use it. */
export const PASSWORD_SCHEMES = ["scrypt", "pbkdf2-sha512", "scram-sha-256"] as const;

export type PasswordScheme = (typeof PASSWORD_SCHEMES)[number];

/** How much work a scheme makes of a check, with its bounds. */
export interface SchemeCost {
  readonly standard: number;
  readonly min: number;
  readonly max: number;
}

/**
 * scrypt: N is two to this power; 14 takes 16 MiB and 35 to 90 ms of a core (measured, Bun and Node). pbkdf2-sha512: iterations, as many as OWASP's
 * cheat sheet of password storage asks for, 100 ms; mosquitto's own default is 101. scram-sha-256: iterations that the client makes, and RFC 7677 wants
 * at least 4,096.
 */
export const SCHEME_COSTS: Readonly<Record<PasswordScheme, SchemeCost>> = {
  scrypt: { standard: 14, min: 10, max: 18 },
  "pbkdf2-sha512": { standard: 210_000, min: 1, max: 10_000_000 },
  "scram-sha-256": { standard: 10_000, min: 4_096, max: 10_000_000 },
};

/** mosquitto 2.0 reads salts of this length only. */
const MOSQUITTO_SALT_BYTES = 12;
const SALT_BYTES = 16;
const SHA512_BYTES = 64;
const KEY_BYTES = 32;

/** What a file keeps of a new password: the part of the line after the colon. Undefined if SCRAM cannot carry the password. */
export async function keptPassword(password: string, scheme: PasswordScheme, cost: number): Promise<string | undefined> {
  if (scheme === "scram-sha-256") {
    const prepared = saslPrep(password);
    return prepared === undefined ? undefined : scramKeys(prepared, randomBytes(SALT_BYTES), cost);
  }
  const wanted =
    scheme === "scrypt"
      ? ({ scheme, logN: cost, r: 8, p: 1, salt: randomBytes(SALT_BYTES), hash: Buffer.alloc(KEY_BYTES) } as const)
      : ({ scheme, iterations: cost, salt: randomBytes(MOSQUITTO_SALT_BYTES), hash: Buffer.alloc(SHA512_BYTES) } as const);
  return formatPasswordHash({ ...wanted, hash: await hashWith(wanted, Buffer.from(password)) });
}

/** RFC 5802, 3. */
async function scramKeys(password: string, salt: Buffer, iterations: number): Promise<string> {
  const salted = await new Promise<Buffer>((resolve, reject) => {
    pbkdf2(password, salt, iterations, KEY_BYTES, "sha256", (error, key) => (error ? reject(error) : resolve(key)));
  });
  const clientKey = createHmac("sha256", salted).update("Client Key").digest();
  return formatScramCredentials({
    iterations,
    salt,
    storedKey: createHash("sha256").update(clientKey).digest(),
    serverKey: createHmac("sha256", salted).update("Server Key").digest(),
  });
}
