import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { ReasonCode } from "../codec/reason-code.js";
import type { Refusal } from "./authenticator.js";
import type { Conclusion, EnhancedExchange, Step } from "./enhanced-authenticator.js";
import { saslPrep } from "./sasl-prep.js";
import type { ScramCredentials } from "./scram-credentials.js";
import { type ClientFirst, parseClientFinal, parseClientFirst } from "./scram-messages.js";

/** A code that CONNACK and DISCONNECT can carry alike; what was wrong is not told. */
const REFUSED: Refusal = { allowed: false, reasonCode: ReasonCode.NotAuthorized };
const REFUSAL: Conclusion = { done: true, verdict: REFUSED };

interface Begun {
  readonly first: ClientFirst;
  readonly userName: string;
  readonly credentials: ScramCredentials;
  readonly nonce: string;
  readonly challenge: string;
}

/** One exchange of SCRAM-SHA-256: nonce and salt after the first message, a verdict after the second. */
export class ScramExchange implements EnhancedExchange {
  readonly #credentialsOf: (userName: string) => ScramCredentials;
  readonly #nonce: string;
  #begun: Begun | undefined;

  /** `credentialsOf` has some for every name; `nonce` is the server's part. */
  constructor(credentialsOf: (userName: string) => ScramCredentials, nonce: string) {
    this.#credentialsOf = credentialsOf;
    this.#nonce = nonce;
  }

  step(data: Uint8Array | undefined): Step {
    return this.#begun === undefined ? this.#challenge(data) : this.#conclude(this.#begun, data);
  }

  #challenge(data: Uint8Array | undefined): Step {
    const first = parseClientFirst(data);
    const userName = first && saslPrep(first.userName);
    if (first === undefined || userName === undefined) return REFUSAL;

    const credentials = this.#credentialsOf(userName);
    const nonce = first.nonce + this.#nonce;
    const challenge = `r=${nonce},s=${credentials.salt.toString("base64")},i=${credentials.iterations}`;
    this.#begun = { first, userName, credentials, nonce, challenge };
    return { done: false, data: Buffer.from(challenge) };
  }

  #conclude({ first, userName, credentials, nonce, challenge }: Begun, data: Uint8Array | undefined): Conclusion {
    const final = parseClientFinal(data);
    if (final === undefined || final.nonce !== nonce || final.header !== first.header) return REFUSAL;

    const signed = `${first.bare},${challenge},${final.withoutProof}`;
    if (!isProof(final.proof, credentials.storedKey, signed)) return REFUSAL;
    const signature = hmac(credentials.serverKey, signed).toString("base64");
    return { done: true, verdict: { allowed: true, userName }, data: Buffer.from(`v=${signature}`) };
  }
}

/** Whether who made the proof has the client's key: its hash is the stored one (RFC 5802, 3). */
function isProof(proof: Buffer, storedKey: Buffer, signed: string): boolean {
  const signature = hmac(storedKey, signed);
  if (proof.length !== signature.length) return false;
  const clientKey = signature.map((byte, i) => byte ^ proof[i]!);
  return timingSafeEqual(createHash("sha256").update(clientKey).digest(), storedKey);
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
