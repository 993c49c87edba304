import type { Counters } from "./counters.js";
import type { Gauges } from "./gauges.js";

/** What readings are taken from: what has happened, and what there is at this moment. */
export interface ReadingSource {
  readonly counters: Counters;
  readonly gauges: Gauges;
  /** What the store on disk does; undefined without one. */
  readonly store?: StoreReadings | undefined;
  /** What goes on between the brokers of a cluster; undefined for one that is alone. */
  readonly cluster?: ClusterReadings | undefined;
}

export interface StoreReadings {
  readonly groupsWritten: number;
  readonly groupsFailed: number;
  readonly bytesWritten: number;
  readonly compactions: number;
  /** Rows that wait to be written. */
  readonly pendingRows: number;
}

export interface ClusterReadings {
  readonly peers: number;
  /** Of peers. */
  readonly routes: number;
  /** On their way to peers, which have not accepted them yet. */
  readonly unacknowledgedBytes: number;
  readonly batchesSent: number;
  readonly batchesResent: number;
  readonly messagesSent: number;
  readonly messagesReceived: number;
  readonly messagesDropped: number;
  readonly messagesRefused: number;
  readonly sessionsReceived: number;
  readonly sessionsHandedOver: number;
  readonly sessionsInherited: number;
  readonly peersDeclaredDead: number;
  readonly fenced: number;
  /** Retained messages that are not in memory. */
  readonly retainedAbsent: number;
  readonly retainedMemoryBytes: number;
  readonly retainedFetched: number;
  readonly retainedFetchesFailed: number;
  readonly retainedSuperseded: number;
}

/** One number. */
export interface Reading {
  /** As `mqttd ctl broker` and the API call it: EMQX's name, dots included, where it has the same. */
  readonly key: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Undefined where this broker has no such thing. */
  read(source: ReadingSource): number | undefined;
}

/** Numbers that differ by their labels only. */
export interface ReadingFamily {
  /** As metrics call it, without prefix and `_total`; it ends in its unit where it has one. */
  readonly name: string;
  readonly kind: "counter" | "gauge";
  readonly help: string;
  /** Sums of other families, there for their names; metrics need them only where they stand for those of another broker. */
  readonly isSum: boolean;
  readonly readings: readonly Reading[];
}
