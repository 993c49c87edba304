import type { Target } from "../../src/bench/wire.js";
import type { ProtocolVersion, Qos } from "../../src/codec/packet.js";

/** What one run of the generator does to one broker. */
export interface Job {
  readonly target: Target;
  readonly version: ProtocolVersion;
  /** More brokers, which serve the same clients. Subscriber i is at broker i; its publisher is there too, or at the next one. */
  readonly others?: readonly Target[];
  readonly isCrossing?: boolean;
  /** What every client connects with. */
  readonly credentials?: Credentials;
  /** Whose memory and processor time are read in /proc. */
  readonly brokerPid: number;
  /** Whose processor time is read besides. */
  readonly otherPids?: readonly number[];
  /** The broker's and the generator's; empty where processes are not pinned. */
  readonly cores: readonly number[];
  /** Load before the measured window. */
  readonly warmUpMs: number;
  readonly windowMs: number;
  readonly load: Load;
}

export interface Credentials {
  readonly userName: string;
  readonly password: string;
}

export type Load = PairsLoad | StoredLoad | FanOutLoad | PacedLoad | AcceptLoad | IdleLoad;

/** Publisher i sends to subscriber i, and sends again when that one has it: `window` messages of a pair are on their way. */
export interface PairsLoad {
  readonly kind: "pairs";
  readonly qos: Qos;
  readonly pairs: number;
  readonly window: number;
  /** Whether each subscriber is the one member of a shared group. Not at QoS 0. */
  readonly isShared?: boolean;
  /** At QoS 0. @default 64 */
  readonly payloadBytes?: number;
}

/** Publisher i sends at QoS 1 to a session whose client is away; `window` messages of a publisher are unacknowledged. */
export interface StoredLoad {
  readonly kind: "stored";
  readonly publishers: number;
  readonly window: number;
}

/** One publisher, QoS 0, whose messages go to everyone; `window` messages are on their way. */
export interface FanOutLoad {
  readonly kind: "fan-out";
  readonly subscribers: number;
  readonly window: number;
}

/** QoS 0 at a fixed rate, whether or not the broker keeps up; latency counts from sending to delivery. */
export interface PacedLoad {
  readonly kind: "paced";
  readonly pairs: number;
  readonly messagesPerSecond: number;
}

/** Opens connections up to CONNACK, `concurrency` at a time, and counts them per second of the clock or of the broker's processor time. */
export interface AcceptLoad {
  readonly kind: "accept";
  readonly per: "second" | "broker-second";
  readonly connections: number;
  readonly concurrency: number;
}

/** Opens connections in equal steps, and reads the broker's memory after each. */
export interface IdleLoad {
  readonly kind: "idle";
  readonly connections: number;
  readonly steps: number;
  readonly settleMs: number;
}

/** What the generator prints, as one line of JSON. */
export type Outcome = Measured | Failed;

export interface Measured {
  /** In the row's unit. */
  readonly value: number;
  /** What else was seen, by name. */
  readonly details: Readonly<Record<string, number>>;
  readonly processor: ProcessorShares;
}

/** Shares of one core, 0 to 1, during the measured window. */
export interface ProcessorShares {
  readonly broker: number;
  readonly generator: number;
  /** Of `otherPids`, in their order. */
  readonly otherProcesses?: readonly number[];
  /** Busy share of the broker's and the generator's core, interrupts included, which the kernel does not count to processes. */
  readonly cores: readonly number[];
  /** What other programs, and the hypervisor, took of those two cores. */
  readonly others: readonly number[];
}

export interface Failed {
  /** What happened, for a table: "died: …", "lost 3 messages", "stalled". */
  readonly failure: string;
}
