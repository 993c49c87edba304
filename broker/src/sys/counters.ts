/** Why a message did not reach a subscriber; the index of its counter. */
export const DropCause = {
  /** The session's queue was full, by count or by bytes. */
  QueueFull: 0,
  /** QoS 0 for a connection that does not read fast enough. */
  SlowConnection: 1,
  /** It expired in a queue [MQTT-3.3.2-5]. */
  Expired: 2,
  /** It is larger than the client's Maximum Packet Size [MQTT-3.1.2-25]. */
  TooLarge: 3,
  /** The publisher may not publish there, and its QoS or version has no way to say so. */
  NotAuthorized: 4,
} as const;

export type DropCause = (typeof DropCause)[keyof typeof DropCause];

/** Packet types are 4 bits. */
const PACKET_TYPES = 16;
const QOS_LEVELS = 3;
/** Reason codes are a byte. */
const REASON_CODES = 256;

/**
 * What happened in this broker since it started. Plain numbers for the hot path to add to; whoever reads them takes differences.
 *
 * One object a broker. Doubles, so that they stay exact up to 2 ** 53.
 */
export class Counters {
  /** Bytes of MQTT, on all connections: without TLS, WebSocket frames and PROXY headers. */
  bytesReceived = 0;
  bytesSent = 0;

  /** Packets of each type, by `PacketType`. */
  readonly packetsReceived = new Float64Array(PACKET_TYPES);
  readonly packetsSent = new Float64Array(PACKET_TYPES);

  /** PUBLISH packets, by QoS. Those sent are counted once a subscriber, sent again or not. */
  readonly publishReceived = new Float64Array(QOS_LEVELS);
  readonly publishSent = new Float64Array(QOS_LEVELS);
  /** Bytes of their payloads. */
  publishBytesReceived = 0;
  publishBytesSent = 0;
  /** By `DropCause`. */
  readonly publishDropped = new Float64Array(Object.keys(DropCause).length);
  /** Messages that had no subscriber at all. */
  publishUnmatched = 0;

  /** Connections that were ready for MQTT bytes; `connectionsClosed` of them are gone. */
  connectionsAccepted = 0;
  connectionsClosed = 0;
  /** Connections that failed before that: in TLS, WebSocket or PROXY protocol. */
  handshakesFailed = 0;
  /** Connections closed for lack of a CONNECT in time. */
  connectTimeouts = 0;

  /** Clients that are past their CONNACK now, and the most there ever were at once. */
  clientsConnected = 0;
  clientsMaximum = 0;
  /** CONNECTs refused, by the reason code of CONNACK, whether the client's version could be told it or not. */
  readonly connectsRefused = new Float64Array(REASON_CODES);
  /** Connections that the broker ended after CONNACK, by the reason code of DISCONNECT, sent or not. */
  readonly disconnects = new Float64Array(REASON_CODES);

  sessionsCreated = 0;
  sessionsResumed = 0;
  sessionsTakenOver = 0;
  /** Sessions that ended because their Session Expiry Interval had passed. */
  sessionsExpired = 0;

  /** Wills published. */
  willsPublished = 0;
  /** Subscriptions refused by the authoriser. */
  subscriptionsRefused = 0;

  /** A client is past its CONNACK; `clientLeft` follows once. */
  clientJoined(): void {
    if (++this.clientsConnected > this.clientsMaximum) this.clientsMaximum = this.clientsConnected;
  }

  clientLeft(): void {
    this.clientsConnected--;
  }

  get connectionsOpen(): number {
    return this.connectionsAccepted - this.connectionsClosed;
  }
}

/** Sum of a counter that is kept by index. */
export function total(counts: Float64Array): number {
  let sum = 0;
  for (const count of counts) sum += count;
  return sum;
}
