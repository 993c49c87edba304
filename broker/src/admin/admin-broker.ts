import type { BanStore } from "../bans/ban.js";
import type { Bans } from "../bans/bans.js";
import type { Clock } from "../clock.js";
import type { DoctorReport } from "../doctor/run-doctor.js";
import type { OperatorMessage, OperatorSubscription } from "../handlers/administer.js";
import type { Message } from "../message.js";
import type { Rebalance } from "../rebalance/rebalance.js";
import type { ReloadReport } from "../reload/reloads.js";
import type { RetainedEntry } from "../retained/retained-store.js";
import type { Session } from "../session/session.js";
import type { Subscription } from "../session/subscription.js";
import type { ReadingSource } from "../sys/reading.js";
import type { Peers } from "./cluster/peers.js";
import type { Live } from "./live/live.js";
import type { ReadyState } from "./resources/health.js";

/** What is known of a client's connection. */
export interface ConnectionFacts {
  readonly listener: string;
  readonly protocolVersion: 3 | 4 | 5;
  readonly keepAliveSeconds: number;
  readonly address: string;
  readonly port: number;
  /** For example "TLSv1.3"; undefined without TLS. */
  readonly tls: string | undefined;
  readonly receiveMaximum: number;
}

/** What clients come in by. */
export interface ListenerFacts {
  readonly name: string;
  readonly transport: string;
  readonly host: string;
  readonly port: number;
  readonly isRunning: boolean;
  readonly proxyProtocol: boolean;
  /** Of a WebSocket; undefined for what is none. */
  readonly path: string | undefined;
  readonly connections: number;
  /** Infinity without a limit. */
  readonly maxConnections: number;
  readonly maxConnectRate: number;
}

/** The broker as operators see it, and what they can make it do. `broker.ts` has it made; the resources know nothing else. */
export interface AdminBroker {
  readonly clock: Clock;
  readonly startedAtMs: number;
  /** Its name, by itself or among others. */
  readonly node: string;
  /** Undefined for a broker that is alone. */
  readonly clusterName: string | undefined;
  readonly peers: readonly string[];
  readonly readyState: ReadyState;
  readings(): ReadingSource;
  /** Numbers of the last hour, and from second to second. */
  readonly live: Live;

  /** How the others of its cluster are asked. */
  readonly ways: Peers;
  readonly rebalance: Rebalance;
  readonly sessions: { readonly size: number; get(clientId: string): Session | undefined } & Iterable<Session>;
  connectionOf(session: Session): ConnectionFacts | undefined;
  kick(session: Session, options: { readonly keepsSession: boolean }): Promise<void> | undefined;
  subscriptionProblem(asked: OperatorSubscription): string | undefined;
  subscribe(session: Session, asked: OperatorSubscription): Promise<void>;
  unsubscribe(session: Session, topicFilter: string): Promise<boolean>;

  /** What is wrong with a topic filter; undefined if it may be subscribed to. */
  filterProblem(filter: string): string | undefined;
  hasFilter(filter: string): boolean;
  standsForFilter(subscription: Subscription): boolean;

  messageProblem(asked: OperatorMessage): string | undefined;
  publish(asked: OperatorMessage): Promise<boolean>;
  /** One by one; undefined after some that do not match, so that whoever walks them gets a pause now and then. */
  retainedMatching(filter: string): Iterator<RetainedEntry | undefined>;
  retained(topic: string): Promise<Message | undefined>;
  deleteRetained(topic: string): Promise<boolean>;

  readonly listeners: readonly ListenerFacts[];
  startListener(name: string): Promise<void>;
  stopListener(name: string): Promise<void>;

  readonly bans: Bans;
  readonly banStore: BanStore;
  /** Clients banned for connecting too often: identifier and address, and until when, in milliseconds since 1970. */
  readonly flapping: ReadonlyMap<string, number>;
  liftFlapping(client: string): boolean;

  /** What the doctor says of the place that this broker runs in. */
  diagnose(): Promise<DoctorReport>;

  /** Settings in force, without secrets. */
  settings(): unknown;
  /** Undefined where settings came from no place that can be read again. */
  reload: (() => Promise<ReloadReport>) | undefined;
  logLevel: string | undefined;
  setLogLevel(level: string): void;
}
