import type { ProtocolVersion, Qos } from "../codec/packet.js";
import type { PayloadHeader } from "./payload.js";
import type { TopicPlan } from "./topics-payload.js";
import type { ClientTls } from "./wire.js";

export const BENCH_COMMANDS = ["conn", "pub", "sub"] as const;
export type BenchCommand = (typeof BENCH_COMMANDS)[number];

/** What `mqttd bench` was asked for, checked. */
export interface BenchOptions {
  readonly command: BenchCommand;
  /** Clients are spread over them in turn. */
  readonly hosts: readonly string[];
  readonly port: number;
  readonly version: ProtocolVersion;
  /** Over all shares. */
  readonly clients: number;
  /** Which of the clients are this command's. */
  readonly share: Share;
  /** Time between two CONNECTs, over all processes, in milliseconds; 0 for none. */
  readonly connectIntervalMs: number;
  /** Connections that may be under way in one process. */
  readonly mostConnecting: number;
  /** Source addresses, used in turn; empty: the kernel chooses. */
  readonly sourceAddresses: readonly string[];
  readonly prefix: string | undefined;
  readonly hasShortIds: boolean;
  /** Client numbers begin with the next. */
  readonly startNumber: number;
  readonly connectRetries: number;
  readonly reconnects: number;
  readonly tls: ClientTls | undefined;
  readonly isWebSocket: boolean;
  /** With variables. */
  readonly userName: string | undefined;
  readonly password: string | undefined;
  readonly keepAliveSeconds: number;
  readonly isCleanStart: boolean;
  readonly sessionExpirySeconds: number;
  /** Topic filters of `sub`, with variables. */
  readonly filters: readonly string[];
  readonly qos: Qos;
  readonly payloadHeaders: readonly PayloadHeader[];
  readonly publish: PublishOptions | undefined;
  readonly output: OutputOptions;
  /** Undefined: as many as the limit on open files needs. */
  readonly processes: number | undefined;
  /** From the start; undefined: until a signal. */
  readonly durationMs: number | undefined;
}

/** One of `of` equal parts: those clients whose place, counted from 0, leaves `index` when divided by `of`. */
export interface Share {
  readonly index: number;
  readonly of: number;
}

/** How many of a whole are in a share. */
export function sizeOf(share: Share, whole: number): number {
  return whole === Number.POSITIVE_INFINITY ? whole : Math.max(0, Math.ceil((whole - share.index) / share.of));
}

/** A share of a share. */
export function within({ index, of }: Share, inner: Share): Share {
  return { index: index + of * inner.index, of: of * inner.of };
}

/** Of `pub`. */
export interface PublishOptions {
  readonly topics: readonly TopicPlan[];
  readonly isRetained: boolean;
  /** Messages of all clients together; Infinity for no limit. */
  readonly limit: number;
  /** Messages of QoS 1 and 2 that a client has under way. */
  readonly inflight: number;
  /** Nobody publishes before all are connected. */
  readonly waitsForAll: boolean;
  /** Before a client's first message. */
  readonly minWaitMs: number;
  readonly maxWaitMs: number;
  /** After the limit. */
  readonly keepsConnected: boolean;
}

export interface OutputOptions {
  readonly isJson: boolean;
  readonly isQuiet: boolean;
  /** Whether durations of connecting are told of in the summary. */
  readonly hasQoe: boolean;
  /** Where durations go as CSV, a line a client. */
  readonly qoeLog: string | undefined;
  /** Where `/metrics` is served; without a host on all addresses. `isAsked`: not where it is by default. */
  readonly metrics: { readonly host: string | undefined; readonly port: number; readonly isAsked: boolean } | undefined;
  /** Where the counts are sent at the end. */
  readonly pushgateway: string | undefined;
}
