import { PacketType, type Qos } from "../codec/packet.js";
import { ReasonCode } from "../codec/reason-code.js";
import type { Message } from "../message.js";
import { Publication } from "../publication/publication.js";
import { Topic } from "../publication/topic.js";
import { DropCause } from "../sys/counters.js";
import { Delivery, DeliveryState, queuedBytes } from "./delivery.js";
import { Inflight } from "./inflight.js";
import type { Link } from "./link.js";
import { Queue } from "./queue.js";
import type { SessionContext } from "./session-context.js";

/** A retained message on its way to a new subscription. */
export interface RetainedDelivery {
  readonly message: Message;
  readonly qos: Qos;
  readonly identifiers: readonly number[] | undefined;
}

/** QoS 1 and 2 messages for one session: in flight, to be sent again after a reconnect, and queued. */
export class Outbox {
  readonly inflight = new Inflight();
  readonly queue = new Queue<Delivery>();
  /** In flight since an earlier connection, and not sent over this one yet. */
  #unsent: Queue<Delivery> | null = null;
  /** Retained messages for new subscriptions: they wait outside the queue, which could not hold a million of them. */
  #retained: Queue<RetainedDelivery> | null = null;
  #queuedBytes = 0;
  nextSequence = 1;
  readonly #context: SessionContext;
  readonly #clientId: string;

  constructor(context: SessionContext, clientId: string) {
    this.#context = context;
    this.#clientId = clientId;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Whether a new message may go out at once: nothing waits before it, and the window has room [MQTT-3.3.4-9]. */
  canSend(maxInflight: number): boolean {
    return this.queue.length === 0 && this.#unsent === null && this.inflight.size < maxInflight;
  }

  /** Keeps a message for later, or drops it if too much waits already. */
  enqueue(delivery: Delivery, isPersistent: boolean): void {
    const { counters, maxQueuedMessages, maxQueuedBytes } = this.#context;
    const bytes = queuedBytes(delivery);
    if (this.queue.length >= maxQueuedMessages || this.#queuedBytes + bytes > maxQueuedBytes) {
      counters.publishDropped[DropCause.QueueFull]!++;
      return;
    }
    this.#queuedBytes += bytes;
    this.queue.push(delivery);
    this.store(delivery, isPersistent);
  }

  /** Takes in what was stored of a session, in order. */
  restore(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) {
      this.nextSequence = Math.max(this.nextSequence, delivery.sequence + 1);
      this.#hold(delivery);
      if (delivery.state !== DeliveryState.Queued) {
        this.inflight.restore(delivery);
        continue;
      }
      this.#queuedBytes += queuedBytes(delivery);
      this.queue.push(delivery);
    }
  }

  store(delivery: Delivery, isPersistent: boolean): void {
    this.#hold(delivery);
    if (isPersistent) this.#context.messages.add(this.#clientId, delivery);
  }

  /** Gives the message a packet identifier; the caller sends it. */
  start(delivery: Delivery, isPersistent: boolean): void {
    this.inflight.add(delivery);
    delivery.state = DeliveryState.Sent;
    if (isPersistent) this.#context.messages.update(this.#clientId, delivery);
  }

  release(delivery: Delivery, isPersistent: boolean): void {
    delivery.state = DeliveryState.Released;
    if (isPersistent) this.#context.messages.update(this.#clientId, delivery);
  }

  finish(delivery: Delivery, isPersistent: boolean): void {
    delivery.state = DeliveryState.Done;
    this.inflight.remove(delivery.packetId);
    this.#drop(delivery, isPersistent);
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

  #drop(delivery: Delivery, isPersistent: boolean): void {
    const { held, messages } = this.#context;
    held.messages--;
    held.bytes -= delivery.message.payload.length;
    if (isPersistent) messages.remove(this.#clientId, delivery);
  }

  /** What is in flight has to be sent again, in its order, over the connection that follows [MQTT-4.4.0-1]. */
  resume(): void {
    if (this.inflight.size === 0) return;
    this.#unsent = new Queue();
    for (const delivery of this.inflight.inOrder()) this.#unsent.push(delivery);
  }

  replay(retained: RetainedDelivery): void {
    this.#retained ??= new Queue();
    this.#retained.push(retained);
  }

  /** The connection has gone: who comes back subscribes anew, or does not want what is retained. */
  dropRetained(): void {
    this.#retained = null;
  }

  sendTo(link: Link, { isPersistent }: { readonly isPersistent: boolean }): void {
    if (this.#unsent !== null) this.#sendAgain(link, isPersistent);
    if (this.#unsent !== null) return;
    if (this.#retained !== null) this.#sendRetained(link, isPersistent);
    while (this.queue.length > 0 && link.isWritable && this.inflight.size < link.maxInflight) {
      const delivery = this.queue.shift()!;
      this.#queuedBytes -= queuedBytes(delivery);
      this.#sendFirst(delivery, this.#publicationOf(delivery.message), link, isPersistent);
    }
  }

  #sendRetained(link: Link, isPersistent: boolean): void {
    const retained = this.#retained!;
    while (retained.length > 0 && link.isWritable) {
      const { message, qos, identifiers } = retained.peek()!;
      if (qos > 0 && this.inflight.size >= link.maxInflight) return;
      retained.shift();
      if (message.expiresAtMs <= this.#context.clock.now()) continue;
      const publication = this.#publicationOf(message);
      if (qos === 0)
        link.forward(publication, true, identifiers); // 3.3.1.3, 3.1.1 [MQTT-3.3.1-8]
      else {
        const delivery = new Delivery(this.nextSequence++, message, qos, true, identifiers, undefined);
        this.store(delivery, isPersistent);
        this.#sendFirst(delivery, publication, link, isPersistent);
      }
    }
    if (retained.length === 0) this.#retained = null;
  }

  #sendAgain(link: Link, isPersistent: boolean): void {
    const unsent = this.#unsent!;
    while (unsent.length > 0 && link.isWritable && this.inflight.size - unsent.length < link.maxInflight) {
      const delivery = unsent.shift()!;
      const { packetId, qos, retain, identifiers } = delivery;
      if (delivery.state === DeliveryState.Released) link.acknowledge(PacketType.Pubrel, packetId, ReasonCode.Success);
      else if (delivery.state === DeliveryState.Sent) {
        const publication = this.#publicationOf(delivery.message);
        if (link.accepts(publication, qos, identifiers)) {
          link.publish(publication, qos, true, retain, packetId, identifiers); // [MQTT-3.3.1-1]
        } else {
          this.#context.counters.publishDropped[DropCause.TooLarge]!++; // for this connection, if not for the one before [MQTT-3.1.2-25]
          this.finish(delivery, isPersistent);
        }
      }
    }
    if (unsent.length === 0) this.#unsent = null;
  }

  #sendFirst(delivery: Delivery, publication: Publication, link: Link, isPersistent: boolean): void {
    const { counters, clock } = this.#context;
    const { message, qos, retain, identifiers } = delivery;
    const isExpired = message.expiresAtMs <= clock.now(); // [MQTT-3.3.2-5]
    if (isExpired || !link.accepts(publication, qos, identifiers)) {
      counters.publishDropped[isExpired ? DropCause.Expired : DropCause.TooLarge]!++;
      this.#drop(delivery, isPersistent);
      return;
    }
    this.start(delivery, isPersistent);
    link.publish(publication, qos, false, retain, delivery.packetId, identifiers);
  }

  #publicationOf(message: Message): Publication {
    const publication = new Publication();
    publication.load(message, Topic.named(message.topic), this.#context.clock.now());
    return publication;
  }
}
