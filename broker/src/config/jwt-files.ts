import { X509Certificate } from "node:crypto";
import { algorithmsOf, keySetProblem, LEAST_SECRET_BYTES } from "../auth/jwt-keys.js";
import type { JwtKeys, JwtSettings } from "../auth/jwt-settings.js";
import { EntryFiles, type Report } from "./entry-files.js";
import { HMAC_ALGORITHMS, type JwtEntry, PUBLIC_KEY_ALGORITHMS } from "./jwt-schema.js";
import type { ReadFile } from "./pem-files.js";

type Files = EntryFiles<keyof JwtEntry>;

/** A key, and what it can be used with. */
interface Opened {
  readonly keys: JwtKeys;
  readonly algorithms: readonly string[];
}

const KEY_FIELDS = ["secretFile", "publicKeyFile", "jwks"] as const;

/** Settings about tokens with their files read; undefined if something about them is wrong, which is reported. */
export function resolveJwt(entry: JwtEntry, readFile: ReadFile, report: Report<keyof JwtEntry>): JwtSettings | undefined {
  const files = new EntryFiles(readFile, report);
  const opened = openKey(entry, files);
  const jwksCa = files.checked("jwksCaFile", entry.jwksCaFile, "certificate", (pem) => new X509Certificate(pem));
  if (entry.jwksCaFile !== undefined && !/^https:/i.test(entry.jwks ?? "")) {
    files.report("jwksCaFile", "nothing is fetched with TLS: leave it out, or make jwks a URL that begins with https://");
  }
  const strange = opened && entry.algorithms?.filter((algorithm) => !opened.algorithms.includes(algorithm));
  if (opened && strange && strange.length > 0) {
    files.report(
      "algorithms",
      `the key does not go with ${strange.join(", ")}: name some of ${opened.algorithms.join(", ")}, or leave it out`,
    );
  }
  if (!opened || !files.isComplete) return undefined;

  const { from, issuer, audience, requireExpiry, clockToleranceSeconds, disconnectAfterExpire } = entry;
  const { userClaim, clientIdClaim, verifyClaims, aclClaim } = entry;
  return {
    from,
    keys: jwksCa === undefined ? opened.keys : ({ ...opened.keys, ca: jwksCa } as JwtKeys),
    algorithms: entry.algorithms ?? opened.algorithms,
    issuer,
    audience,
    requireExpiry,
    clockToleranceSeconds,
    disconnectAfterExpire,
    userClaim,
    clientIdClaim,
    verifyClaims,
    aclClaim,
  };
}

function openKey(entry: JwtEntry, files: Files): Opened | undefined {
  const given = KEY_FIELDS.filter((field) => entry[field] !== undefined);
  if (given.length > 1) files.report(given[1]!, `${given[0]} is given too: a token is verified by one of them, leave out the others`);
  switch (given[0]) {
    case "secretFile":
      return openSecret(entry, files);
    case "publicKeyFile":
      return openPublicKey(entry, files);
    case "jwks":
      return openKeySet(entry, files);
    case undefined:
      files.report("secretFile", "nothing verifies a token: name a secretFile, a publicKeyFile or jwks");
      return undefined;
  }
}

function openSecret({ secretFile, secretEncoding }: JwtEntry, files: Files): Opened | undefined {
  const text = files.text("secretFile", secretFile)?.replace(/\r?\n$/, "");
  if (text === undefined) return undefined;
  const secret = Buffer.from(text, secretEncoding === "base64" ? "base64" : "utf8");
  // Whoever has the public key could sign tokens with it.
  if (text.includes("-----BEGIN")) files.report("secretFile", "it holds no secret but a PEM file: name it in publicKeyFile");
  else if (secretEncoding === "base64" && !/^[\w+/-]*={0,2}$/.test(text))
    files.report("secretFile", "it is not base64: make secretEncoding text");
  else if (secret.length < LEAST_SECRET_BYTES) {
    files.report("secretFile", `its ${secret.length} bytes can be guessed: make it ${LEAST_SECRET_BYTES} random bytes at least`);
  }
  return { keys: { kind: "secret", secret: secret.toString("base64") }, algorithms: HMAC_ALGORITHMS };
}

function openPublicKey({ publicKeyFile }: JwtEntry, files: Files): Opened | undefined {
  let algorithms: readonly string[] = [];
  const pem = files.checked("publicKeyFile", publicKeyFile, "public key that can be used", (text) => {
    if (text.includes("PRIVATE KEY")) throw new Error("it is a private key, which the issuer of tokens should keep for itself");
    algorithms = algorithmsOf(text);
  });
  return pem === undefined ? undefined : { keys: { kind: "public-key", pem }, algorithms };
}

function openKeySet(entry: JwtEntry, files: Files): Opened | undefined {
  const { jwks = "", jwksRefreshSeconds, jwksCooldownSeconds, jwksStaleSeconds, jwksTimeoutSeconds } = entry;
  const algorithms = PUBLIC_KEY_ALGORITHMS;
  if (/^https?:\/\//i.test(jwks)) {
    if (!URL.canParse(jwks) || new URL(jwks).username !== "") files.report("jwks", "it is no URL, or one with a user: mend it");
    const keys = {
      kind: "endpoint",
      url: jwks,
      refreshMs: jwksRefreshSeconds * 1_000,
      cooldownMs: jwksCooldownSeconds * 1_000,
      staleMs: jwksStaleSeconds * 1_000,
      timeoutMs: jwksTimeoutSeconds * 1_000,
    } as const;
    return { keys, algorithms };
  }
  const text = files.text("jwks", jwks);
  if (text === undefined) return undefined;
  const problem = keySetProblem(text);
  if (problem !== undefined) files.report("jwks", `${problem}: name a file with {"keys": [...]}`);
  return { keys: { kind: "key-set", text }, algorithms };
}
