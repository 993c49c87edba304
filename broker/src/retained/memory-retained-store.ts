import type { Message } from "../message.js";
import { RetainedIndex } from "./retained-index.js";
import type { RetainedStore } from "./retained-store.js";

/** Retained messages that live as long as the process. */
export class MemoryRetainedStore extends RetainedIndex<Message> implements RetainedStore {
  match(filter: string, visit: (message: Message) => void): void {
    for (const message of this.matching(filter)) visit(message);
  }

  commit(): Promise<void> | undefined {
    return undefined;
  }
}
