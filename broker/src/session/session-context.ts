import type { Clock } from "../clock.js";
import type { Overload } from "../limits/overload.js";
import type { MessageStore } from "../persistence/message-store.js";
import type { Counters } from "../sys/counters.js";
import type { Commits } from "./commits.js";

/** What all sessions of a broker share. */
export interface SessionContext extends SessionLimits {
  readonly clock: Clock;
  readonly counters: Counters;
  readonly messages: MessageStore;
  /** When what was changed in the stores is durable. */
  readonly commits: Commits;
  /** What all sessions together hold, queued and in flight. */
  readonly held: { messages: number; bytes: number };
  readonly overload: Overload;
  /**
   * Whether QoS 1 and 2 messages of shared groups are stored for clean sessions too. So it is in clusters: if the broker dies, members on others get
   * what its members have not acknowledged.
   */
  readonly keepsGroupMessages: boolean;
}

/** What bounds a session; read anew each time, because it may change. */
export interface SessionLimits {
  /** Messages and bytes that may wait for one session; what comes beyond is dropped and counted. */
  readonly maxQueuedMessages: number;
  readonly maxQueuedBytes: number;
  /** What gives way when they are reached. With "disconnect" the new message is dropped, and the client's connection ends. */
  readonly queueOverflow: "drop-newest" | "drop-oldest" | "disconnect";
  /** Whether QoS 0 messages wait for clients that are away. */
  readonly queueQos0: boolean;
  /** Bytes of what is in flight to one client, beyond which the rest waits in its queue. */
  readonly maxInflightBytes: number;
  /** Bytes that all sessions together may hold; Infinity without a limit. */
  readonly maxHeldBytes: number;
}
