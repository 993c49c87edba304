import type { Clock } from "../clock.js";

/** Longer keys are not kept, so that the entries' number bounds their bytes. */
const MAX_KEY_CHARACTERS = 1_024;

interface Entry<Value> {
  readonly value: Value;
  readonly untilMs: number;
}

/** Answers for a while, the most recently used ones. */
export class HttpAnswerCache<Value> {
  readonly #entries = new Map<string, Entry<Value>>();
  readonly #maxEntries: number;
  readonly #clock: Clock;

  constructor(maxEntries: number, clock: Clock) {
    this.#maxEntries = maxEntries;
    this.#clock = clock;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** An object, so that a value may be undefined. */
  get(key: string): Entry<Value> | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    if (entry.untilMs <= this.#clock.now()) return undefined;
    this.#entries.set(key, entry);
    return entry;
  }

  /** Keeps nothing that would not last. */
  set(key: string, value: Value, forMs: number): void {
    if (!(forMs > 0) || key.length > MAX_KEY_CHARACTERS) return;
    this.#entries.delete(key);
    if (this.#entries.size >= this.#maxEntries) {
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest);
        break;
      }
    }
    this.#entries.set(key, { value, untilMs: this.#clock.now() + forMs });
  }
}
