import type { Message } from "../../src/message.js";
import type { MemoryRetainedStore } from "../../src/retained/memory-retained-store.js";
import type { RetainedStore } from "../../src/retained/retained-store.js";

/** Retained messages in memory, of which those of clients can be deleted one by one, as an administrator would. */
export class ClearableRetainedStore implements RetainedStore {
  readonly #store: MemoryRetainedStore;
  readonly #topics = new Set<string>();

  constructor(store: MemoryRetainedStore) {
    this.#store = store;
  }

  get size(): number {
    return this.#store.size;
  }

  get bytes(): number {
    return this.#store.bytes;
  }

  set(message: Message): void {
    if (!message.topic.startsWith("$SYS/")) this.#topics.add(message.topic);
    this.#store.set(message);
  }

  delete(topic: string): void {
    this.#topics.delete(topic);
    this.#store.delete(topic);
  }

  get(topic: string): Message | undefined {
    return this.#store.get(topic);
  }

  bytesOf(topic: string): number | undefined {
    return this.#store.bytesOf(topic);
  }

  match(filter: string, visit: (message: Message) => void): void {
    this.#store.match(filter, visit);
  }

  sweep(limit: number): number {
    return this.#store.sweep(limit);
  }

  commit(): undefined {
    return undefined;
  }

  clear(): void {
    for (const topic of this.#topics) this.#store.delete(topic);
    this.#topics.clear();
  }
}
