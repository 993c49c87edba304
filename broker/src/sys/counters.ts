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
  /** The publisher may not publish there, or the session may not have it any more for which it waited. */
  NotAuthorized: 4,
  /** A QoS 0 message in a full queue, which gave way to another or found no room itself. */
  QueueFullQos0: 5,
  /** The oldest of a full queue, for a newer one. */
  QueueFullOldest: 6,
  /** All sessions together held as much as they may, or the process was short of memory. */
  BrokerFull: 7,
} as const;

export type DropCause = (typeof DropCause)[keyof typeof DropCause];

/** Why a connection was closed without a word before its CONNECT; the index of its counter. */
export const TurnedOutCause = {
  /** Its address is not allowed, or denied. */
  Address: 0,
  /** So many came that not even refusals could be afforded. */
  Rate: 1,
  /** It was silent for longest while there were too many that had no CONNACK yet, or came while all of those waited to be let in. */
  HalfOpen: 2,
  /** Far more connections of one address than it may have. */
  PerAddress: 3,
} as const;

export type TurnedOutCause = (typeof TurnedOutCause)[keyof typeof TurnedOutCause];

/** Why a CONNECT was refused before anybody was asked who it is; the index of its counter. Each is in `connectsRefused` as well. */
export const NotAdmittedCause = {
  /** Memory is short. */
  Memory: 0,
  /** The event loop runs late. */
  Loop: 1,
  /** The client had connected too often. */
  Banned: 2,
  /** As many clients as there may be, of the listener or of all. */
  Full: 3,
  /** As many clients as one address may have. */
  PerAddress: 4,
  /** More CONNECTs a second than there may be, of the listener or of all. */
  Rate: 5,
} as const;

export type NotAdmittedCause = (typeof NotAdmittedCause)[keyof typeof NotAdmittedCause];

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
  /** Connections closed without a word before their CONNECT, by `TurnedOutCause`; most of them were never counted as accepted. */
  readonly turnedOut = new Float64Array(Object.keys(TurnedOutCause).length);

  /** Clients that ever got past their CONNACK. */
  clientsWelcomed = 0;
  /** Clients that are past their CONNACK now, and the most there ever were at once. */
  clientsConnected = 0;
  clientsMaximum = 0;
  /** CONNECTs refused, by the reason code of CONNACK, whether the client's version could be told it or not. */
  readonly connectsRefused = new Float64Array(REASON_CODES);
  /** CONNECTs refused before authentication, by `NotAdmittedCause`. */
  readonly notAdmitted = new Float64Array(Object.keys(NotAdmittedCause).length);
  /** CONNECTs that were handled some turns after they had come, because many came at once. */
  connectsPaced = 0;
  /** Clients banned for connecting too often. */
  clientsBanned = 0;
  /** How often memory became short, and how often the event loop ran late. */
  memoryOverloads = 0;
  loopOverloads = 0;
  /** Connections that the broker ended after CONNACK, by the reason code of DISCONNECT, sent or not. */
  readonly disconnects = new Float64Array(REASON_CODES);

  /** Clients that proved who they are, by whatever means; anonymous ones are not among them. */
  authenticationsSucceeded = 0;
  /** Clients that could not, or that nobody knew. */
  authenticationsFailed = 0;
  /** Clients turned away because as many wait already as may. */
  authenticationsBusy = 0;

  /** Questions to HTTP hooks that no cache could answer. */
  hookQuestions = 0;
  /** Of these, without an answer that could be understood within the time limit. */
  hookFailures = 0;
  /** Of these, not sent because as many waited as may. */
  hookBusy = 0;
  /** Answered from what a hook had said before. */
  hookCacheHits = 0;

  /** Connections closed because they took nothing of what waited for them; the reason code is that of `disconnects` too. */
  slowConsumers = 0;
  /** Connections closed because the queue of their session was full. */
  queueOverflows = 0;
  /** How often a client was read from no more for a while, because it had sent more than its listener's rates. */
  ratePauses = 0;

  /** Settings that were read again and put in force, and those that were not because something was wrong with them. */
  reloads = 0;
  reloadsRefused = 0;

  sessionsCreated = 0;
  sessionsResumed = 0;
  sessionsTakenOver = 0;
  /** Sessions that ended because their Session Expiry Interval had passed. */
  sessionsExpired = 0;

  /** Wills published. */
  willsPublished = 0;
  /** Subscriptions refused, for whatever reason. */
  subscriptionsRefused = 0;
  /** Those among them that were one too many for their session. */
  subscriptionsOverQuota = 0;
  /** CONNECTs refused because there were as many sessions as there may be. */
  sessionsOverQuota = 0;
  /** CONNECT packets of 3.x refused in a cluster, as they asked for a session that outlives its connection. */
  persistentSessionsRefused = 0;
  /** Messages that were not retained because there was no room, whether the publisher could be told so or not. */
  retainedRefused = 0;
  /** PUBLISH packets of 5.0 answered with Quota Exceeded: no room to retain them, or memory was short. */
  publishOverQuota = 0;
  /** How often a client was read from no more for a while, because too many of its acknowledgements waited for the store. */
  ackPauses = 0;
  /** AUTH exchanges ended because they took too many steps, or too long. */
  authenticationsTooLong = 0;
  /** Subscriptions taken away again, since their client may not have them any more. */
  subscriptionsRevoked = 0;

  /** A client is past its CONNACK; `clientLeft` follows once. */
  clientJoined(): void {
    this.clientsWelcomed++;
    if (++this.clientsConnected > this.clientsMaximum) this.clientsMaximum = this.clientsConnected;
  }

  clientLeft(): void {
    this.clientsConnected--;
  }

  get publishesReceived(): number {
    return this.publishReceived[0]! + this.publishReceived[1]! + this.publishReceived[2]!;
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
