import type { Message } from "../message.js";

/** A retained message of which the store keeps only so much at hand: the rest has to be fetched. */
export interface AbsentMessage {
  readonly topic: string;
  readonly payload: undefined;
  readonly payloadBytes: number;
  readonly qos: Message["qos"];
  readonly expiresAtMs: number;
  readonly publisher: string;
}

export type RetainedEntry = Message | AbsentMessage;

/**
 * The retained messages: at most one a topic, the last that was published to it with RETAIN set [MQTT-3.3.1-5].
 *
 * Changes hold at once for `get` and `match`; `commit` says when they will survive the process. Messages past their expiry are treated as
 * not there [MQTT-3.3.2-5]. What a client may put here is bounded by the caller, who reads `size` and `bytes` before it calls `set`.
 */
export interface RetainedStore {
  /** Messages held, expired ones that no sweep has met included. */
  readonly size: number;
  /** What they weigh: `retainedBytes` of each. */
  readonly bytes: number;
  /** Whether what one broker of a cluster sets, the stores of all get by themselves. @default false */
  readonly isShared?: boolean;

  /** Keeps a message in place of the one its topic had. That an empty payload means `delete` is the caller's business [MQTT-3.3.1-6]. */
  set(message: Message): void;

  /** Forgets a topic's message; does nothing if there is none. `publisher` as that of a message: whoever has it forgotten. @default - the broker */
  delete(topic: string, publisher?: string): void;

  get(topic: string): Message | undefined | Promise<Message | undefined>;

  /** `retainedBytes` of a topic's message; undefined if it has none. */
  bytesOf(topic: string): number | undefined;

  /**
   * Calls `visit` once for each message whose topic the filter matches, in no particular order. The filter is taken as valid
   * (`topicFilterProblem`), that of a shared subscription gets no retained messages at all (MQTT 5, 4.8.2).
   *
   * The visitor may change the store: what it deletes is not visited any more, what it adds may be or not.
   */
  match(filter: string, visit: (message: Message) => void): void | Promise<void>;

  /**
   * As `match`, but one by one, as they are asked for, with any time between: what is added meanwhile may come or not. A store has this
   * only if it can keep its place in little memory, however many match. Absent ones come only from a store that can `fetch` them.
   */
  matching?(filter: string): Iterator<RetainedEntry>;

  /**
   * Resolves with what is retained for the topics of some entries by then, in their order, without those that have none any more. Never
   * rejects: what cannot be fetched is left out, after a while, and reported by the store. The caller bounds how much it asks for at once.
   */
  fetch?(entries: readonly RetainedEntry[]): Promise<readonly Message[]>;

  /** As `matching`, with undefined now and then, also while nothing matches: where a long walk may pause. */
  walk?(filter: string): Iterator<RetainedEntry | undefined>;

  /** Looks at up to `limit` messages, each call at the ones after those of the last, removes the expired; returns how many. */
  sweep(limit: number): number;

  /**
   * Undefined if every change so far is as durable as this store makes it, else a promise of that: one for all changes since the last
   * commit, so an acknowledgement waits for the group. Rejects if they cannot be made durable.
   */
  commit(): Promise<void> | undefined;
}

export function isHere(entry: RetainedEntry): entry is Message {
  return entry.payload !== undefined;
}

export function payloadBytes(entry: RetainedEntry): number {
  return isHere(entry) ? entry.payload.byteLength : entry.payloadBytes;
}

/** What a retained message counts for in `bytes`: topic and payload. Not what it takes in memory. */
export function retainedBytes(entry: RetainedEntry): number {
  return entry.topic.length + payloadBytes(entry);
}
