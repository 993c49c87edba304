import type { AclRule } from "../auth/acl-rule.js";
import type { Qos } from "../codec/packet.js";
import { PacketType } from "../codec/packet.js";
import { ReasonCode } from "../codec/reason-code.js";
import type { StoredMessages } from "../persistence/message-store.js";
import type { StoredSession } from "../persistence/session-store.js";
import { type Place, type Source, TakenNumbers } from "../persistence/taken-numbers.js";
import type { Publication } from "../publication/publication.js";
import { DropCause } from "../sys/counters.js";
import { Delivery } from "./delivery.js";
import type { Gate } from "./gate.js";
import type { Link } from "./link.js";
import { Outbox } from "./outbox.js";
import type { RetainedSource } from "./retained-replay.js";
import type { SessionContext } from "./session-context.js";
import type { DelayedWill, SessionExpiry } from "./session-timers.js";
import type { Subscription } from "./subscription.js";

/** The Session Expiry Interval that means never (3.1.2.11.2). */
export const NEVER_EXPIRES = 0xffff_ffff;

/**
 * What the broker knows of one client, for as long as its session lasts: subscriptions, and messages on their way to it and from it.
 *
 * A client that only holds a connection has one too, so what it does not need is null.
 */
export class Session {
  readonly clientId: string;
  readonly context: SessionContext;
  userName: string | undefined;
  /** What the authenticator of its connection said it may do. */
  rules: readonly AclRule[] | undefined = undefined;
  expirySeconds: number;
  /** Null while the client is not connected. */
  link: Link | null = null;
  /** By topic filter as the client sent it. */
  subscriptions: Map<string, Subscription> | null = null;
  outbox: Outbox | null = null;
  /** Packet identifiers of QoS 2 messages that have been taken and not released yet [MQTT-4.3.3-10], and their marks; 0 of those from the store. */
  received: Map<number, number> | null = null;
  /**
   * Those that a client of 5.0 was refused for want of a durable copy, though subscribers have them or will. If one comes again with DUP, the client
   * was not told; if another does, it was, and has used the identifier since.
   */
  refused: Map<number, number> | null = null;
  /** While the client is away: when the session ends, and when its will is due. */
  declare expiry: SessionExpiry | null;
  declare delayedWill: DelayedWill | null;
  /** While the session moves between brokers. */
  declare gate: Gate | null;
  /** The broker that still has what there is of the session from before; messages since then are here. */
  declare arrivingFrom: string | undefined;
  /** All of it is on its way to another broker: messages of its shared groups are for other members. */
  declare isHandedOver: boolean;
  /** Messages of that sequence or a later one are here only, as the rest is on another broker. */
  declare ownFrom: number;
  /** Dead brokers it was taken over from, while what they had not accepted may come for it. */
  declare estates: Set<string> | null;
  /** QoS 2 messages it has had, by the broker that took them. Only in clusters. */
  declare taken: Map<string, TakenNumbers> | null;
  /** Until then all that it has had is noted one by one, as another copy of the session may have some of it, and has to be compared. */
  declare comparesUntilMs: number;
  /**
   * Until then it may have had what a broker took later, and not what that took before: what had come to a place made for it was put together with
   * what the journal of a dead broker had, and what lies between may be on its way yet.
   */
  declare mayLackUntilMs: number;
  /** What the one of the two that goes first had had: of these it lacks none that came before them. */
  declare hadBefore: ReadonlyMap<string, TakenNumbers> | null;
  /** What has come to a place for it from the heirs of dead brokers, by its sources: whether it was taken before the session subscribed is known with the rest. */
  declare comesLate: Set<string> | null;
  /** Until then it is noted where QoS 1 messages are among those of their brokers: some that come before them may come later, by another way. */
  declare ordersUntilMs: number;
  /** It was put together from copies, and nothing of it is sent before all is there, and in order. */
  declare isGathering: boolean;
  /** How often it has moved between brokers. */
  declare moves: number;
  declare hasEnded: boolean;
  /** Whether its client asked for a clean start, when it connected last. */
  declare cleanStart: boolean;
  /** For operators, in whole seconds since 1970, which fit into small integers: when it began, and when its client came or went last. */
  readonly createdAtSeconds: number;
  changedAtSeconds: number;

  // Sessions whose clients have never been away and that have never moved, nearly all, have these by their class, and no memory for them.
  static {
    Object.assign(Session.prototype, {
      ...{ gate: null, arrivingFrom: undefined, isHandedOver: false, ownFrom: Number.POSITIVE_INFINITY, moves: 0 },
      ...{
        hadBefore: null,
        comesLate: null,
        ordersUntilMs: 0,
        isGathering: false,
        estates: null,
        taken: null,
        comparesUntilMs: 0,
        mayLackUntilMs: 0,
      },
      ...{ expiry: null, delayedWill: null, hasEnded: false, cleanStart: true },
    });
  }

