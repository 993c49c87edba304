import type { Authenticator } from "../auth/authenticator.js";
import type { EnhancedAuthenticator } from "../auth/enhanced-authenticator.js";
import type { ReasonCode } from "../codec/reason-code.js";
import type { Log } from "../log.js";
import type { Counters } from "../sys/counters.js";
import type { TimerWheel } from "../timer-wheel.js";
import type { Connection } from "./connection.js";
import type { Offer } from "./offer.js";
import type { Rates } from "./rate-limit.js";
import type { Throttle } from "./throttle.js";
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
  /** Where clients wait that have sent more than they may. */
  readonly throttle: Throttle;
  readonly counters: Counters;
  readonly log: Log;
  /** Messages could not be accepted; logged once an episode. */
  readonly reportFailure: (error: unknown) => void;
  /** Milliseconds since the broker's start. */
  readonly uptimeMs: () => number;
  readonly settings: ConnectionSettings;
}

export interface ConnectionSettings {
  /** QoS 1 and 2 messages to one client that may be unacknowledged, whatever more its Receive Maximum allows. */
  readonly maxInflight: number;
  /** Bytes that may wait for a slow socket before QoS 0 messages to it are dropped and it is read from no more. */
  readonly maxOutputBytes: number;
  /** How long a socket may take nothing of what waits for it, in milliseconds. */
  readonly slowConsumerMs: number;
}

/** What all connections of one listener share. */
export interface ListenerContext {
  readonly name: string;
  readonly connectTimeoutMs: number;
  /** What each client may send; null for no limit. Others when the settings are read again. */
  rates: Rates | null;
  /** What clients that connect now are told they may use. */
  readonly offer: Offer;
  /** Who may come in by it, and the same by authentication method; others when the settings are read again. */
  authenticator: Authenticator;
  enhanced: ReadonlyMap<string, EnhancedAuthenticator>;
  /** Open now. */
  connections: number;
}
