import type { Clock } from "../clock.js";
import type { MessageStore } from "../persistence/message-store.js";
import type { Counters } from "../sys/counters.js";

/** What all sessions of a broker share. */
export interface SessionContext {
  readonly clock: Clock;
  readonly counters: Counters;
  readonly messages: MessageStore;
  /** What all sessions together hold, queued and in flight. */
  readonly held: { messages: number; bytes: number };
  /** Messages and bytes that may wait for one session; what comes beyond is dropped and counted. */
  readonly maxQueuedMessages: number;
  readonly maxQueuedBytes: number;
}
