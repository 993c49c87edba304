import { type Delivery, queuedBytes } from "./delivery.js";

const INITIAL_SLOTS = 16;
const MAX_PACKET_ID = 65_535;
/** A slot for each identifier: no message can be in another's. */
const FULL_MASK = 0xffff;

/**
 * Messages sent and not acknowledged, by packet identifier.
 *
 * Identifiers are handed out in turn, so their low bits tell the messages of a window apart: a slot each, in an array as large as the
 * window needs. An identifier whose slot is taken, by a message that waits unusually long, is passed over.
 */
export class Inflight {
  #slots: (Delivery | undefined)[] = new Array(INITIAL_SLOTS).fill(undefined);
  #mask = INITIAL_SLOTS - 1;
  #next = 1;
  #size = 0;
  #bytes = 0;

  get size(): number {
    return this.#size;
  }

  /** What they count for: `queuedBytes` of each. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Gives the delivery a packet identifier that is not in use [MQTT-2.2.1-4]. There must be less than 65,535 of them. */
  add(delivery: Delivery): number {
    if (this.#size * 2 > this.#mask && this.#mask < FULL_MASK) this.#grow();
    while (this.#slots[this.#next & this.#mask] !== undefined) this.#step();
    const packetId = this.#next;
    delivery.packetId = packetId;
    this.#slots[packetId & this.#mask] = delivery;
    this.#size++;
    this.#bytes += queuedBytes(delivery);
    this.#step();
    return packetId;
  }

  /** Takes in a delivery that had its packet identifier before: one that was stored. */
  restore(delivery: Delivery): void {
    if (this.get(delivery.packetId) !== undefined) throw new Error(`packet identifier ${delivery.packetId} is in flight twice`);
    while (this.#slots[delivery.packetId & this.#mask] !== undefined) this.#grow();
    this.#slots[delivery.packetId & this.#mask] = delivery;
    this.#size++;
    this.#bytes += queuedBytes(delivery);
    this.#next = delivery.packetId;
    this.#step();
  }

  get(packetId: number): Delivery | undefined {
    const delivery = this.#slots[packetId & this.#mask];
    return delivery?.packetId === packetId ? delivery : undefined;
  }

  /** Takes out a delivery that is there. */
  remove(packetId: number): void {
    const slot = packetId & this.#mask;
    this.#bytes -= queuedBytes(this.#slots[slot]!);
    this.#slots[slot] = undefined;
    this.#size--;
  }

  /** All of them in the order in which they were first sent, which is that of sending them again [MQTT-4.6.0-1]. */
  inOrder(): Delivery[] {
    return this.#slots.filter((delivery) => delivery !== undefined).sort((a, b) => a.sequence - b.sequence);
  }

  #step(): void {
    this.#next = this.#next === MAX_PACKET_ID ? 1 : this.#next + 1;
  }

  #grow(): void {
    const old = this.#slots;
    this.#mask = Math.min(this.#mask * 2 + 1, FULL_MASK);
    this.#slots = new Array(this.#mask + 1).fill(undefined);
    for (const delivery of old) if (delivery !== undefined) this.#slots[delivery.packetId & this.#mask] = delivery;
  }
}
