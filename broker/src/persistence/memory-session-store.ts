import type { SubscriptionOptions } from "../session/subscription.js";
import type { SessionStore, StoredSession, StoredSessionEntry } from "./session-store.js";

interface Entry {
  session: StoredSession;
  readonly subscriptions: Map<string, SubscriptionOptions>;
}

/** Lasts as long as the process: a broker that is started again on the same store finds what the last one left. */
export class MemorySessionStore implements SessionStore {
  readonly #entries = new Map<string, Entry>();

  save(session: StoredSession): void {
    const entry = this.#entries.get(session.clientId);
    if (entry === undefined) this.#entries.set(session.clientId, { session, subscriptions: new Map() });
    else entry.session = session;
  }

  remove(clientId: string): void {
    this.#entries.delete(clientId);
  }

  subscribe(clientId: string, subscription: SubscriptionOptions): void {
    this.#entries.get(clientId)?.subscriptions.set(subscription.topicFilter, subscription);
  }

  unsubscribe(clientId: string, topicFilter: string): void {
    this.#entries.get(clientId)?.subscriptions.delete(topicFilter);
  }

  *all(): Iterable<StoredSessionEntry> {
    for (const { session, subscriptions } of this.#entries.values()) yield { session, subscriptions: [...subscriptions.values()] };
  }

  commit(): undefined {
    return undefined;
  }
}
