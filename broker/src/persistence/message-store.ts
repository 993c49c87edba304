import type { Delivery } from "../session/delivery.js";
import type { TakenNumbers } from "./taken-numbers.js";

/** What a store knows of the messages of one session. */
export interface StoredMessages {
  /** Queued and in flight, in the order of their sequence. */
  readonly deliveries: readonly Delivery[];
  /** Packet identifiers of QoS 2 messages of the client that it has not released yet. */
  readonly received: readonly number[];
  /** The same of those that the client was refused, and may not have heard of, with their marks. */
  readonly refused?: ReadonlyMap<number, number> | undefined;
  /** QoS 2 messages that the session has had, by the broker that took them. Only in clusters. */
  readonly taken?: ReadonlyMap<string, TakenNumbers> | undefined;
}

/**
 * Messages of sessions that outlive their connections: queued, in flight, and the state of QoS 2. Of clean sessions, in clusters only, what they owe of
 * shared groups.
 *
 * Calls come from the hot path and return at once; `commit` says when what they changed is as durable as this store makes it.
 */
export interface MessageStore {
  /** A message is owed to a session. `delivery.sequence` is its key among the session's. */
  add(clientId: string, delivery: Delivery): void;
  /** It was sent, or released: `delivery.state` and `packetId` have changed. */
  update(clientId: string, delivery: Delivery): void;
  /** It is acknowledged, expired or dropped. */
  remove(clientId: string, delivery: Delivery): void;

  /** A QoS 2 message of the client was taken: should it come again under this identifier, it is the same one [MQTT-4.3.3-10]. */
  addReceived(clientId: string, packetId: number): void;
  /** The client has released it. */
  removeReceived(clientId: string, packetId: number): void;

  /** The client was told that one was not taken, though it comes to subscribers: should it come again, it is the same one, by its mark. */
  addRefused(clientId: string, packetId: number, mark: number): void;
  /** It has come again, or another under the identifier. */
  removeRefused(clientId: string, packetId: number): void;

  /** Which of a broker's QoS 2 messages the session has had: `numbers` is new, or has changed. Undefined: it need not be known any more. */
  setTaken(clientId: string, origin: string, numbers: TakenNumbers | undefined): void;

  load(clientId: string): StoredMessages | Promise<StoredMessages>;
  /** The session has ended. */
  clear(clientId: string): void;

  /**
   * Undefined if everything so far is durable, else a promise of that: one for all changes since the last commit, so that many
   * acknowledgements wait for one write. Changes that are made without a turn of the event loop between them become durable together.
   *
   * Rejects if they cannot be made durable now. They are kept, and tried again with the next commit: the first that resolves after a
   * failure stands for everything before it too, and until then `commit` never says undefined.
   */
  commit(): Promise<void> | undefined;
}
