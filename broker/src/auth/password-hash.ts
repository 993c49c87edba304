/** How a password is kept: what is needed to check it, and nothing it could be read from. */
export type PasswordHash =
  | { readonly scheme: "pbkdf2-sha512"; readonly iterations: number; readonly salt: Buffer; readonly hash: Buffer }
  | { readonly scheme: "sha512"; readonly salt: Buffer; readonly hash: Buffer }
  | {
      readonly scheme: "scrypt";
      /** Cost: N is two to this power. */
      readonly logN: number;
      readonly r: number;
      readonly p: number;
      readonly salt: Buffer;
      readonly hash: Buffer;
    };

/** A check that took longer would be a way to stop the broker. PBKDF2-SHA512 does some 500,000 a second and core. */
const MAX_ITERATIONS = 10_000_000;
const SHA512_BYTES = 64;
/** Well-formed lines of most files, so that a large one is checked without decoding each. */
const COMMON = /^\$7\$[1-9]\d{0,5}\$[A-Za-z0-9+/]{2,}={0,2}\$[A-Za-z0-9+/]{86}==$/;
/** Memory of one check: 128 * N * r bytes. */
const MAX_SCRYPT_BYTES = 256 * 1_048_576;
const MAX_HASH_BYTES = 1_024;

/**
 * Reads mosquitto's `$7$iterations$salt$hash` (PBKDF2 with SHA-512) and `$6$salt$hash` (SHA-512 once, from before mosquitto 2; its hash also in
 * hexadecimal, which is all that a Helm template can write), and scrypt in the PHC form, `$scrypt$ln=15,r=8,p=1$salt$hash`. Undefined if it is none of these, or asks for more work than one check may take.
 */
export function parsePasswordHash(text: string): PasswordHash | undefined {
  const [before, scheme, ...fields] = text.split("$");
  if (before !== "") return undefined;
  if (scheme === "7" && fields.length === 3) return pbkdf2(fields[0]!, bytesOf(fields[1]!), bytesOf(fields[2]!));
  if (scheme === "6" && fields.length === 2) return sha512(bytesOf(fields[0]!), sha512Of(fields[1]!));
  if (scheme === "scrypt" && fields.length === 3) return scrypt(fields[0]!, bytesOf(fields[1]!), bytesOf(fields[2]!));
  return undefined;
}

/** The line that `parsePasswordHash` reads. */
export function formatPasswordHash(kept: PasswordHash): string {
  const [salt, hash] = [kept.salt.toString("base64"), kept.hash.toString("base64")];
  if (kept.scheme === "sha512") return `$6$${salt}$${hash}`;
  if (kept.scheme === "pbkdf2-sha512") return `$7$${kept.iterations}$${salt}$${hash}`;
  return `$scrypt$ln=${kept.logN},r=${kept.r},p=${kept.p}$${unpadded(salt)}$${unpadded(hash)}`;
}

/** What is wrong with the part of a password file's line after the colon, undefined if nothing is. */
export function passwordHashProblem(text: string): string | undefined {
  if (COMMON.test(text) || parsePasswordHash(text)) return undefined;
  if (!text.startsWith("$")) return "has a password that is not hashed: mqttd passwd -U hashes it";
  if (text.startsWith("$scram-"))
    return "is for SCRAM: set the password anew with mqttd passwd, or name the file in an entry of type scram";
  return "has no hash that the broker knows ($7$, $6$ or $scrypt$), or one that takes too much work: set the password anew with mqttd passwd";
}

function pbkdf2(count: string, salt: Buffer, hash: Buffer): PasswordHash | undefined {
  const iterations = wholeNumber(count);
  if (iterations < 1 || iterations > MAX_ITERATIONS || hash.length !== SHA512_BYTES || salt.length === 0) return undefined;
  return { scheme: "pbkdf2-sha512", iterations, salt, hash };
}

function sha512(salt: Buffer, hash: Buffer): PasswordHash | undefined {
  return hash.length === SHA512_BYTES && salt.length > 0 ? { scheme: "sha512", salt, hash } : undefined;
}

function scrypt(parameters: string, salt: Buffer, hash: Buffer): PasswordHash | undefined {
  const [, ln = "", rText = "", pText = ""] = /^ln=(\d{1,2}),r=(\d{1,4}),p=(\d{1,4})$/.exec(parameters) ?? [];
  const [logN, r, p] = [wholeNumber(ln), wholeNumber(rText), wholeNumber(pText)];
  if (logN < 1 || r < 1 || p < 1 || 128 * 2 ** logN * r * p > MAX_SCRYPT_BYTES) return undefined;
  if (salt.length === 0 || hash.length < 16 || hash.length > MAX_HASH_BYTES) return undefined;
  return { scheme: "scrypt", logN, r, p, salt, hash };
}

function wholeNumber(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
}

/** 64 bytes are 128 hexadecimal digits, and no base64 of as many bytes. */
function sha512Of(text: string): Buffer {
  return /^[0-9a-f]{128}$/.test(text) ? Buffer.from(text, "hex") : bytesOf(text);
}

/** Empty if it is not base64. */
function bytesOf(text: string): Buffer {
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, "base64") : Buffer.alloc(0);
}

function unpadded(base64: string): string {
  return base64.replace(/=+$/, "");
}
