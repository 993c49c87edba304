import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";
import type { Clock } from "../clock.js";
import type { Log } from "../log.js";
import { HttpClient } from "./http-client.js";
import type { JwksEndpointSettings } from "./jwt-settings.js";

/** Some hundred keys with their certificates. */
const MAX_BYTES = 262_144;
/** Nobody waits for a connection: all who need the keys wait for one fetch. */
const ONE_CONNECTION = { maxConnections: 1, maxWaiting: 0 };

/** The keys cannot be had, so nothing can be said about a token. */
export class KeysUnavailable extends Error {
  override readonly name = "KeysUnavailable";
}

interface FetchedKeys {
  readonly find: JWTVerifyGetKey;
  readonly atMs: number;
}

/**
 * The keys of a JWKS endpoint: fetched when the first token comes, again when they are old or a token names one that is not there, but never
 * more often than the cool-down lets, whatever clients send.
 */
export class JwtEndpoint {
  readonly #settings: JwksEndpointSettings;
  readonly #client: HttpClient;
  readonly #clock: Clock;
  readonly #log: Log;
  #keys: FetchedKeys | undefined;
  #fetching: Promise<void> | undefined;
  #triedAtMs = Number.NEGATIVE_INFINITY;
  #hasFailed = false;

  constructor(settings: JwksEndpointSettings, { clock, log }: { readonly clock: Clock; readonly log: Log }) {
    const { url, ca, timeoutMs } = settings;
    this.#settings = settings;
    this.#client = new HttpClient({
      url,
      headers: {},
      ...(ca !== undefined && { tls: { ca } }),
      timeoutMs,
      maxAnswerBytes: MAX_BYTES,
      ...ONE_CONNECTION,
    });
    this.#clock = clock;
    this.#log = log;
  }

  /** @throws KeysUnavailable; jose's errors if no key fits */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    const { refreshMs, staleMs } = this.#settings;
    if (this.#ageMs() > refreshMs) await this.#fetchUnlessCooling();
    if (this.#keys === undefined || this.#ageMs() > refreshMs + staleMs) throw new KeysUnavailable("there are no keys");
    try {
      return await this.#keys.find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      const before = this.#keys;
      await this.#fetchUnlessCooling();
      if (this.#keys !== before) return this.#keys.find(header, token);
      // Nobody can say whether a newer set would have the key.
      throw this.#hasFailed ? new KeysUnavailable("the keys may be older than the token") : error;
    }
  };

  close(): Promise<void> {
    return this.#client.close();
  }

  #ageMs(): number {
    return this.#keys === undefined ? Number.POSITIVE_INFINITY : this.#clock.now() - this.#keys.atMs;
  }

  async #fetchUnlessCooling(): Promise<void> {
    const sinceMs = this.#clock.now() - this.#triedAtMs;
    if (this.#fetching === undefined) {
      if (sinceMs >= 0 && sinceMs < this.#settings.cooldownMs) return;
      this.#triedAtMs = this.#clock.now();
      this.#fetching = this.#fetch().finally(() => {
        this.#fetching = undefined;
      });
    }
    await this.#fetching;
  }

  /** Never rejects: without new keys the old ones go on. */
  async #fetch(): Promise<void> {
    try {
      const { status, body } = await this.#client.get();
      if (status !== 200) throw new Error(`status ${status}`);
      this.#keys = { find: createLocalJWKSet(JSON.parse(body) as JSONWebKeySet), atMs: this.#clock.now() };
      if (this.#hasFailed) this.#log.info({ url: this.#client.target }, "the keys of tokens are fetched again");
      this.#hasFailed = false;
    } catch (error) {
      // What a parser says may quote what came.
      const reason = error instanceof SyntaxError || error instanceof errors.JOSEError ? "no JSON Web Key Set" : (error as Error).message;
      if (this.#hasFailed) this.#log.debug({ url: this.#client.target, reason }, "the keys of tokens could not be fetched");
      else this.#log.warn({ url: this.#client.target, reason }, "the keys of tokens could not be fetched");
      this.#hasFailed = true;
    }
  }
}
