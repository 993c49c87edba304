import { type Delivery, queuedBytes } from "./delivery.js";
import { Queue } from "./queue.js";
import type { SessionLimits } from "./session-context.js";

/** What keeps a message out of a queue, or takes it out again before it was sent. */
export type QueueBounds = Pick<SessionLimits, "maxQueuedMessages" | "maxQueuedBytes" | "queueOverflow">;

/**
 * What waits for one session, within bounds of count and bytes: QoS 1 and 2 messages in order, and apart from them those at QoS 0, which
 * give way first and which no window holds back.
 */
export class DeliveryQueue {
  readonly #ordered = new Queue<Delivery>();
  /** At QoS 0; null while there are none, as usual. */
  #loose: Queue<Delivery> | null = null;
  #bytes = 0;

  get length(): number {
    return this.#ordered.length + this.looseLength;
  }

  /** QoS 0 messages among them. */
  get looseLength(): number {
    return this.#loose === null ? 0 : this.#loose.length;
  }

  /** What they count for: `queuedBytes` of each. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a message whatever the bounds are: it was stored, or has been given room. */
  push(delivery: Delivery): void {
    this.#bytes += queuedBytes(delivery);
    if (delivery.qos > 0) this.#ordered.push(delivery);
    else {
      this.#loose ??= new Queue();
      this.#loose.push(delivery);
    }
  }

  /**
   * One step of making room for a message: undefined if there is room; else the message that has to go for it, which is taken out; null if
   * it is the new one that has to go. QoS 0 goes first, the oldest of it; what goes next is for `queueOverflow` to say.
   */
  giveWay(delivery: Delivery, { maxQueuedMessages, maxQueuedBytes, queueOverflow }: QueueBounds): Delivery | null | undefined {
    const bytes = queuedBytes(delivery);
    if (bytes > maxQueuedBytes || maxQueuedMessages === 0) return null;
    if (this.length < maxQueuedMessages && this.#bytes + bytes <= maxQueuedBytes) return undefined;
    const isOldest = queueOverflow === "drop-oldest";
    if (this.looseLength > 0 && (delivery.qos > 0 || isOldest)) return this.#take(this.#loose!);
    if (this.#ordered.length > 0 && delivery.qos > 0 && isOldest) return this.#take(this.#ordered);
    return null;
  }

  /** Takes out what is to be sent next, as it came; while the window is shut, the next at QoS 0. Undefined: nothing may be sent. */
  next({ isWindowOpen }: { readonly isWindowOpen: boolean }): Delivery | undefined {
    const ordered = isWindowOpen ? this.#ordered.peek() : undefined;
    const loose = this.#loose?.peek();
    if (loose === undefined) return ordered === undefined ? undefined : this.#take(this.#ordered);
    return this.#take(ordered !== undefined && ordered.sequence < loose.sequence ? this.#ordered : this.#loose!);
  }

  *[Symbol.iterator](): Iterator<Delivery> {
    yield* this.#ordered;
    if (this.#loose !== null) yield* this.#loose;
  }

  #take(queue: Queue<Delivery>): Delivery {
    const delivery = queue.shift()!;
    this.#bytes -= queuedBytes(delivery);
    if (queue === this.#loose && queue.length === 0) this.#loose = null;
    return delivery;
  }
}
