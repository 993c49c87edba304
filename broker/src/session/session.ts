import type { AclRule } from "../auth/acl-rule.js";
import type { Qos } from "../codec/packet.js";
import { PacketType } from "../codec/packet.js";
import { ReasonCode } from "../codec/reason-code.js";
import type { Publication } from "../publication/publication.js";
import { DropCause } from "../sys/counters.js";
import { Delivery, DeliveryState } from "./delivery.js";
import type { Link } from "./link.js";
import { Outbox, type RetainedDelivery } from "./outbox.js";
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
  /** Packet identifiers of QoS 2 messages that have been taken and not released yet [MQTT-4.3.3-10]. */
  received: Set<number> | null = null;
  /** While the client is away: when the session ends, and when its will is due. */
  expiry: SessionExpiry | null = null;
  delayedWill: DelayedWill | null = null;
  hasEnded = false;

  constructor(clientId: string, userName: string | undefined, expirySeconds: number, context: SessionContext) {
    this.clientId = clientId;
    this.userName = userName;
    this.expirySeconds = expirySeconds;
    this.context = context;
  }

  /** Whether it outlives its connection, and therefore has to be stored. */
  get isPersistent(): boolean {
    return this.expirySeconds > 0;
  }

  get inflightCount(): number {
    return this.outbox === null ? 0 : this.outbox.inflight.size;
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
  ): void {
    if (this.hasEnded) return;
    const { link, context } = this;
    if (link !== null && !link.accepts(publication, qos, identifiers)) {
      context.counters.publishDropped[DropCause.TooLarge]!++; // [MQTT-3.1.2-25]
      return;
    }
    this.outbox ??= new Outbox(context, this.clientId);
    const { outbox } = this;
    const delivery = new Delivery(outbox.nextSequence++, publication.message(), qos, retain, identifiers, shared);
    if (link?.isWritable && outbox.canSend(link.maxInflight)) {
      outbox.store(delivery, this.isPersistent);
      outbox.start(delivery, this.isPersistent);
      link.publish(publication, qos, false, retain, delivery.packetId, identifiers);
    } else outbox.enqueue(delivery, this.isPersistent);
  }

  /** Takes a retained message for a new subscription, to be sent by `sendQueued`. */
  replay(retained: RetainedDelivery): void {
    this.outbox ??= new Outbox(this.context, this.clientId);
    this.outbox.replay(retained);
  }

  /** Sends what waits, as far as the client's window and its socket allow: first what was sent over an earlier connection. */
  sendQueued(): void {
    const { link, outbox } = this;
    if (link === null || outbox === null) return;
    outbox.sendTo(link, this);
  }

  /** A QoS 2 message of the client could not be accepted: sent again, it is a new one. */
  forgetReceived(packetId: number): void {
    if (this.received?.delete(packetId) && this.isPersistent) this.context.messages.removeReceived(this.clientId, packetId);
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
    if (delivery.state !== DeliveryState.Released) this.outbox!.release(delivery, this.isPersistent);
    this.link?.acknowledge(PacketType.Pubrel, packetId, ReasonCode.Success);
  }

  /** PUBCOMP: QoS 2 is over. False if no such message is in flight. */
  completed(packetId: number): boolean {
    const delivery = this.outbox?.inflight.get(packetId);
    if (delivery === undefined || delivery.qos !== 2) return false;
    this.outbox!.finish(delivery, this.isPersistent);
    return true;
  }
}
