import { describe, expect, it, onTestFinished } from "vitest";
import { PacketType } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { MemoryMessageStore } from "../../src/persistence/memory-message-store.js";
import { MemorySessionStore } from "../../src/persistence/memory-session-store.js";
import { MemoryRetainedStore } from "../../src/retained/memory-retained-store.js";
import { ManualClock } from "../support/manual-clock.js";
import { TestClient } from "../support/test-client.js";
import { ack, publishPacket, will } from "../support/test-client-packets.js";
import { withBroker } from "./support.js";

const { Puback, Pubrec, Pubrel, Pubcomp, Publish } = PacketType;
const SESSION = { clientId: "c", cleanStart: false, properties: { sessionExpiryIntervalSeconds: 100 } };

describe("a broker that starts on what another has stored", () => {
  function stores() {
    const clock = new ManualClock();
    return { clock, sessions: new MemorySessionStore(), messages: new MemoryMessageStore(), retained: new MemoryRetainedStore({ clock }) };
  }

  it(
    "knows sessions, their subscriptions and their messages " + "[MQTT-3.1.2-23] [MQTT-4.1.0-1], 3.1.1 [MQTT-3.1.2-4] [MQTT-4.1.0-1]",
    async () => {
      const parts = stores();
      const first = await withBroker({}, parts);
      const client = await TestClient.connect(first.port, SESSION);
      await client.subscribe([{ topicFilter: "a", qos: 2 }], { subscriptionIdentifier: 9 });
      const publisher = await TestClient.connect(first.port);
      publisher.send(publishPacket("a", { qos: 1, packetId: 1, payload: "1" }), publishPacket("a", { qos: 2, packetId: 2, payload: "2" }));
      const [one, two] = await client.receiveMessages(2);
      client.send(ack(Pubrec, two!.packetId));
      await client.receive(Pubrel);
      client.destroy();
      await client.closed;
      publisher.send(publishPacket("a", { qos: 1, packetId: 3, payload: "3" }));
      for (const type of [Puback, Pubrec, Puback]) expect((await publisher.receive()).type).toBe(type);
      await first.stop();

      const second = await withBroker({}, parts);
      const again = await TestClient.connect(second.port, SESSION);
      expect(again.connack.sessionPresent).toBe(true);
      expect(await again.receive(Publish)).toMatchObject({
        packetId: one!.packetId,
        dup: true,
        properties: { subscriptionIdentifiers: [9] },
      });
      expect(await again.receive()).toEqual(ack(Pubrel, two!.packetId));
      expect(await again.receiveTexts(1)).toEqual(["3"]);
      const other = await TestClient.connect(second.port);
      other.publish("a", { payload: "4" });
      expect(await again.receiveTexts(1)).toEqual(["4"]);
    },
  );

  it("knows retained messages", async () => {
    const parts = stores();
    const first = await withBroker({}, parts);
    const client = await TestClient.connect(first.port);
    client.publish("a", { retain: true, qos: 1, payload: "kept" });
    await client.receive(Puback);
    await first.stop();
    const second = await withBroker({}, parts);
    const again = await TestClient.connect(second.port);
    await again.subscribe(["a"]);
    expect(await again.receiveTexts(1)).toEqual(["kept"]);
  });

  it("delivers a QoS 2 message once, that was taken before and is released after [MQTT-4.3.3-10], 3.1.1 [MQTT-4.3.3-2]", async () => {
    const parts = stores();
    const first = await withBroker({}, parts);
    const client = await TestClient.connect(first.port, SESSION);
    await client.subscribe([{ topicFilter: "a", qos: 0 }]);
    client.publish("a", { qos: 2, packetId: 5, payload: "once" });
    const types = [(await client.receive()).type, (await client.receive()).type];
    expect(types.sort()).toEqual([Publish, Pubrec]);
    await first.stop();
    const second = await withBroker({}, parts);
    const again = await TestClient.connect(second.port, SESSION);
    again.publish("a", { qos: 2, packetId: 5, dup: true, payload: "once" });
    await again.receive(Pubrec);
    again.send(ack(Pubrel, 5));
    expect(await again.receive(Pubcomp)).toEqual(ack(Pubcomp, 5));
    await again.expectNothing();
  });

  it("ends sessions and publishes wills when they are due, as if it had run on [MQTT-4.1.0-2] [MQTT-3.1.2-8]", async () => {
    const parts = stores();
    const first = await withBroker({}, parts);
    const client = await TestClient.connect(first.port, {
      ...SESSION,
      will: will("gone", "bye", { properties: { willDelayIntervalSeconds: 50 } }),
    });
    client.destroy();
    await client.closed;
    await (await TestClient.connect(first.port)).expectNothing();
    await first.stop();

    parts.clock.advance(30_000);
    const second = await withBroker({}, parts);
    const watcher = await TestClient.connect(second.port);
    await watcher.subscribe(["gone"]);
    parts.clock.advance(10_000);
    await watcher.expectNothing();
    parts.clock.advance(15_000);
    expect(await watcher.receiveTexts(1)).toEqual(["bye"]);
    parts.clock.advance(60_000);
    expect((await TestClient.connect(second.port, SESSION)).connack.sessionPresent).toBe(false);
  });
});

