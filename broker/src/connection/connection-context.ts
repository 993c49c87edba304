import type { Authenticator } from "../auth/authenticator.js";
import type { ReasonCode } from "../codec/reason-code.js";
import type { Log } from "../log.js";
import type { Counters } from "../sys/counters.js";
import type { TimerWheel } from "../timer-wheel.js";
import type { Connection } from "./connection.js";
import type { Turn } from "./turn.js";

/** What a connection tells the rest of the broker. */
export interface ConnectionEvents {
  /**
   * A whole packet has come: `bytes[start, end)`, valid during the call only. A promise: the next packet is not looked at until it is
   * settled. Throws ProtocolError for what the client must not do; that, or a rejection, closes the connection.
   */
  onPacket(connection: Connection, bytes: Uint8Array, start: number, end: number): Promise<void> | undefined;

  /** The client is gone, or told to go: nothing more is taken from it. Once for each connection. */
  onLeave(connection: Connection, wasConnected: boolean, reasonCode: ReasonCode, reason: string): void;

  /** The socket is closed too. */
  onClosed(connection: Connection): void;
}

/** What all connections of a broker share. */
export interface ConnectionContext {
  readonly events: ConnectionEvents;
  readonly turn: Turn;
  readonly wheel: TimerWheel;
  readonly counters: Counters;
  readonly log: Log;
  /** Milliseconds since the broker's start. */
  readonly uptimeMs: () => number;
  readonly settings: ConnectionSettings;
}

export interface ConnectionSettings {
  /** QoS 1 and 2 messages to one client that may be unacknowledged, whatever more its Receive Maximum allows. */
  readonly maxInflight: number;
  /** Bytes that may wait for a slow socket before QoS 0 messages to it are dropped and it is read from no more. */
  readonly maxOutputBytes: number;
}

/** What all connections of one listener share. */
export interface ListenerContext {
  readonly name: string;
  readonly connectTimeoutMs: number;
  readonly maxPacketBytes: number;
  /** Who may come in by it. */
  readonly authenticator: Authenticator;
  /** Undefined for no limit. */
  readonly maxConnections: number | undefined;
  /** Open now. */
  connections: number;
}
