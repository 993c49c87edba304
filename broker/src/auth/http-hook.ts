import type { Clock } from "../clock.js";
import type { Log } from "../log.js";
import { type HookAnswer, hookAnswer } from "./http-answer.js";
import { HttpBusy, HttpClient, HttpFailure } from "./http-client.js";
import type { HookCounters } from "./http-hook-counters.js";

const WARN_EVERY_MS = 10_000;

/** A server that is asked, with its files read. */
export interface HttpHookSettings {
  readonly url: string;
  /** May hold secrets. */
  readonly headers: Readonly<Record<string, string>>;
  /** PEM texts. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly timeoutMs: number;
  readonly maxConnections: number;
  readonly maxWaiting: number;
  readonly maxAnswerBytes: number;
  readonly cacheEntries: number;
  /** 0 asks each time. */
  readonly allowCacheMs: number;
  readonly denyCacheMs: number;
}

export interface HttpHookParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly counters: HookCounters;
}

/** Asks a server what it thinks of a client. What goes wrong is counted, and logged where it begins and ends. */
export class HttpHook {
  readonly #client: HttpClient;
  readonly #parts: HttpHookParts;
  /** Questions without an answer since the last line that said so. */
  #failures = 0;
  #saidAtMs = Number.NEGATIVE_INFINITY;
  #isOut = false;

  constructor(settings: HttpHookSettings, parts: HttpHookParts) {
    this.#client = new HttpClient(settings);
    this.#parts = parts;
  }

  /** Rejects with `HttpFailure` only. */
  async ask(question: () => unknown): Promise<HookAnswer> {
    this.#parts.counters.hookQuestions++;
    try {
      const answer = hookAnswer(await this.#client.post(() => JSON.stringify(question())));
      this.#answered();
      return answer;
    } catch (error) {
      const failure = error instanceof HttpFailure ? error : new HttpFailure("the answer could not be understood");
      this.#failed(failure);
      throw failure;
    }
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  #answered(): void {
    if (!this.#isOut) return;
    this.#isOut = false;
    this.#parts.log.info({ url: this.#client.target, failures: this.#failures }, "the hook answers again");
    this.#failures = 0;
  }

  /** A line now and then, however many clients meet the outage, and however often it begins. */
  #failed(failure: HttpFailure): void {
    const { clock, counters, log } = this.#parts;
    if (failure instanceof HttpBusy) counters.hookBusy++;
    else counters.hookFailures++;
    const fields = { url: this.#client.target, reason: failure.message, failures: ++this.#failures };
    if (Math.abs(clock.now() - this.#saidAtMs) < WARN_EVERY_MS) {
      log.debug(fields, "the hook does not answer");
      return;
    }
    log.warn(fields, "the hook does not answer; what it does not decide is refused");
    this.#saidAtMs = clock.now();
    this.#isOut = true;
    this.#failures = 0;
  }
}
