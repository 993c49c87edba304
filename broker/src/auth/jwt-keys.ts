import { createPublicKey, createSecretKey, type KeyObject } from "node:crypto";
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";
import type { Clock } from "../clock.js";
import type { Log } from "../log.js";
import { JwtEndpoint } from "./jwt-endpoint.js";
import type { JwtKeys } from "./jwt-settings.js";

/** RFC 7518, 3.2: the shortest secret for HS256. */
export const LEAST_SECRET_BYTES = 32;
/** RFC 7518, 3.3: the shortest RSA key. */
const LEAST_RSA_BITS = 2_048;

/** By the type of a key and the name of its curve, both in Node's words. */
const ALGORITHMS: Readonly<Record<string, readonly string[]>> = {
  rsa: ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  "ec prime256v1": ["ES256"],
  "ec secp384r1": ["ES384"],
  "ec secp521r1": ["ES512"],
  ed25519: ["EdDSA", "Ed25519"],
};

export interface KeySource {
  /** @throws KeysUnavailable; jose's errors if no key fits */
  readonly find: JWTVerifyGetKey;
  close(): Promise<void>;
}

/** Which algorithms a public key, or a certificate's, can be used with. @throws if it cannot be used at all */
export function algorithmsOf(pem: string): readonly string[] {
  const key = createPublicKey(pem);
  const { asymmetricKeyType: type = "", asymmetricKeyDetails: details } = key;
  const bits = details?.modulusLength;
  if (bits !== undefined && bits < LEAST_RSA_BITS) throw new Error(`a key of ${bits} bits is too short, ${LEAST_RSA_BITS} are needed`);
  const algorithms = ALGORITHMS[details?.namedCurve === undefined ? type : `${type} ${details.namedCurve}`];
  if (algorithms === undefined) throw new Error(`keys of type ${type} cannot be used`);
  return algorithms;
}

/** What is wrong with the text of a key set, or undefined. */
export function keySetProblem(text: string): string | undefined {
  try {
    keySetOf(text);
    return undefined;
  } catch {
    return "it holds no JSON Web Key Set";
  }
}

/** Opens what verifies tokens. */
export function openKeys(keys: JwtKeys, parts: { readonly clock: Clock; readonly log: Log }): KeySource {
  switch (keys.kind) {
    case "secret":
      return always(createSecretKey(Buffer.from(keys.secret, "base64")));
    case "public-key":
      return always(createPublicKey(keys.pem));
    case "key-set":
      return { find: keySetOf(keys.text), close: () => Promise.resolve() };
    case "endpoint":
      return new JwtEndpoint(keys, parts);
  }
}

function always(key: KeyObject): KeySource {
  return { find: () => key, close: () => Promise.resolve() };
}

function keySetOf(text: string): JWTVerifyGetKey {
  return createLocalJWKSet(JSON.parse(text) as JSONWebKeySet);
}
