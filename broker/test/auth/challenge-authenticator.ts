import { createHmac, randomBytes } from "node:crypto";
import type { Refusal } from "../../src/auth/authenticator.js";
import type { EnhancedAuthenticator, EnhancedExchange, EnhancedRequest, Step } from "../../src/auth/enhanced-authenticator.js";
import { ReasonCode } from "../../src/codec/reason-code.js";

const REFUSED: Refusal = { allowed: false, reasonCode: ReasonCode.NotAuthorized };

/** The answer to a challenge, by who knows the secret. */
export function answerOf(challenge: Uint8Array, secret: string): Uint8Array {
  return createHmac("sha256", secret).update(challenge).digest();
}

/**
 * A method for tests: the client names itself, gets a random challenge, and returns its HMAC; the broker proves itself by the HMAC of that.
 */
export class ChallengeAuthenticator implements EnhancedAuthenticator {
  readonly method = "TEST-CHALLENGE";
  readonly #secrets: ReadonlyMap<string, string>;

  constructor(secrets: ReadonlyMap<string, string>) {
    this.#secrets = secrets;
  }

  begin(_request: EnhancedRequest): EnhancedExchange {
    return new ChallengeExchange(this.#secrets);
  }
}

class ChallengeExchange implements EnhancedExchange {
  readonly #secrets: ReadonlyMap<string, string>;
  readonly #challenge = randomBytes(16);
  #userName: string | undefined;

  constructor(secrets: ReadonlyMap<string, string>) {
    this.#secrets = secrets;
  }

  async step(data: Uint8Array | undefined): Promise<Step> {
    if (this.#userName === undefined) {
      this.#userName = Buffer.from(data ?? []).toString();
      return { done: false, data: this.#challenge };
    }

    const secret = this.#secrets.get(this.#userName);
    if (secret === undefined || data === undefined) return { done: true, verdict: REFUSED };
    if (!answerOf(this.#challenge, secret).every((byte, i) => byte === data[i])) return { done: true, verdict: REFUSED };
    return { done: true, verdict: { allowed: true, userName: this.#userName }, data: answerOf(data, secret) };
  }
}