describe("a store that is slow or fails", () => {
  class WaitingStore extends MemoryMessageStore {
    readonly waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
    #isOver = false;

    /** Keeps nobody any more, so that the broker can stop. */
    letGo(): void {
      this.#isOver = true;
      for (const { resolve } of this.waiting) resolve();
    }

    override commit(): never {
      if (this.#isOver) return undefined as never;
      return new Promise<void>((resolve, reject) => this.waiting.push({ resolve, reject })) as never;
    }
  }

  it(
    "holds back acknowledgements until it has the messages, and keeps their order " + "[MQTT-4.3.2-4] [MQTT-4.3.3-8], 3.1.1 [MQTT-4.3.2-2]",
    async () => {
      const messages = new WaitingStore();
      const { port } = await withBroker({}, { messages });
      onTestFinished(() => messages.letGo());
      const client = await TestClient.connect(port);
      client.publish("a", { qos: 1, packetId: 1 });
      await client.expectNothing();
      client.publish("a", { qos: 2, packetId: 2 });
      await client.expectNothing();
      expect(messages.waiting).toHaveLength(2);
      messages.waiting[1]!.resolve();
      await client.expectNothing();
      messages.waiting[0]!.resolve();
      expect(await client.receive()).toMatchObject({ type: Puback, packetId: 1 });
      expect(await client.receive()).toMatchObject({ type: Pubrec, packetId: 2 });
    },
  );

  it("and fails has the message refused in 5.0 [MQTT-3.4.2-1]", async () => {
    const messages = new WaitingStore();
    const { port } = await withBroker({}, { messages });
    onTestFinished(() => messages.letGo());
    const client = await TestClient.connect(port);
    client.publish("a", { qos: 1, packetId: 1 });
    await client.expectNothing();
    messages.waiting[0]!.reject(new Error("disk full"));
    expect(await client.receive(Puback)).toEqual(ack(Puback, 1, ReasonCode.ImplementationSpecificError));
    await client.expectNothing();
  });

  it.each([3, 4] as const)("and fails ends the connection before 5.0, in version %i, 3.1.1 [MQTT-4.8.0-2]", async (version) => {
    const messages = new WaitingStore();
    const { port } = await withBroker({}, { messages });
    onTestFinished(() => messages.letGo());
    const client = await TestClient.connect(port, { version });
    client.publish("a", { qos: 1, packetId: 1 });
    await client.expectNothing();
    messages.waiting[0]!.reject(new Error("disk full"));
    await client.expectClosed();
  });
});