  constructor(clientId: string, userName: string | undefined, expirySeconds: number, context: SessionContext) {
    this.clientId = clientId;
    this.userName = userName;
    this.expirySeconds = expirySeconds;
    this.context = context;
    if (expirySeconds > 0) this.cleanStart = false; // as one from the store, whose client has yet to come
    this.createdAtSeconds = this.changedAtSeconds = Math.floor(context.clock.now() / 1_000);
  }

  /** Whether it outlives its connection, and therefore has to be stored. */
  get isPersistent(): boolean {
    return this.expirySeconds > 0;
  }

  get inflightCount(): number {
    return this.outbox === null ? 0 : this.outbox.inflight.size;
  }

  /** Messages at QoS 1 and 2, and of QoS 0 those that had to wait, that it was to get since it is on this broker. */
  get deliveredCount(): number {
    return this.outbox === null ? 0 : this.outbox.delivered;
  }

  get droppedCount(): number {
    return this.outbox === null ? 0 : this.outbox.dropped;
  }

  get queuedCount(): number {
    return this.outbox === null ? 0 : this.outbox.queue.length;
  }

  /** Takes a message at QoS 1 or 2: sends it now, or keeps it until the client can have it. */
  deliver(
    publication: Publication,
    qos: Qos,
    retain: boolean,
    identifiers: readonly number[] | undefined,
    shared: Subscription | undefined,
    source?: Place,
  ): void {
    if (this.hasEnded) return;
    const { link, context } = this;
    if (link !== null && !link.accepts(publication, qos, identifiers)) {
      context.counters.publishDropped[DropCause.TooLarge]!++; // [MQTT-3.1.2-25]
      return;
    }
    this.outbox ??= new Outbox(context, this.clientId);
    const { outbox } = this;
    const delivery = new Delivery(outbox.nextNumber(), publication.message(), qos, retain, identifiers, shared, source);
    if (link?.isWritable && !this.isGathering && outbox.canStart(link.maxInflight)) {
      outbox.store(delivery, this.isPersistent);
      if (outbox.start(delivery, this)) link.publish(publication, qos, false, retain, delivery.packetId, identifiers);
    } else if (!outbox.enqueue(delivery, this.isPersistent) && context.queueOverflow === "disconnect") link?.overflowed();
  }

  /** Notes a QoS 2 message of a cluster; false if the session has had it. */
  takes(source: Source): boolean {
    this.taken ??= new Map();
    let numbers = this.taken.get(source.origin);
    if (numbers === undefined) {
      numbers = new TakenNumbers();
      this.taken.set(source.origin, numbers);
    }
    const floor = this.comparesUntilMs > this.context.clock.now() ? 0 : source.floor;
    if (!numbers.take(source.number, floor)) return false;
    this.context.messages.setTaken(this.clientId, source.origin, numbers);
    return true;
  }

  /** Whether it has had a message that the same broker took after that one, and so that one too, if it was for it. */
  hasLater({ origin, number }: Source): boolean {
    const had = this.mayLackUntilMs > this.context.clock.now() ? this.hadBefore : this.taken;
    return had?.get(origin)?.hasAbove(number) ?? false;
  }

  /** Where a QoS 1 message is, if that has to be known. */
  placeOf({ origin, number }: Place): Place | undefined {
    if (number === 0 || (this.gate === null && (this.ordersUntilMs === 0 || this.ordersUntilMs < this.context.clock.now())))
      return undefined;
    return { origin, number };
  }

  /** It is put together with what may have come later than what is still on its way; `had` is what goes first has had. */
  mayLack(milliseconds: number, had: ReadonlyMap<string, TakenNumbers> | null | undefined): void {
    this.mayLackUntilMs = this.context.clock.now() + milliseconds;
    this.hadBefore = had ? new Map(Array.from(had, ([origin, numbers]) => [origin, numbers.copy()])) : null;
  }

  /** What another copy of the session has had, this one has had too. */
  addTaken(others: StoredMessages["taken"]): void {
    for (const [origin, numbers] of others ?? []) {
      this.taken ??= new Map();
      const known = this.taken.get(origin);
      if (known === undefined) this.taken.set(origin, numbers.copy());
      else known.add(numbers);
      this.context.messages.setTaken(this.clientId, origin, this.taken.get(origin));
    }
  }

  /** Nothing of that broker comes any more. */
  forgetTaken(origin: string): void {
    if (this.taken?.delete(origin)) this.context.messages.setTaken(this.clientId, origin, undefined);
  }

