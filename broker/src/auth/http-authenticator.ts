import { createHmac, randomBytes } from "node:crypto";
import { ReasonCode } from "../codec/reason-code.js";
import type { Answer, AuthenticationRequest, Authenticator, Refusal } from "./authenticator.js";
import type { HookAnswer } from "./http-answer.js";
import { HttpAnswerCache } from "./http-answer-cache.js";
import { HttpBusy } from "./http-client.js";
import { HttpHook, type HttpHookParts, type HttpHookSettings } from "./http-hook.js";

const DENIED: Refusal = { allowed: false, reasonCode: ReasonCode.NotAuthorized };
const UNAVAILABLE: Refusal = { allowed: false, reasonCode: ReasonCode.ServerUnavailable };
const BUSY: Refusal = { allowed: false, reasonCode: ReasonCode.ServerBusy };

/** What a hook is told, by the names that EMQX's placeholders have. */
interface Question {
  readonly clientid: string;
  readonly username: string | null;
  readonly password: string | null;
  /** In place of a password that is no text. */
  readonly password_base64?: string;
  readonly peerhost: string;
  readonly peerport: number;
  readonly listener: string;
  /** 3, 4 or 5. */
  readonly proto_ver: number;
  readonly clean_start: boolean;
  readonly tls: boolean;
  readonly cert_common_name: string | null;
  readonly cert_subject_alt_names: string | null;
}

/** Lets an HTTP server decide who may connect. Without an answer nobody may. */
export class HttpAuthenticator implements Authenticator {
  readonly #hook: HttpHook;
  readonly #settings: HttpHookSettings;
  readonly #parts: HttpHookParts;
  /** Undefined where nothing is to be kept. */
  readonly #cache: HttpAnswerCache<HookAnswer> | undefined;
  /** Of this process only: what is kept about passwords is of no use to anybody else. */
  readonly #cacheKey = randomBytes(32);

  constructor(settings: HttpHookSettings, parts: HttpHookParts) {
    this.#hook = new HttpHook(settings, parts);
    this.#settings = settings;
    this.#parts = parts;
    const isCached = settings.allowCacheMs > 0 || settings.denyCacheMs > 0;
    this.#cache = isCached ? new HttpAnswerCache(settings.cacheEntries, parts.clock) : undefined;
  }

  authenticate(request: AuthenticationRequest): Answer | Promise<Answer> {
    const question = questionOf(request);
    const key = this.#cache === undefined ? "" : this.#keyOf(question);
    const known = this.#cache?.get(key);
    if (known !== undefined) {
      this.#parts.counters.hookCacheHits++;
      return this.#verdict(known.value);
    }
    return this.#hook
      .ask(() => question)
      .then(
        (answer) => {
          this.#cache?.set(key, answer, this.#lifetimeMs(answer));
          return this.#verdict(answer);
        },
        (error: unknown) => (error instanceof HttpBusy ? BUSY : UNAVAILABLE), // why is logged by the hook
      );
  }

  close(): Promise<void> {
    return this.#hook.close();
  }

  #verdict({ result, rules, expiresAtMs }: HookAnswer): Answer {
    if (result === "ignore") return undefined;
    if (result === "deny" || (expiresAtMs !== undefined && expiresAtMs <= this.#parts.clock.now())) return DENIED;
    return { allowed: true, ...(rules && { rules }), ...(expiresAtMs !== undefined && { expiresAtMs }) };
  }

  #lifetimeMs({ result, expiresAtMs = Number.POSITIVE_INFINITY }: HookAnswer): number {
    const { allowCacheMs, denyCacheMs } = this.#settings;
    return result === "allow" ? Math.min(allowCacheMs, expiresAtMs - this.#parts.clock.now()) : denyCacheMs;
  }

  /** Everything but the port, which is another each time. */
  #keyOf(question: Question): string {
    return createHmac("sha256", this.#cacheKey)
      .update(JSON.stringify({ ...question, peerport: 0 }))
      .digest("base64");
  }
}

function questionOf({ clientId, userName, password, peer, listener, version, cleanStart }: AuthenticationRequest): Question {
  const { address, port, tls } = peer;
  return {
    clientid: clientId,
    username: userName ?? null,
    ...passwordOf(password),
    peerhost: address,
    peerport: port,
    listener,
    proto_ver: version,
    clean_start: cleanStart,
    tls: tls !== undefined,
    cert_common_name: tls?.certificate?.commonName ?? null,
    cert_subject_alt_names: tls?.certificate?.subjectAltNames ?? null,
  };
}

function passwordOf(password: Uint8Array | undefined): Pick<Question, "password" | "password_base64"> {
  if (password === undefined) return { password: null };
  try {
    return { password: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(password) };
  } catch {
    return { password: null, password_base64: Buffer.from(password).toString("base64") };
  }
}
