import type { Clock } from "../clock.js";
import { NEVER } from "../message.js";
import { type RetainedEntry, retainedBytes } from "./retained-store.js";
import { TopicTree } from "./topic-tree.js";

/** What is retained, by topic, in memory: found by filter, counted, and gone when it has expired. */
export class RetainedIndex<E extends RetainedEntry> {
  readonly #clock: Clock;
  readonly #entries = new TopicTree<E>();
  #bytes = 0;

  /** Those that expire, by topic: what a sweep walks, in the order they came. Entries without expiry cost nothing here. */
  readonly #expiring = new Map<string, E>();
  #sweepPosition: MapIterator<E> | undefined;

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  set(entry: E): void {
    const previous = this.#entries.set(entry.topic, entry);
    if (previous !== undefined) this.#forget(previous);
    this.#bytes += retainedBytes(entry);
    if (entry.expiresAtMs !== NEVER) this.#expiring.set(entry.topic, entry);
  }

  delete(topic: string): void {
    this.#remove(topic);
  }

  get(topic: string): E | undefined {
    const entry = this.#entries.get(topic);
    if (entry === undefined || entry.expiresAtMs > this.#clock.now()) return entry;
    this.#remove(topic);
    return undefined;
  }

  bytesOf(topic: string): number | undefined {
    const entry = this.get(topic);
    return entry && retainedBytes(entry);
  }

  *matching(filter: string): Generator<E, void> {
    for (const entry of this.walk(filter)) if (entry !== undefined) yield entry;
  }

  *walk(filter: string): Generator<E | undefined, void> {
    for (const entry of this.#entries.walk(filter)) {
      if (entry === undefined || entry.expiresAtMs > this.#clock.now()) yield entry;
      else {
        this.#remove(entry.topic);
        yield undefined;
      }
    }
  }

  sweep(limit: number): number {
    const now = this.#clock.now();
    let removed = 0;
    // No more than are there, lest a call with a large limit goes round for ever.
    for (let left = Math.min(limit, this.#expiring.size); left > 0; left--) {
      const entry = this.#nextExpiring();
      if (entry === undefined) break;
      if (entry.expiresAtMs > now) continue;
      this.#remove(entry.topic);
      removed++;
    }
    return removed;
  }

  /** All that have not expired. Entries may come and go meanwhile. */
  *messages(): Iterable<E> {
    for (const entry of this.#entries.values()) if (entry.expiresAtMs > this.#clock.now()) yield entry;
  }

  /** Called with what has been replaced, deleted, or removed as it has expired. */
  protected onGone(_entry: E): void {}

  /** The one after the one looked at last. A Map's iterator stays valid while entries come and go. */
  #nextExpiring(): E | undefined {
    const next = this.#sweepPosition?.next();
    if (next !== undefined && next.done !== true) return next.value;
    this.#sweepPosition = this.#expiring.values();
    return this.#sweepPosition.next().value;
  }

  #remove(topic: string): void {
    const previous = this.#entries.delete(topic);
    if (previous !== undefined) this.#forget(previous);
  }

  #forget(entry: E): void {
    this.#bytes -= retainedBytes(entry);
    if (entry.expiresAtMs !== NEVER) this.#expiring.delete(entry.topic);
    this.onGone(entry);
  }
}
