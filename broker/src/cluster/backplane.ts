import type { Message } from "../message.js";
import type { Place, Source } from "../persistence/taken-numbers.js";
import type { SharedFilter } from "../topics/topic-filter.js";
import type { HostedSessions } from "./hosted-sessions.js";

/** Whom of a broker's subscribers a message from a peer is for. */
export interface PeerDelivery {
  /** All whose subscription is not shared. */
  readonly toSubscribers: boolean;
  /** One member of each of these groups, and of no other. */
  readonly groups: readonly SharedFilter[];
}

/** Whose client has published a message. */
export interface PeerOrigin {
  /** Undefined: this one. */
  readonly broker: string | undefined;
  /** A broker that has died without accepting it: only for sessions that were its own. */
  readonly estate?: string | undefined;
  /** At QoS 2: sessions that have had it do not get it again. */
  readonly source?: Source | undefined;
  /** The broker that took it is dead, and its heir sends to all what may not have come everywhere. */
  readonly isAgain?: boolean;
  /** It has come to this broker before, or was taken before anyone here had subscribed; who has no session to know it by does not get it. */
  readonly isRepeated?: boolean;
  /** At QoS 1. Holds for this message: the next one may have the same object. */
  readonly place?: Place | undefined;
}

/** What peers make a broker do. */
export interface BackplaneEvents {
  /**
   * A peer's client has published this: deliver it to local subscribers, and never hand it back to the backplane. The peer's client is not
   * told that its message was accepted before the promise, if there is one, is settled.
   */
  onMessage(message: Message, to: PeerDelivery, from?: PeerOrigin): void | Promise<void>;

  /**
   * A peer has claimed this client, which was ours: end its connection with SessionTakenOver, and store what its session still owes. The
   * peer's claim waits for the promise. Not to be released: it is not ours any more.
   */
  onTakenOver(clientId: string): void | Promise<void>;

  /**
   * Peers have taken this broker for dead, and may have taken its clients: end all connections with SessionTakenOver. It comes back as
   * another broker once the promise is settled.
   */
  onFenced(): void | Promise<void>;

  /**
   * Peers have been out of reach for so long that they may have taken clients of this broker: end all connections with ServerBusy. None come
   * until the backplane is ready again.
   */
  onCutOff(): void;

  /** Whether peers may hand sessions to this broker: not while it is about to go itself. Asked every second. @default - they may */
  takesSessions?(): boolean;

  /** Sessions that outlive their connections, for a backplane that moves them. */
  readonly sessions?: HostedSessions;
}

/**
 * The link between brokers that serve the same clients.
 *
 * Calls come from the hot path: they return undefined when there is nothing to wait for, and one promise for a whole batch when there is.
 * A promise that rejects says that the engine behind it cannot do its part now; the client is then refused (ServerUnavailable), or its
 * message not acknowledged.
 */
export interface Backplane {
  /** Whether clients should come here: the peers can be reached and know of each other. */
  readonly isReady: boolean;
  /** Whether clients' QoS 2 messages that peers want are to be refused, by `refuse`, as they cannot be reached. @default - not before they are published */
  readonly isOutOfReach?: boolean;
  /** Whether a session goes with its client to another broker. Where not, no session may outlive its connection. */
  readonly movesSessions: boolean;

  /** Joins the peers. Called once, before any other method; `events` may be called before it resolves. */
  start(events: BackplaneEvents): Promise<void>;

  /** Leaves them: what has been published goes out, claims and subscriptions end. Waits for that; calls no event afterwards. */
  stop(): Promise<void>;

  /** Makes a client ours alone, before its CONNACK: a peer that has it gives it up first. Undefined: it is ours now. */
  claim(clientId: string): Promise<void> | undefined;

  /**
   * Has a peer take over the session of a client that is away, so that this broker can go; resolves when the peer has it durable. Rejects if
   * no peer can, or sessions do not move: the session is here then as before. Does nothing for a client without a session here. Peers that
   * are not ready, or about to go themselves, get none; nor do others than `takers`, if these are named (`isNamed`).
   */
  handOver(clientId: string, takers?: readonly string[]): Promise<void>;

  /** Gives up a client whose session has ended. Does nothing if it is not ours. */
  release(clientId: string): void;

  /**
   * Whether any peer has a subscription that matches the topic, or may have one. Asked for every message, so that only those that leave
   * this broker are copied out of the receive buffer.
   */
  wants(topic: string): boolean;

  /**
   * Whether the next message of a shared group that has members here goes to one of them, rather than to a peer's. Asked once a message for
   * each such group, after `wants` was true and before `publish`.
   */
  keeps(group: SharedFilter): boolean;

  /**
   * Hands a message that a local client published to each peer with a matching subscription, once, and for each shared group but the `kept`
   * ones to one peer. Undefined: there is nothing to wait for, as no peer has one, or as nobody answers for QoS 0. A promise: all those peers
   * answer for it. Not for messages that came by `onMessage`.
   */
  publish(message: Message, kept: readonly SharedFilter[], source?: Source, place?: Place): Promise<void> | undefined;

  /**
   * By what sessions everywhere are to know the next QoS 2 message, which is to be published with it at once, also to those here; by `publishOnce`
   * if it `isKept`, else by `publish`.
   * @default - they need not, as they stay where they are
   */
  nextSource?(isKept: boolean): Source | undefined;

  /** A promise that rejects: a message is to be published to nobody, as peers want it and cannot be reached. */
  refuse?(message: Message): Promise<void> | undefined;

  /**
   * Where the next QoS 1 message is among those that are published here, which is to be published with that at once: so sessions that move are
   * put together in order. The same object each time. @default - they stay where they are
   */
  nextPlace?(): Place | undefined;

  /**
   * As `publish`, for a QoS 2 message of a session that outlives its connection: it leaves once all that was changed this turn is durable, and
   * peers get it once even if this broker dies. Has it committed itself. @default - no session outlives its broker
   */
  publishOnce?(message: Message, kept: readonly SharedFilter[], source: Source): Promise<void> | undefined;

  /**
   * Hands a message of a shared group whose last member here has gone to a member elsewhere. It leaves, and at QoS 1 and 2 is safe, with what
   * is committed this turn, where sessions move. False: no peer has one either.
   */
  handOn(message: Message, group: SharedFilter): boolean;

  /**
   * The first local subscription to this filter has come; of a shared one, the first in this share. Calls pair up with `unsubscribed`:
   * a filter is announced once, however many clients have it. Undefined: every peer knows; a promise: SUBACK waits for that.
   */
  subscribed(filter: string, shareName?: string): Promise<void> | undefined;

  /** The last local subscription to it has gone. Its messages may still come for a while. */
  unsubscribed(filter: string, shareName?: string): void;
}
