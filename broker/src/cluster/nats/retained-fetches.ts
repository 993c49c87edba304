import type { Log } from "../../log.js";
import type { Message } from "../../message.js";
import { isHere, type RetainedEntry } from "../../retained/retained-store.js";
import type { RetainedMemory, StoredAt, StoredEntry } from "./retained-memory.js";
import { Turns } from "./turns.js";

/** Batches that are fetched at the same time; others wait. Of 64 messages each, that is what one JetStream API queue takes with ease. */
const BATCHES_AT_ONCE = 2;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 2_000;
/** How long servers out of reach are asked again: they may restart, or choose a leader. */
const GIVE_UP_MS = 30_000;
/** How often a stream is asked that says it does not have what it had. */
const ATTEMPTS = 3;

/** What the stream has of a topic. */
export interface FetchedRecord {
  /** Undefined: that it has no message any more. */
  readonly message: Message | undefined;
  readonly at: StoredAt;
}

export interface RetainedFetchesOptions {
  readonly log: Log;
  /** The one that is used now. */
  readonly memory: () => RetainedMemory;
  /** Rejects if the stream cannot be read now. */
  readonly read: (topic: string) => Promise<FetchedRecord | undefined>;
}

/** Fetches messages from the stream that are not in memory: a bounded number at a time, and each once for all who want it then. */
export class RetainedFetches {
  readonly #options: RetainedFetchesOptions;
  readonly #turns = new Turns(BATCHES_AT_ONCE);
  readonly #underway = new Map<string, Promise<Message | undefined>>();
  #isOver = false;
  fetched = 0;
  /** Messages that nobody got, as they could not be fetched. */
  failed = 0;

  constructor(options: RetainedFetchesOptions) {
    this.#options = options;
  }

  /** What is retained for the topics of these entries, in their order, without what has gone or cannot be had. */
  async all(entries: readonly RetainedEntry[]): Promise<readonly Message[]> {
    await this.#turns.take();
    try {
      const found = await Promise.all(entries.map((entry) => (isHere(entry) ? entry : this.#one(entry.topic))));
      return found.filter((message) => message !== undefined);
    } finally {
      this.#turns.give();
    }
  }

  stop(): void {
    this.#isOver = true;
  }

  #one(topic: string): Promise<Message | undefined> {
    let fetch = this.#underway.get(topic);
    if (fetch === undefined) {
      fetch = this.#persistently(topic).finally(() => this.#underway.delete(topic));
      this.#underway.set(topic, fetch);
    }
    return fetch;
  }

  async #persistently(topic: string): Promise<Message | undefined> {
    const { memory, read } = this.#options;
    const giveUpAtMs = performance.now() + GIVE_UP_MS;
    let unanswered = 0;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      const known = memory().get(topic);
      if (known === undefined || isHere(known)) return known;
      try {
        const found = await read(topic);
        // Less than what is known comes of a server that is behind.
        if (found !== undefined && found.at.sequence >= known.sequence) {
          const message = this.#take(known, found);
          if (message !== "outdated") return message;
          continue;
        }
        if (++unanswered === ATTEMPTS) return this.#giveUp(topic, new Error("the stream does not have it"));
      } catch (error) {
        if (this.#isOver) return undefined;
        if (performance.now() > giveUpAtMs) return this.#giveUp(topic, error);
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  /** What has been found, unless it has been deleted or replaced meanwhile. */
  #take(known: StoredEntry, { message, at }: FetchedRecord): Message | undefined | "outdated" {
    const memory = this.#options.memory();
    const now = memory.get(known.topic);
    if (now === undefined || isHere(now)) return now;
    if (now.sequence > at.sequence) return "outdated";
    this.fetched++;
    if (message !== undefined) memory.setStored(message, at);
    return message;
  }

  #giveUp(topic: string, error: unknown): undefined {
    this.failed++;
    this.#options.log.warn({ err: error, topic }, "a retained message could not be fetched from NATS: those who wait for it do not get it");
  }
}
