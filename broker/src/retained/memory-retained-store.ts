import type { Clock } from "../clock.js";
import { type Message, NEVER } from "../message.js";
import { type RetainedStore, retainedBytes } from "./retained-store.js";
import { TopicTree } from "./topic-tree.js";

/** Retained messages that live as long as the process. */
export class MemoryRetainedStore implements RetainedStore {
  readonly #clock: Clock;
  readonly #messages = new TopicTree<Message>();
  #bytes = 0;

  /** Those that expire, by topic: what a sweep walks, in the order they came. Messages without expiry cost nothing here. */
  readonly #expiring = new Map<string, Message>();
  #sweepPosition: MapIterator<Message> | undefined;

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#messages.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  set(message: Message): void {
    const previous = this.#messages.set(message.topic, message);
    if (previous !== undefined) this.#forget(previous);
    this.#bytes += retainedBytes(message);
    if (message.expiresAtMs !== NEVER) this.#expiring.set(message.topic, message);
  }

  delete(topic: string): void {
    const previous = this.#messages.delete(topic);
    if (previous !== undefined) this.#forget(previous);
  }

  get(topic: string): Message | undefined {
    const message = this.#messages.get(topic);
    if (message === undefined || message.expiresAtMs > this.#clock.now()) return message;
    this.delete(topic);
    return undefined;
  }

  match(filter: string, visit: (message: Message) => void): void {
    for (const message of this.matching(filter)) visit(message);
  }

  *matching(filter: string): Generator<Message, void> {
    for (const message of this.walk(filter)) if (message !== undefined) yield message;
  }

  *walk(filter: string): Generator<Message | undefined, void> {
    for (const message of this.#messages.walk(filter)) {
      if (message === undefined || message.expiresAtMs > this.#clock.now()) yield message;
      else {
        this.delete(message.topic);
        yield undefined;
      }
    }
  }

  sweep(limit: number): number {
    const now = this.#clock.now();
    let removed = 0;
    // No more than are there, lest a call with a large limit goes round for ever.
    for (let left = Math.min(limit, this.#expiring.size); left > 0; left--) {
      const message = this.#nextExpiring();
      if (message === undefined) break;
      if (message.expiresAtMs > now) continue;
      this.delete(message.topic);
      removed++;
    }
    return removed;
  }

  commit(): undefined {
    return undefined;
  }

  /** All that have not expired. Messages may come and go meanwhile. */
  *messages(): Iterable<Message> {
    for (const message of this.#messages.values()) if (message.expiresAtMs > this.#clock.now()) yield message;
  }

  /** The message after the one looked at last. A Map's iterator stays valid while entries come and go. */
  #nextExpiring(): Message | undefined {
    const next = this.#sweepPosition?.next();
    if (next !== undefined && next.done !== true) return next.value;
    this.#sweepPosition = this.#expiring.values();
    return this.#sweepPosition.next().value;
  }

  #forget(message: Message): void {
    this.#bytes -= retainedBytes(message);
    if (message.expiresAtMs !== NEVER) this.#expiring.delete(message.topic);
  }
}
