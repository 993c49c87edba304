import type { Message } from "../message.js";
import type { SubscriptionOptions } from "../session/subscription.js";

/** A session as it outlives its connection, without its messages. */
export interface StoredSession {
  readonly clientId: string;
  readonly userName: string | undefined;
  /** 0xFFFFFFFF never ends. */
  readonly expirySeconds: number;
  /** Milliseconds since 1970 at which the connection ended; undefined while there is one. */
  readonly disconnectedAtMs: number | undefined;
  /** A will that may still have to be published: that of the connection, or one whose delay has not passed since that ended. */
  readonly will: StoredWill | undefined;
  /** In a cluster: the broker that still has what is not here of the session, as it is on its way. @default - it is all here */
  readonly arrivingFrom?: string | undefined;
  /** How often it has moved between brokers: of two copies, the one that has moved more often is the newer. @default 0 */
  readonly moves?: number | undefined;
  /** It was put together of parts, and what lies between them may be on its way yet. @default false */
  readonly mayLack?: boolean | undefined;
}

export interface StoredWill {
  readonly message: Message;
  /** From the end of the connection to its publication. */
  readonly delaySeconds: number;
  /** Milliseconds since 1970 at which it is published; undefined while there is a connection. */
  readonly dueAtMs: number | undefined;
}

/** Sessions that outlive their connections, and their subscriptions. Clean sessions never come here. */
export interface SessionStore {
  /** Writes a session anew, or over the one of that client; its subscriptions stay. */
  save(session: StoredSession): void;
  /** Forgets a session and its subscriptions. */
  remove(clientId: string): void;

  /** Adds a subscription, or replaces the one to the same filter. */
  subscribe(clientId: string, subscription: SubscriptionOptions): void;
  unsubscribe(clientId: string, topicFilter: string): void;

  /** All sessions with their subscriptions, for a broker that starts. */
  all(): Iterable<StoredSessionEntry> | AsyncIterable<StoredSessionEntry>;

  /** As `MessageStore.commit`, what it says of changes that could not be written included. */
  commit(): Promise<void> | undefined;
}

export interface StoredSessionEntry {
  readonly session: StoredSession;
  readonly subscriptions: readonly SubscriptionOptions[];
}

/** What had come to a place for a client's session elsewhere, under that sequence, goes to another member of its shared group. */
export type OnDealt = (clientId: string, sequence: number) => void;
