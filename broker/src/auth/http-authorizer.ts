import type { Qos } from "../codec/packet.js";
import type { Authorizer, ClientIdentity, Decision } from "./authorizer.js";
import type { HookAnswer } from "./http-answer.js";
import { HttpAnswerCache } from "./http-answer-cache.js";
import { HttpHook, type HttpHookParts, type HttpHookSettings } from "./http-hook.js";
import { Undecided } from "./undecided.js";

/** What a hook is asked, by the names that EMQX's placeholders have. */
interface Question {
  readonly clientid: string;
  readonly username: string | null;
  readonly action: "publish" | "subscribe";
  /** A topic filter where the client subscribes. */
  readonly topic: string;
  readonly qos: Qos;
  readonly retain: boolean;
}

const DECISIONS: Readonly<Record<HookAnswer["result"], Decision>> = { allow: true, deny: false, ignore: undefined };

/** Lets an HTTP server decide what clients may do. Without an answer it rejects with `Undecided`, so that nobody takes that for a no that lasts. */
export class HttpAuthorizer implements Authorizer {
  readonly cacheSeconds: number;
  readonly #hook: HttpHook;
  readonly #settings: HttpHookSettings;
  readonly #parts: HttpHookParts;
  readonly #cache: HttpAnswerCache<Decision>;

  constructor(settings: HttpHookSettings, parts: HttpHookParts) {
    this.cacheSeconds = Math.min(settings.allowCacheMs, settings.denyCacheMs) / 1000;
    this.#hook = new HttpHook(settings, parts);
    this.#settings = settings;
    this.#parts = parts;
    this.#cache = new HttpAnswerCache(settings.cacheEntries, parts.clock);
  }

  mayPublish(client: ClientIdentity, topic: string, qos: Qos, retain: boolean): Decision | Promise<Decision> {
    return this.#decide(client, "publish", topic, qos, retain);
  }

  maySubscribe(client: ClientIdentity, filter: string, qos: Qos): Decision | Promise<Decision> {
    return this.#decide(client, "subscribe", filter, qos, false);
  }

  close(): Promise<void> {
    return this.#hook.close();
  }

  #decide(
    { clientId, userName }: ClientIdentity,
    action: Question["action"],
    topic: string,
    qos: Qos,
    retain: boolean,
  ): Decision | Promise<Decision> {
    // No text in MQTT has the null character [MQTT-1.5.4-2]; a client without a user name has one part less.
    const key = `${action}${qos}${retain}\0${topic}\0${clientId}${userName === undefined ? "" : `\0${userName}`}`;
    const known = this.#cache.get(key);
    if (known !== undefined) {
      this.#parts.counters.hookCacheHits++;
      return known.value;
    }
    const question: Question = { clientid: clientId, username: userName ?? null, action, topic, qos, retain };
    return this.#hook
      .ask(() => question)
      .then(
        ({ result }) => {
          const decision = DECISIONS[result];
          this.#cache.set(key, decision, decision === true ? this.#settings.allowCacheMs : this.#settings.denyCacheMs);
          return decision;
        },
        () => {
          throw new Undecided("the hook does not answer"); // why is logged by the hook
        },
      );
  }
}