  /** Takes a message at QoS 0: sends it now if the client is there; else it may wait, and others behind it. */
  forward(publication: Publication, retain: boolean, identifiers: readonly number[] | undefined, shared: Subscription | undefined): void {
    const { link, context, outbox } = this;
    if (link !== null && (outbox === null || outbox.queue.looseLength === 0 || !context.queueQos0)) {
      link.forward(publication, retain, identifiers);
      return;
    }
    if (!context.queueQos0 || this.hasEnded || !this.isPersistent) return;
    this.outbox ??= new Outbox(context, this.clientId);
    const delivery = new Delivery(this.outbox.nextNumber(), publication.message(), 0, retain, identifiers, shared);
    this.outbox.enqueue(delivery, this.isPersistent);
  }

  /** Takes what is retained for a new subscription, to be sent by `sendQueued`. */
  replay(retained: RetainedSource): void {
    this.outbox ??= new Outbox(this.context, this.clientId);
    this.outbox.replay(retained);
  }

  /** The store has what some of the session's messages have waited for. */
  onDurable(): void {
    this.sendQueued();
  }

  /** Sends what waits, as far as the client's window and its socket allow: first what was sent over an earlier connection. */
  sendQueued(): void {
    const { link, outbox } = this;
    if (link === null || outbox === null || this.isGathering) return;
    outbox.sendTo(link, this);
  }

  /** A QoS 2 message of the client has not got everywhere: sent again, it is a new one. False if it was not taken. */
  forgetReceived(packetId: number): boolean {
    if (!this.received?.delete(packetId)) return false;
    if (this.isPersistent) this.context.messages.removeReceived(this.clientId, packetId);
    return true;
  }

  /** The client is told that its QoS 2 message was not accepted: what comes under this identifier next is a new one [MQTT-4.3.3-9]. */
  refuseReceived(packetId: number): void {
    const mark = this.received?.get(packetId);
    if (mark === undefined) return;
    this.forgetReceived(packetId);
    this.addRefused(packetId, mark);
  }

  /** What another broker knew of QoS 2 messages of the client. */
  addUnreleased(messages: StoredMessages): void {
    this.restoreUnreleased(messages);
    for (const packetId of messages.received) this.context.messages.addReceived(this.clientId, packetId);
    for (const [packetId, mark] of messages.refused ?? []) this.addRefused(packetId, mark);
  }

  /** What the store knows of them. */
  restoreUnreleased({ received, refused }: StoredMessages): void {
    if (received.length > 0) this.received = new Map(received.map((packetId) => [packetId, 0]));
    if (refused !== undefined) this.refused = new Map(refused);
  }

  addRefused(packetId: number, mark: number): void {
    this.refused ??= new Map();
    this.refused.set(packetId, mark);
    if (this.isPersistent) this.context.messages.addRefused(this.clientId, packetId, mark);
  }

  /** The client uses the identifier of a message that it was refused, or knows nothing of that: its mark, or undefined if there is none. */
  takeRefused(packetId: number): number | undefined {
    const mark = this.refused?.get(packetId);
    if (mark === undefined) return undefined;
    this.refused!.delete(packetId);
    if (this.isPersistent) this.context.messages.removeRefused(this.clientId, packetId);
    return mark;
  }

  /** PUBACK: QoS 1 is over. False if no such message is in flight. */
  acknowledged(packetId: number): boolean {
    const delivery = this.outbox?.inflight.get(packetId);
    if (delivery === undefined || delivery.qos !== 1) return false;
    this.outbox!.finish(delivery, this.isPersistent);
    return true;
  }

  /** PUBREC: answers with PUBREL, or ends the delivery if the client refuses the message. */
  receivedByClient(packetId: number, reasonCode: number): void {
    const delivery = this.outbox?.inflight.get(packetId);
    if (delivery === undefined || delivery.qos !== 2) {
      this.link?.acknowledge(PacketType.Pubrel, packetId, ReasonCode.PacketIdentifierNotFound);
      return;
    }
    if (reasonCode >= 0x80) {
      this.outbox!.finish(delivery, this.isPersistent); // a refused message is over, 4.3.3
      return;
    }
    if (this.outbox!.release(delivery, this)) this.link?.acknowledge(PacketType.Pubrel, packetId, ReasonCode.Success);
  }

  /** PUBCOMP: QoS 2 is over. False if no such message is in flight. */
  completed(packetId: number): boolean {
    const delivery = this.outbox?.inflight.get(packetId);
    if (delivery === undefined || delivery.qos !== 2) return false;
    this.outbox!.finish(delivery, this.isPersistent);
    return true;
  }
}

/** What is stored of a session only where it may move between brokers. */
export function inCluster(session: Session): Pick<StoredSession, "arrivingFrom" | "moves" | "mayLack"> {
  const { arrivingFrom, moves, mayLackUntilMs, context } = session;
  const mayLack = mayLackUntilMs > context.clock.now() && { mayLack: true };
  return { ...(arrivingFrom !== undefined && { arrivingFrom }), ...(moves > 0 && { moves }), ...mayLack };
}
