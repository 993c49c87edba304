/** What the broker holds at one moment. */
export interface Gauges {
  /** Sessions without a connection. */
  readonly sessionsOffline: number;
  /** Subscriptions of all sessions, members of shared ones included. */
  readonly subscriptions: number;
  /** Members of shared subscriptions. */
  readonly sharedSubscriptions: number;
  readonly retainedMessages: number;
  /** Messages held: retained, queued and in flight, each once. */
  readonly storedMessages: number;
  /** Bytes of their payloads. */
  readonly storedBytes: number;
  /** Heap of the runtime in use. */
  readonly heapBytes: number;
  /** Topic filters that anyone has subscribed to. */
  readonly filters: number;
  /** How late timers came in the last second, on average; 0 where nobody measures it. */
  readonly loopLagMs: number;
}
