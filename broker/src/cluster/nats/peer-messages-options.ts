import type { Clock } from "../../clock.js";
import type { ShareStrategy } from "../../topics/shared-group.js";
import type { BackplaneEvents } from "../backplane.js";
import type { KeptMessages } from "./batch-intake.js";
import type { ClusterCounters } from "./cluster-counters.js";
import type { Engine } from "./engine.js";

export interface PeerMessagesOptions {
  readonly engine: Engine;
  /** Name of this broker. */
  readonly self: string;
  /** Where a broker listens. */
  readonly subjectOf: (broker: string) => string;
  readonly clock: Clock;
  readonly hashSeed: number;
  readonly random: () => number;
  readonly shareStrategy: () => ShareStrategy;
  /** Bytes that may be on their way to one peer. */
  readonly maxInFlightBytes: number;
  /** Of a batch that goes out before its turn ends. */
  readonly maxBatchBytes: number;
  /** Whether whoever publishes waits for the peers. */
  readonly isAwaited: boolean;
  readonly counters: ClusterCounters;
  readonly deliver: BackplaneEvents["onMessage"];
  /** What is kept of messages for sessions; undefined where no session outlives its connection. */
  readonly kept?: KeptMessages | undefined;
}
