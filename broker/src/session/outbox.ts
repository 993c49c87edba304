import { PacketType } from "../codec/packet.js";
import { ReasonCode } from "../codec/reason-code.js";
import type { Message } from "../message.js";
import { Publication } from "../publication/publication.js";
import { Topic } from "../publication/topic.js";
import { DropCause } from "../sys/counters.js";
import { type CommitWaiter, NOTHING_TO_AWAIT } from "./commits.js";
import { Delivery, DeliveryState } from "./delivery.js";
import { DeliveryQueue } from "./delivery-queue.js";
import { Inflight } from "./inflight.js";
import type { Link } from "./link.js";
import { Queue } from "./queue.js";
import { RetainedReplay, type RetainedSource } from "./retained-replay.js";
import type { SessionContext } from "./session-context.js";

/** Takes all that waits, one after the other. */
const ANY = { isWindowOpen: true };

/** The session, as far as its messages are concerned: they are stored if it outlives its connection. */
interface PersistentOrNot extends CommitWaiter {
  readonly isPersistent: boolean;
}

/** QoS 1 and 2 messages for one session: in flight, to be sent again after a reconnect, and queued. */
export class Outbox {
  readonly inflight = new Inflight();
  readonly queue = new DeliveryQueue();
  /** In flight and not sent over this connection yet: since an earlier one, or because the store does not have it yet; and what follows. */
  #unsent: Queue<Delivery> | null = null;
  /** PUBREC has come, and PUBREL may not leave before the store has that [MQTT-4.6.0-4]. */
  #unreleased: Queue<Delivery> | null = null;
  /** The last group commit that the session waits for. */
  #group = 0;
  /** Retained messages for new subscriptions: they wait outside the queue, which could not hold a million of them. */
  #retained: RetainedReplay | null = null;
  nextSequence = 1;
  /** Messages that were given a sequence here. */
  delivered = 0;
  /** Messages for which there was no room. */
  dropped = 0;
  readonly #context: SessionContext;
  readonly #clientId: string;

  constructor(context: SessionContext, clientId: string) {
    this.#context = context;
    this.#clientId = clientId;
  }

  get queuedBytes(): number {
    return this.queue.bytes;
  }

  /** The sequence of a message that comes to the session. */
  nextNumber(): number {
    this.delivered++;
    return this.nextSequence++;
  }

  /** Whether a new message may be started at once: none waits before it, and the window has room [MQTT-3.3.4-9]. */
  canStart(maxInflight: number): boolean {
    return this.queue.length === 0 && this.#isOpen(maxInflight);
  }

