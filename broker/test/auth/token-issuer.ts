import { createSecretKey, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { exportJWK, type JWK, type JWTPayload, SignJWT } from "jose";

/** 2023-11-14T22:13:20Z, when the tests' clocks begin. */
export const NOW_SECONDS = 1_700_000_000;

const CLAIMS: JWTPayload = { sub: "alice", exp: NOW_SECONDS + 3_600 };

/** Somebody who signs tokens with one key. */
export class TokenIssuer {
  readonly #algorithm: string;
  readonly #keyId: string | undefined;
  readonly #signing: KeyObject;
  readonly #verifying: KeyObject;

  constructor(algorithm: string, keyId?: string) {
    this.#algorithm = algorithm;
    this.#keyId = keyId;
    if (algorithm.startsWith("HS")) {
      this.#signing = this.#verifying = createSecretKey(randomBytes(64));
    } else {
      const { publicKey, privateKey } = keyPair(algorithm);
      this.#signing = privateKey;
      this.#verifying = publicKey;
    }
  }

  /** Base64. */
  get secret(): string {
    return this.#verifying.export().toString("base64");
  }

  get publicPem(): string {
    return this.#verifying.export({ type: "spki", format: "pem" }).toString();
  }

  get privatePem(): string {
    return this.#signing.export({ type: "pkcs8", format: "pem" }).toString();
  }

  async jwk(): Promise<JWK> {
    return { ...(await exportJWK(this.#verifying)), ...(this.#keyId !== undefined && { kid: this.#keyId }) };
  }

  /** A token of alice's that holds for an hour; a claim that is undefined is left out. */
  sign(claims: Readonly<Record<string, unknown>> = {}, header: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const keyId = this.#keyId === undefined ? {} : { kid: this.#keyId };
    const payload = JSON.parse(JSON.stringify({ ...CLAIMS, ...claims })) as JWTPayload;
    return new SignJWT(payload).setProtectedHeader({ alg: this.#algorithm, ...keyId, ...header }).sign(this.#signing);
  }
}

function keyPair(algorithm: string): { publicKey: KeyObject; privateKey: KeyObject } {
  switch (algorithm) {
    case "ES256":
      return generateKeyPairSync("ec", { namedCurve: "P-256" });
    case "ES384":
      return generateKeyPairSync("ec", { namedCurve: "P-384" });
    case "ES512":
      return generateKeyPairSync("ec", { namedCurve: "P-521" });
    case "EdDSA":
    case "Ed25519":
      return generateKeyPairSync("ed25519");
    default:
      return generateKeyPairSync("rsa", { modulusLength: 2_048 });
  }
}
