import { decodeProtectedHeader, errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from "jose";
import type { Clock } from "../clock.js";
import { ReasonCode } from "../codec/reason-code.js";
import type { Log } from "../log.js";
import type { AclRule } from "./acl-rule.js";
import type { Answer, AuthenticationRequest, Authenticator, Refusal, Verdict } from "./authenticator.js";
import { claimedRules, MalformedRules } from "./claimed-rules.js";
import { KeysUnavailable } from "./jwt-endpoint.js";
import { type KeySource, openKeys } from "./jwt-keys.js";
import type { JwtSettings } from "./jwt-settings.js";
import { WorkQueue } from "./work-queue.js";

/** The token itself is not good. */
const BAD_TOKEN: Refusal = { allowed: false, reasonCode: ReasonCode.BadUserNameOrPassword };
/** It is, but not for this client. */
const NOT_FOR_THIS: Refusal = { allowed: false, reasonCode: ReasonCode.NotAuthorized };
const UNAVAILABLE: Refusal = { allowed: false, reasonCode: ReasonCode.ServerUnavailable };
const BUSY: Refusal = { allowed: false, reasonCode: ReasonCode.ServerBusy };

/** Twice what HTTP servers take as headers; MQTT would allow 65,535. */
const MAX_TOKEN_CHARACTERS = 16_384;
/**
 * Tokens verified at a time. Verifying is done on other threads, but what is around it takes the event loop 30 to 200 µs a token: 3,000 at
 * once held up everybody else for up to 0.37 s on Node 24, in portions of 16 for up to 0.06 s.
 */
const MAX_CONCURRENT = 16;
/** Of the longest tokens, 64 MiB; of usual ones, half a second's work. */
const MAX_WAITING = 4_096;
const MAX_WAIT_MS = 10_000;

/** Three parts of base64url (RFC 7515, 3.1), the last one empty if nobody has signed. */
const TOKEN = /^[\w-]+\.[\w-]*\.[\w-]*$/;

/** A token that is signed well and still lets nobody in, because of one claim. The message names the claim only. */
class ClaimRefused extends Error {}

/** Lets in who brings a JSON Web Token (RFC 7519) that somebody trusted has signed, and takes name and rights from it. */
export class JwtAuthenticator implements Authenticator {
  readonly #settings: JwtSettings;
  readonly #keys: KeySource;
  readonly #options: JWTVerifyOptions;
  readonly #queue: WorkQueue;
  readonly #clock: Clock;
  readonly #log: Log;

  constructor(settings: JwtSettings, parts: { readonly clock: Clock; readonly log: Log }) {
    const { algorithms, issuer, audience, clockToleranceSeconds, requireExpiry } = settings;
    this.#settings = settings;
    this.#keys = openKeys(settings.keys, parts);
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#queue = new WorkQueue({ clock: parts.clock, maxConcurrent: MAX_CONCURRENT, maxWaiting: MAX_WAITING, maxWaitMs: MAX_WAIT_MS });
    this.#options = {
      algorithms: [...algorithms],
      clockTolerance: clockToleranceSeconds,
      requiredClaims: requireExpiry ? ["exp"] : [],
      ...(issuer !== undefined && { issuer }),
      ...(audience !== undefined && { audience: [...audience] }),
    };
  }

  authenticate(request: AuthenticationRequest): Answer | Promise<Answer> {
    const token = this.#settings.from === "password" ? textOf(request.password) : request.userName;
    if (token === undefined || !isToken(token)) return undefined;
    if (token.length > MAX_TOKEN_CHARACTERS) return BAD_TOKEN;
    return this.#queue.run(() => this.#verdict(token, request))?.then((verdict) => verdict ?? BUSY) ?? BUSY;
  }

  close(): Promise<void> {
    return this.#keys.close();
  }

  async #verdict(token: string, request: AuthenticationRequest): Promise<Verdict> {
    try {
      const payload = await this.#verify(token);
      return this.#admission(payload, request);
    } catch (error) {
      return this.#refusal(error, request.clientId);
    }
  }

  async #verify(token: string): Promise<JWTPayload> {
    const options = { ...this.#options, currentDate: new Date(this.#clock.now()) };
    try {
      return (await jwtVerify(token, this.#keys.find, options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
      return this.#verifyByAny(token, error, options);
    }
  }

  /** A token that does not name its key, of which there are several. */
  async #verifyByAny(token: string, keys: errors.JWKSMultipleMatchingKeys, options: JWTVerifyOptions): Promise<JWTPayload> {
    for await (const key of keys) {
      try {
        return (await jwtVerify(token, key, options)).payload;
      } catch (error) {
        if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }

  #admission(payload: JWTPayload, { clientId, userName }: AuthenticationRequest): Verdict {
    const { userClaim, clientIdClaim, verifyClaims, aclClaim, clockToleranceSeconds, disconnectAfterExpire } = this.#settings;
    if (clientIdClaim !== undefined && payload[clientIdClaim] !== clientId) throw new ClaimRefused(clientIdClaim);
    for (const [name, expected] of Object.entries(verifyClaims)) {
      if (claimText(payload, name) !== filledIn(expected, clientId, userName)) throw new ClaimRefused(name);
    }
    const name = Object.hasOwn(payload, userClaim) ? payload[userClaim] : undefined;
    if (typeof name !== "string" || name === "" || name.includes("\0")) throw new ClaimRefused(userClaim);

    const rules: readonly AclRule[] | undefined = Object.hasOwn(payload, aclClaim) ? claimedRules(payload[aclClaim]) : undefined;
    const expiresAtMs = disconnectAfterExpire && payload.exp !== undefined ? (payload.exp + clockToleranceSeconds) * 1000 : undefined;
    return { allowed: true, userName: name, ...(rules && { rules }), ...(expiresAtMs !== undefined && { expiresAtMs }) };
  }

  /** Why is for the log only, and neither the token nor what it claims is in there. */
  #refusal(error: unknown, clientId: string): Refusal {
    if (error instanceof KeysUnavailable) return UNAVAILABLE;
    const [refusal, reason] =
      error instanceof ClaimRefused
        ? [NOT_FOR_THIS, `claim ${error.message}`]
        : error instanceof MalformedRules
          ? [NOT_FOR_THIS, `claim ${this.#settings.aclClaim}: ${error.message}`]
          : [BAD_TOKEN, error instanceof errors.JOSEError ? error.code : "the key does not fit"];
    if (this.#log.isLevelEnabled("debug")) this.#log.debug({ clientId, reason }, "token refused");
    return refusal;
  }
}

function textOf(password: Uint8Array | undefined): string | undefined {
  return password && Buffer.from(password.buffer, password.byteOffset, password.byteLength).toString("latin1");
}

/** Anything else may be a password that somebody else knows. */
function isToken(text: string): boolean {
  if (!TOKEN.test(text)) return false;
  try {
    decodeProtectedHeader(text);
    return true;
  } catch {
    return false;
  }
}

function claimText(payload: JWTPayload, name: string): string | undefined {
  const claim: unknown = Object.hasOwn(payload, name) ? payload[name] : undefined;
  return typeof claim === "string" || typeof claim === "number" || typeof claim === "boolean" ? String(claim) : undefined;
}

/** Null where it stands for something that the client does not have. */
function filledIn(expected: string, clientId: string, userName: string | undefined): string | null {
  if (userName === undefined && expected.includes("%u")) return null;
  return expected.replace(/%[cu]/g, (mark) => (mark === "%c" ? clientId : userName!));
}
