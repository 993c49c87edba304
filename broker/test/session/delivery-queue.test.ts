import { describe, expect, it } from "vitest";
import type { Qos } from "../../src/codec/packet.js";
import { Delivery, queuedBytes } from "../../src/session/delivery.js";
import { DeliveryQueue, type QueueBounds } from "../../src/session/delivery-queue.js";
import { messageOf } from "./support.js";

const BOUNDS: QueueBounds = { maxQueuedMessages: 3, maxQueuedBytes: 1_000_000, queueOverflow: "drop-newest" };
const OLDEST: QueueBounds = { ...BOUNDS, queueOverflow: "drop-oldest" };

function deliveryOf(sequence: number, qos: Qos, payload = String(sequence)): Delivery {
  return new Delivery(sequence, messageOf(payload, { qos }), qos, false, undefined, undefined);
}

function queueOf(...qos: readonly Qos[]): DeliveryQueue {
  const queue = new DeliveryQueue();
  for (const [index, each] of qos.entries()) queue.push(deliveryOf(index + 1, each));
  return queue;
}

const sequenceOf = (delivery: Delivery | null | undefined) => delivery?.sequence ?? delivery;
const sequences = (queue: DeliveryQueue) => [...queue].map(({ sequence }) => sequence);

/** Takes out all that may be sent. */
function drained(queue: DeliveryQueue, isWindowOpen: boolean): number[] {
  const taken: number[] = [];
  for (let next = queue.next({ isWindowOpen }); next !== undefined; next = queue.next({ isWindowOpen })) taken.push(next.sequence);
  return taken;
}

describe("DeliveryQueue", () => {
  it("gives out messages of every QoS in the order in which they came", () => {
    const queue = queueOf(1, 0, 2, 0, 0, 1);
    expect([queue.length, queue.looseLength]).toEqual([6, 3]);
    expect(drained(queue, true)).toEqual([1, 2, 3, 4, 5, 6]);
    expect([queue.length, queue.bytes]).toEqual([0, 0]);
  });

  it("gives out QoS 0 alone while the window is shut", () => {
    const queue = queueOf(1, 0, 2, 0);
    expect([drained(queue, false), sequences(queue)]).toEqual([
      [2, 4],
      [1, 3],
    ]);
  });

  it("counts what its messages take", () => {
    const queue = new DeliveryQueue();
    const [small, large] = [deliveryOf(1, 1, "x"), deliveryOf(2, 0, "x".repeat(500))];
    queue.push(small);
    queue.push(large);
    expect(queue.bytes).toBe(queuedBytes(small) + queuedBytes(large));
    queue.next({ isWindowOpen: true });
    expect(queue.bytes).toBe(queuedBytes(large));
  });

  it.each([BOUNDS, OLDEST])("has room below its bounds ($queueOverflow)", (bounds) => {
    expect(queueOf(1, 1).giveWay(deliveryOf(3, 1), bounds)).toBeUndefined();
  });

  it.each([
    ["drop-newest", 1, [0, 0, 1], 1],
    ["drop-newest", 2, [1, 0, 0], 2],
    ["drop-oldest", 1, [1, 1, 0], 3],
    ["drop-oldest", 0, [0, 0, 1], 1],
  ] as const)("lets QoS 0 go first, the oldest of it (%s, QoS %i for %j)", (queueOverflow, qos, held, expected) => {
    expect(sequenceOf(queueOf(...held).giveWay(deliveryOf(9, qos), { ...BOUNDS, queueOverflow }))).toBe(expected);
  });

  it.each([
    ["drop-newest", 1, [1, 1, 2], null],
    ["disconnect", 1, [1, 1, 2], null],
    ["drop-newest", 0, [0, 0, 0], null],
    ["drop-oldest", 1, [2, 1, 1], 1],
    ["drop-oldest", 0, [1, 1, 1], null],
  ] as const)("then goes by the setting (%s, QoS %i for %j)", (queueOverflow, qos, held, expected) => {
    expect(sequenceOf(queueOf(...held).giveWay(deliveryOf(9, qos), { ...BOUNDS, queueOverflow }))).toBe(expected);
  });

  it("makes as much room as a long message needs, and none for one that can never fit", () => {
    const queue = queueOf(1, 1, 1);
    const bounds = { ...OLDEST, maxQueuedBytes: queue.bytes };
    const long = deliveryOf(9, 1, "x".repeat(320)); // as much as two of the others
    expect(sequenceOf(queue.giveWay(long, bounds))).toBe(1);
    expect(sequenceOf(queue.giveWay(long, bounds))).toBe(2);
    expect(sequences(queue)).toEqual([3]);
    expect(queue.giveWay(deliveryOf(10, 1, "x".repeat(10_000)), bounds)).toBeNull();
    expect(sequences(queue)).toEqual([3]);
  });

  it("holds nothing if it may hold nothing", () => {
    expect(new DeliveryQueue().giveWay(deliveryOf(1, 1), { ...OLDEST, maxQueuedMessages: 0 })).toBeNull();
  });
});
