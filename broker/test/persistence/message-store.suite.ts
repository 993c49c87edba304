import { afterEach, beforeEach, describe, expect, it, type TestContext } from "vitest";
import type { Qos } from "../../src/codec/packet.js";
import type { Message } from "../../src/message.js";
import type { MessageStore } from "../../src/persistence/message-store.js";
import { Delivery, DeliveryState } from "../../src/session/delivery.js";
import { Session } from "../../src/session/session.js";
import { Subscription } from "../../src/session/subscription.js";
import { messageOf, optionsOf, sessionContext } from "../session/support.js";
import { oneOf, seededRandom } from "../topics/support.js";

export interface OpenMessageStore {
  readonly store: MessageStore;
  /** The store as a broker finds it that starts after this one has gone; for stores that outlive the process. */
  readonly reopen?: () => Promise<MessageStore>;
  readonly close?: () => Promise<void>;
}

/** What the broker relies on in every store of messages. */
export function describeMessageStore(name: string, open: (context: TestContext) => OpenMessageStore | Promise<OpenMessageStore>): void {
  describe(name, () => {
    let opened: OpenMessageStore;
    let store: MessageStore;

    beforeEach(async (context) => {
      opened = await open(context);
      store = opened.store;
    });

    afterEach(() => opened.close?.());

    const deliveryOf = (sequence: number, fields: Partial<Message> = {}, identifiers?: readonly number[]) =>
      new Delivery(sequence, messageOf(`text ${sequence}`, fields), 1, false, identifiers, undefined);

    async function found(clientId = "c") {
      await store.commit();
      return ((await opened.reopen?.()) ?? store).load(clientId);
    }

    /** What has to be the same of a delivery, whether it is the same object or not. */
    const comparable = ({ sequence, message, qos, retain, identifiers, packetId, state, shared }: Delivery) => ({
      ...{ sequence, qos, retain, identifiers, packetId, state },
      message: { ...message, payload: Buffer.from(message.payload) },
      shared: shared?.topicFilter,
    });

    async function foundDeliveries(clientId?: string) {
      return (await found(clientId)).deliveries.map(comparable);
    }

    it("has nothing of a client it does not know", async () => {
      expect(await found()).toEqual({ deliveries: [], received: [] });
    });

    it("gives back messages with all that belongs to them", async () => {
      const plain = deliveryOf(1);
      const message: Partial<Message> = {
        topic: "a/é",
        payload: new Uint8Array([0, 255]),
        qos: 2,
        retain: true,
        properties: { contentType: "x", correlationData: new Uint8Array([1]), userProperties: [["k", "v"]] },
        expiresAtMs: 1_700_000_000_123,
        publisher: "p/é",
      };
      const member = new Subscription(new Session("c", undefined, 60, sessionContext()), optionsOf("$share/g/a/#"));
      const rich = new Delivery(2, messageOf("", message), 2, true, [1, 268_435_455], member);
      for (const delivery of [plain, rich]) store.add("c", delivery);
      expect(await foundDeliveries()).toEqual([plain, rich].map(comparable));
    });

    it("keeps the order of the sequence, and each session's messages apart", async () => {
      for (const sequence of [1, 2, 3, 300, 70_000, 2 ** 40]) store.add("c", deliveryOf(sequence));
      store.add("d", deliveryOf(2, { topic: "of d" }));
      store.add("", deliveryOf(2, { topic: "of the empty identifier" }));
      store.remove("c", deliveryOf(3));
      expect((await foundDeliveries()).map(({ sequence }) => sequence)).toEqual([1, 2, 300, 70_000, 2 ** 40]);
      expect((await foundDeliveries("d")).map(({ message }) => message.topic)).toEqual(["of d"]);
      expect((await foundDeliveries("")).map(({ message }) => message.topic)).toEqual(["of the empty identifier"]);
    });

    it("knows what was sent, under which identifier, and what was released [MQTT-4.4.0-1]", async () => {
      const deliveries = [1, 2, 3].map((sequence) => deliveryOf(sequence));
      for (const delivery of deliveries) store.add("c", delivery);
      const [sent, released] = deliveries;
      for (const [delivery, packetId] of [
        [sent!, 65_535],
        [released!, 2],
      ] as const) {
        delivery.packetId = packetId;
        delivery.state = DeliveryState.Sent;
        store.update("c", delivery);
      }
      released!.state = DeliveryState.Released;
      store.update("c", released!);
      const { Queued, Sent, Released } = DeliveryState;
      expect((await foundDeliveries()).map(({ packetId, state }) => [packetId, state])).toEqual([
        [65_535, Sent],
        [2, Released],
        [0, Queued],
      ]);
    });

    it("forgets what is over, and minds no removal of what it does not have", async () => {
      const delivery = deliveryOf(1);
      store.add("c", delivery);
      store.add("c", deliveryOf(2));
      store.remove("c", delivery);
      store.remove("c", delivery);
      store.remove("unknown", delivery);
      expect((await foundDeliveries()).map(({ sequence }) => sequence)).toEqual([2]);
    });

    it("knows the QoS 2 identifiers that are not released [MQTT-4.3.3-10], 3.1.1 [MQTT-4.3.3-2]", async () => {
      for (const packetId of [1, 65_535, 300, 300]) store.addReceived("c", packetId);
      store.addReceived("d", 7);
      store.removeReceived("c", 300);
      store.removeReceived("c", 300);
      store.removeReceived("unknown", 1);
      expect([new Set((await found()).received), (await found("d")).received]).toEqual([new Set([1, 65_535]), [7]]);
    });

    it("knows those that were refused by their marks, beside those that are not released", async () => {
      store.addReceived("c", 1);
      for (const [packetId, mark] of [
        [1, 5],
        [2, 6],
        [2, 0x7fff_ffff],
        [3, 7],
      ] as const)
        store.addRefused("c", packetId, mark);
      store.removeRefused("c", 3);
      store.removeRefused("unknown", 1);
      const { received, refused } = await found();
      expect([received, refused]).toEqual([
        [1],
        new Map([
          [1, 5],
          [2, 0x7fff_ffff],
        ]),
      ]);
      store.clear("c");
      expect(await found()).toEqual({ deliveries: [], received: [] });
    });

    it("forgets all of a session that has ended, and nothing of others", async () => {
      for (const clientId of ["c", "d"]) {
        store.add(clientId, deliveryOf(1));
        store.addReceived(clientId, 1);
      }
      store.clear("c");
      store.clear("unknown");
      expect(await found()).toEqual({ deliveries: [], received: [] });
      expect([(await foundDeliveries("d")).length, (await found("d")).received]).toEqual([1, [1]]);
      store.add("c", deliveryOf(1, { topic: "anew" }));
      expect((await foundDeliveries()).map(({ message }) => message.topic)).toEqual(["anew"]);
    });

    it.each([1, 2])("finds what a map would, whatever was done before (seed %i)", async (seed) => {
      const random = seededRandom(seed);
      const expected = new Map<string, Map<number, Delivery>>();
      for (let sequence = 1; sequence <= 2_000; sequence++) {
        const id = oneOf(["a", "b"], random);
        const own = expected.get(id) ?? new Map<number, Delivery>();
        expected.set(id, own);
        const choice = random();
        const victim = own.size === 0 ? undefined : oneOf([...own.values()], random);
        if (choice < 0.5 || victim === undefined) {
          const delivery = new Delivery(sequence, messageOf(String(sequence)), (1 + (sequence % 2)) as Qos, false, undefined, undefined);
          store.add(id, delivery);
          own.set(sequence, delivery);
        } else if (choice < 0.7) {
          victim.packetId ||= 1 + Math.floor(random() * 65_535);
          victim.state = victim.state === DeliveryState.Queued ? DeliveryState.Sent : DeliveryState.Released;
          store.update(id, victim);
        } else if (choice < 0.99) {
          store.remove(id, victim);
          own.delete(victim.sequence);
        } else {
          store.clear(id);
          own.clear();
        }
        if (sequence % 200 === 0) {
          for (const [clientId, deliveries] of expected)
            expect(await foundDeliveries(clientId)).toEqual([...deliveries.values()].map(comparable));
        }
      }
    });

    it("asks for nothing to wait for when nothing has changed since the last commit", async () => {
      store.add("c", deliveryOf(1));
      await store.commit();
      expect(store.commit()).toBeUndefined();
    });
  });
}
