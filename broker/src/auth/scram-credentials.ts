/** What a server keeps of a password for SCRAM-SHA-256 (RFC 5802, 3): enough to check a proof and to give its own, not to be the client. */
export interface ScramCredentials {
  readonly iterations: number;
  readonly salt: Buffer;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

const SHA256_BYTES = 32;
/** RFC 7677, 4 wants at least as many. */
const MIN_ITERATIONS = 4_096;
/** The client does the work, and has to be done before its connection times out. */
const MAX_ITERATIONS = 10_000_000;

/** Reads `$scram-sha-256$iterations$salt$storedKey$serverKey`; undefined if it is not that. */
export function parseScramCredentials(text: string): ScramCredentials | undefined {
  const [before, scheme, count = "", ...fields] = text.split("$");
  if (before !== "" || scheme !== "scram-sha-256" || fields.length !== 3 || !/^\d{1,8}$/.test(count)) return undefined;
  if (!fields.every((field) => /^[A-Za-z0-9+/]+={0,2}$/.test(field))) return undefined;
  const iterations = Number(count);
  const [salt, storedKey, serverKey] = fields.map((field) => Buffer.from(field, "base64")) as [Buffer, Buffer, Buffer];
  if (iterations < MIN_ITERATIONS || iterations > MAX_ITERATIONS) return undefined;
  return storedKey.length === SHA256_BYTES && serverKey.length === SHA256_BYTES ? { iterations, salt, storedKey, serverKey } : undefined;
}

/** The line that `parseScramCredentials` reads. */
export function formatScramCredentials({ iterations, salt, storedKey, serverKey }: ScramCredentials): string {
  return `$scram-sha-256$${iterations}$${[salt, storedKey, serverKey].map((bytes) => bytes.toString("base64")).join("$")}`;
}

/** What is wrong with the part of a SCRAM file's line after the colon, undefined if nothing is. */
export function scramProblem(text: string): string | undefined {
  if (parseScramCredentials(text)) return undefined;
  return "has no $scram-sha-256$ credentials of at least 4096 iterations: set the password with mqttd passwd --scheme scram-sha-256";
}