  /** Whether the window has room. One message always fits, however long it is. */
  #isOpen(maxInflight: number): boolean {
    return this.inflight.size < maxInflight && this.inflight.bytes < this.#context.maxInflightBytes;
  }

  /** Keeps a message for later; false: it was dropped, as too much waits already. What is in flight is never dropped. */
  enqueue(delivery: Delivery, isPersistent: boolean): boolean {
    const { publishDropped } = this.#context.counters;
    if (this.#isAllFull(delivery)) {
      publishDropped[DropCause.BrokerFull]!++;
      this.dropped++;
      return true; // nothing that this client could help
    }
    let victim = this.queue.giveWay(delivery, this.#context);
    for (; victim; victim = this.queue.giveWay(delivery, this.#context)) {
      publishDropped[victim.qos === 0 ? DropCause.QueueFullQos0 : DropCause.QueueFullOldest]!++;
      this.dropped++;
      this.drop(victim, isPersistent);
    }
    if (victim === null) {
      publishDropped[delivery.qos === 0 ? DropCause.QueueFullQos0 : DropCause.QueueFull]!++;
      this.dropped++;
      return delivery.qos === 0;
    }
    this.queue.push(delivery);
    this.store(delivery, isPersistent);
    return true;
  }

  /** Whether all sessions together hold as much as they may. */
  #isAllFull({ message }: Delivery): boolean {
    const { held, maxHeldBytes, overload } = this.#context;
    return overload.memory || held.bytes + message.payload.length > maxHeldBytes;
  }

  /** Takes in what was stored of a session, in order. */
  restore(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) {
      this.nextSequence = Math.max(this.nextSequence, delivery.sequence + 1);
      this.#hold(delivery);
      if (delivery.state !== DeliveryState.Queued) {
        delivery.wasSent = true;
        delivery.group = NOTHING_TO_AWAIT;
        this.inflight.restore(delivery);
        continue;
      }
      this.queue.push(delivery);
    }
  }

  /** Takes out all that waits, in order; it is still held, and stored. */
  takeAll(): Delivery[] {
    const all: Delivery[] = [];
    for (let next = this.queue.next(ANY); next !== undefined; next = this.queue.next(ANY)) all.push(next);
    return all;
  }

  /** All that is stored of a session that outlives its connection, in order. */
  stored(): Delivery[] {
    return [...this.inflight.inOrder(), ...this.queue].filter(({ qos }) => qos > 0);
  }

  store(delivery: Delivery, isPersistent: boolean): void {
    this.#hold(delivery);
    if (this.#isStored(delivery, isPersistent)) this.#context.messages.add(this.#clientId, delivery);
  }

  /** The session ends with its connection from now on, and the store has nothing of it: stores what is kept of such a session. */
  storeGroupMessages(): void {
    for (const delivery of this.stored()) if (this.#isStored(delivery, false)) this.#context.messages.add(this.#clientId, delivery);
  }

  #isStored({ qos, shared }: Delivery, isPersistent: boolean): boolean {
    return qos > 0 && (isPersistent || (shared !== undefined && this.#context.keepsGroupMessages));
  }

  /**
   * Gives the message a packet identifier. True: the caller sends it, now. False: it is sent by `sendTo`, as the store has to have it
   * before, or something else is sent before it.
   */
  start(delivery: Delivery, session: PersistentOrNot): boolean {
    this.inflight.add(delivery);
    delivery.state = DeliveryState.Sent;
    if (this.#isStored(delivery, session.isPersistent)) this.#context.messages.update(this.#clientId, delivery);
    if (delivery.qos === 2 && mayNotPrecedeStore(delivery, session.isPersistent)) this.#awaitStore(delivery, session);
    if (this.#unsent === null && this.#isDurable(delivery)) {
      delivery.wasSent = true;
      return true;
    }
    this.#unsent ??= new Queue();
    this.#unsent.push(delivery);
    return false;
  }

  /** PUBREC has come. True: the caller sends PUBREL, now. False: it has been, or is sent by `sendTo` when the store has it. */
  release(delivery: Delivery, session: PersistentOrNot): boolean {
    if (delivery.state !== DeliveryState.Released) {
      delivery.state = DeliveryState.Released;
      if (!session.isPersistent) return true;
      this.#context.messages.update(this.#clientId, delivery);
      this.#awaitStore(delivery, session);
      if (this.#unreleased === null && this.#isDurable(delivery)) return true;
      this.#unreleased ??= new Queue();
      this.#unreleased.push(delivery);
      return false;
    }
    return !session.isPersistent || this.#isDurable(delivery); // a second PUBREC
  }

  /** QoS 2 is exactly once only if no packet of it leaves that a broker started after this one would not know of. */
  #awaitStore(delivery: Delivery, session: PersistentOrNot): void {
    const { commits } = this.#context;
    delivery.group = commits.current();
    if (delivery.group <= this.#group) return;
    this.#group = delivery.group;
    commits.wait(session);
  }

  #isDurable({ group }: Delivery): boolean {
    return group === NOTHING_TO_AWAIT || this.#context.commits.has(group);
  }

  finish(delivery: Delivery, isPersistent: boolean): void {
    delivery.state = DeliveryState.Done;
    this.inflight.remove(delivery.packetId);
    this.drop(delivery, isPersistent);
  }

  /**
   * Forgets messages that the client may not have any more, by their topic, or the filter they are retained for: what waits, and while it is
   * away what would be sent again as well.
   */
  discard(
    isOwed: (topicOrFilter: string) => boolean,
    { isPersistent, link }: { readonly isPersistent: boolean; readonly link: Link | null },
  ): void {
    const { publishDropped } = this.#context.counters;
    const owed: Delivery[] = [];
    for (let next = this.queue.next(ANY); next !== undefined; next = this.queue.next(ANY)) {
      if (isOwed(next.message.topic)) owed.push(next);
      else {
        publishDropped[DropCause.NotAuthorized]!++;
        this.drop(next, isPersistent);
      }
    }
    for (const delivery of owed) this.queue.push(delivery);
    this.#retained?.discard(isOwed);
    if (link !== null) return;
    for (const delivery of this.inflight.inOrder()) {
      if (delivery.state !== DeliveryState.Sent || isOwed(delivery.message.topic)) continue;
      publishDropped[DropCause.NotAuthorized]!++;
      this.finish(delivery, isPersistent);
    }
  }

  /** The session has ended: nothing is held for it any more. */
  letGo(): void {
    const { held } = this.#context;
    for (const delivery of [...this.inflight.inOrder(), ...this.queue]) {
      held.messages--;
      held.bytes -= delivery.message.payload.length;
    }
  }

  #hold({ message }: Delivery): void {
    const { held } = this.#context;
    held.messages++;
    held.bytes += message.payload.length;
  }

  /** Holds and stores a message no more that was taken out. */
  drop(delivery: Delivery, isPersistent: boolean): void {
    const { held, messages } = this.#context;
    held.messages--;
    held.bytes -= delivery.message.payload.length;
    if (this.#isStored(delivery, isPersistent)) messages.remove(this.#clientId, delivery);
  }

  /** What is in flight has to be sent again, in its order, over the connection that follows [MQTT-4.4.0-1]. */
  resume(): void {
    this.#unreleased = null; // all of it is in flight
    if (this.inflight.size === 0) return;
    this.#unsent = new Queue();
    for (const delivery of this.inflight.inOrder()) this.#unsent.push(delivery);
  }

  replay(retained: RetainedSource): void {
    this.#retained ??= new RetainedReplay();
    this.#retained.add(retained);
  }

  /** The client has unsubscribed: nothing is added for that filter any more [MQTT-3.10.4-2]. */
  endReplay(topicFilter: string): void {
    this.#retained?.discard((filter) => filter !== topicFilter);
  }

  /** The connection has gone: who comes back subscribes anew, or does not want what is retained. */
  dropRetained(): void {
    this.#retained = null;
  }

  sendTo(link: Link, session: PersistentOrNot): void {
    if (this.#unreleased !== null) this.#sendReleases(link, session);
    if (this.#unsent !== null) this.#sendUnsent(link, session);
    // What is new follows in flight behind what the store does not have yet; no room there means none for this either.
    if (this.#retained !== null) this.#sendRetained(link, session);
    while (this.queue.length > 0 && link.isWritable) {
      const delivery = this.queue.next({ isWindowOpen: this.#isOpen(link.maxInflight) });
      if (delivery === undefined) return;
      this.#sendFirst(delivery, this.#publicationOf(delivery.message), link, session);
    }
  }

  #sendRetained(link: Link, session: PersistentOrNot): void {
    const retained = this.#retained!;
    while (link.isWritable) {
      const next = retained.peek();
      if (next === undefined) {
        if (retained.size === 0) this.#retained = null;
        return;
      }
      const { message, qos, identifiers } = next;
      if (qos > 0 && !this.#isOpen(link.maxInflight)) return;
      retained.take();
      if (message.expiresAtMs <= this.#context.clock.now()) continue;
      const publication = this.#publicationOf(message);
      if (qos === 0)
        link.forward(publication, true, identifiers); // 3.3.1.3, 3.1.1 [MQTT-3.3.1-8]
      else {
        const delivery = new Delivery(this.nextNumber(), message, qos, true, identifiers, undefined);
        this.store(delivery, session.isPersistent);
        this.#sendFirst(delivery, publication, link, session);
      }
    }
  }

  #sendReleases(link: Link, { isPersistent }: PersistentOrNot): void {
    const unreleased = this.#unreleased!;
    for (let next = unreleased.peek(); next !== undefined; next = unreleased.peek()) {
      if (isPersistent && !this.#isDurable(next)) return;
      unreleased.shift();
      if (next.state === DeliveryState.Released) link.acknowledge(PacketType.Pubrel, next.packetId, ReasonCode.Success);
    }
    this.#unreleased = null;
  }

  #sendUnsent(link: Link, { isPersistent }: PersistentOrNot): void {
    const unsent = this.#unsent!;
    while (unsent.length > 0 && link.isWritable && this.inflight.size - unsent.length < link.maxInflight) {
      const delivery = unsent.peek()!;
      if (mayNotPrecedeStore(delivery, isPersistent) && !this.#isDurable(delivery)) return;
      unsent.shift();
      const { packetId, qos, retain, identifiers, state, wasSent } = delivery;
      if (state === DeliveryState.Released) link.acknowledge(PacketType.Pubrel, packetId, ReasonCode.Success);
      else if (state === DeliveryState.Sent) {
        const publication = this.#publicationOf(delivery.message);
        if (!this.#mayBeSent(delivery, publication, link)) this.finish(delivery, isPersistent);
        else {
          delivery.wasSent = true;
          link.publish(publication, qos, wasSent, retain, packetId, identifiers); // [MQTT-3.3.1-1]
        }
      }
    }
    if (unsent.length === 0) this.#unsent = null;
  }

  #sendFirst(delivery: Delivery, publication: Publication, link: Link, session: PersistentOrNot): void {
    if (!this.#mayBeSent(delivery, publication, link)) {
      this.drop(delivery, session.isPersistent);
      return;
    }
    if (delivery.qos === 0) {
      this.drop(delivery, session.isPersistent);
      link.forward(publication, delivery.retain, delivery.identifiers);
      return;
    }
    if (!this.start(delivery, session)) return;
    link.publish(publication, delivery.qos, false, delivery.retain, delivery.packetId, delivery.identifiers);
  }

  /** Whether the message still has to be delivered, and can be over this connection; counts it as dropped if not. */
  #mayBeSent({ message, qos, identifiers, wasSent }: Delivery, publication: Publication, link: Link): boolean {
    const isExpired = !wasSent && message.expiresAtMs <= this.#context.clock.now(); // [MQTT-3.3.2-5]
    if (!isExpired && link.accepts(publication, qos, identifiers)) return true; // if not for the connection before [MQTT-3.1.2-25]
    this.#context.counters.publishDropped[isExpired ? DropCause.Expired : DropCause.TooLarge]!++;
    return false;
  }

  #publicationOf(message: Message): Publication {
    const publication = new Publication();
    publication.load(message, Topic.named(message.topic), this.#context.clock.now());
    return publication;
  }
}

/** Of a group another member gets it, if the broker forgets that it had it. */
const mayNotPrecedeStore = ({ shared }: Delivery, isPersistent: boolean): boolean => isPersistent || shared !== undefined;
