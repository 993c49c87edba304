import type { DurableRetainedStore } from "../retained/durable-retained-store.js";
import type { DurableMessageStore } from "./durable-message-store.js";
import type { DurableSessionStore } from "./durable-session-store.js";

/** What a store holds. */
export interface StoreCounts {
  readonly sessions: number;
  readonly subscriptions: number;
  /** Owed to sessions: queued and in flight. */
  readonly deliveries: number;
  /** Messages that these are deliveries of. */
  readonly messages: number;
  readonly retained: number;
}

export function storeCounts(store: {
  readonly sessions: DurableSessionStore;
  readonly messages: DurableMessageStore;
  readonly retained: DurableRetainedStore;
}): StoreCounts {
  return {
    sessions: store.sessions.size,
    subscriptions: store.sessions.subscriptionCount,
    deliveries: store.messages.size,
    messages: store.messages.bodyCount,
    retained: store.retained.size,
  };
}
