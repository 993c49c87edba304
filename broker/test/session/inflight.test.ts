import { describe, expect, it } from "vitest";
import { Delivery } from "../../src/session/delivery.js";
import { Inflight } from "../../src/session/inflight.js";
import { oneOf, seededRandom } from "../topics/support.js";
import { messageOf } from "./support.js";

const MAX_PACKET_ID = 65_535;

function delivery(sequence: number, packetId = 0): Delivery {
  const made = new Delivery(sequence, messageOf(String(sequence)), 1, false, undefined, undefined);
  made.packetId = packetId;
  return made;
}

describe("Inflight", () => {
  it("numbers messages from 1, and tells the message its number [MQTT-2.2.1-4], 3.1.1 [MQTT-2.3.1-4]", () => {
    const inflight = new Inflight();
    const one = delivery(1);
    expect([inflight.add(one), one.packetId, inflight.add(delivery(2)), inflight.size]).toEqual([1, 1, 2, 2]);
    expect([inflight.get(1), inflight.get(3), inflight.get(0)]).toEqual([one, undefined, undefined]);
  });

  it("takes a number for another if only its low bits are the same", () => {
    const inflight = new Inflight();
    inflight.add(delivery(1));
    for (let shift = 1; shift <= 15; shift++) expect(inflight.get(1 + 2 ** shift)).toBeUndefined();
  });

  it("never uses 0, goes on with 1 after 65,535, and passes over what is in use [MQTT-2.2.1-3], 3.1.1 [MQTT-2.3.1-1]", () => {
    const inflight = new Inflight();
    const waiting = [delivery(1), delivery(2)];
    for (const each of waiting) inflight.add(each);
    const given = new Set<number>();
    for (let sequence = 3; sequence <= 3 * MAX_PACKET_ID; sequence++) {
      const packetId = inflight.add(delivery(sequence));
      given.add(packetId);
      inflight.remove(packetId);
    }
    expect([...[0, 1, 2, MAX_PACKET_ID + 1].map((packetId) => given.has(packetId)), given.has(3), given.has(MAX_PACKET_ID)]).toEqual([
      ...[false, false, false, false],
      ...[true, true],
    ]);
    expect(inflight.inOrder()).toEqual(waiting);
  });

  it("gives out every number there is, each once, when nothing is acknowledged", () => {
    const inflight = new Inflight();
    const given = new Set<number>();
    for (let sequence = 1; sequence <= MAX_PACKET_ID; sequence++) given.add(inflight.add(delivery(sequence)));
    expect([given.size, given.has(0), Math.max(...given), inflight.size]).toEqual([MAX_PACKET_ID, false, MAX_PACKET_ID, MAX_PACKET_ID]);
    inflight.remove(777);
    expect(inflight.add(delivery(70_000))).toBe(777);
  });

  it("lists messages in the order in which they were first sent, whatever their numbers [MQTT-4.6.0-1], 3.1.1 [MQTT-4.6.0-1]", () => {
    const inflight = new Inflight();
    for (let sequence = 1; sequence < MAX_PACKET_ID - 5; sequence++) inflight.remove(inflight.add(delivery(sequence)));
    const sequences = Array.from({ length: 40 }, (_, i) => 100_000 + i);
    for (const sequence of sequences) inflight.add(delivery(sequence));
    expect(inflight.inOrder().map(({ sequence }) => sequence)).toEqual(sequences);
    expect(inflight.inOrder().some(({ packetId }) => packetId < 40) && inflight.inOrder()[0]!.packetId > 65_000).toBe(true);
  });

  it("takes in stored messages with the numbers they had, also those whose low bits are the same, and goes on behind the last", () => {
    const inflight = new Inflight();
    const stored = [5, 21, 37, 65_535, 5 + 32_768, 9].map((packetId, i) => delivery(i + 1, packetId));
    for (const each of stored) inflight.restore(each);
    expect(stored.map(({ packetId }) => inflight.get(packetId))).toEqual(stored);
    expect([inflight.inOrder(), inflight.size, inflight.add(delivery(7))]).toEqual([stored, 6, 10]);
  });

  it.each([1, 2, 3])("finds what it has and nothing else, whatever is acknowledged when (seed %i)", (seed) => {
    const random = seededRandom(seed);
    const inflight = new Inflight();
    const expected = new Map<number, Delivery>();
    for (let step = 1; step <= 30_000; step++) {
      if (random() < (Math.floor(step / 3_000) % 2 === 0 ? 0.55 : 0.45) || expected.size === 0) {
        const added = delivery(step);
        const packetId = inflight.add(added);
        expect(expected.has(packetId)).toBe(false);
        expected.set(packetId, added);
      } else {
        // Mostly the oldest, as clients do.
        const packetId = random() < 0.8 ? expected.keys().next().value! : oneOf([...expected.keys()], random);
        inflight.remove(packetId);
        expected.delete(packetId);
        expect(inflight.get(packetId)).toBeUndefined();
      }
      expect(inflight.size).toBe(expected.size);
    }
    for (const [packetId, kept] of expected) expect(inflight.get(packetId)).toBe(kept);
    expect(inflight.inOrder()).toEqual([...expected.values()].sort((a, b) => a.sequence - b.sequence));
  });
});
