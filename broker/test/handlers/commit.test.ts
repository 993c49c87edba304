import { describe, expect, it } from "vitest";
import { type AckPacket, PacketType } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { MemoryMessageStore } from "../../src/persistence/memory-message-store.js";
import { RecordingBackplane } from "../routing/support.js";
import { startBroker } from "../support/start-broker.js";
import { TestClient } from "../support/test-client.js";
import { ack, publishPacket, will } from "../support/test-client-packets.js";

const { Puback, Pubrec, Pubrel, Pubcomp, Publish } = PacketType;
const { Success, NoMatchingSubscribers, ImplementationSpecificError, ReceiveMaximumExceeded } = ReasonCode;

/** Makes one write of all that comes until the test lets it happen. */
class GroupStore extends MemoryMessageStore {
  /** Commits asked for in all. */
  asked = 0;
  isOpen = false;
  #group: { readonly promise: Promise<void>; readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;

  override commit(): undefined {
    this.asked++;
    if (this.isOpen) return undefined;
    this.#group ??= group();
    return this.#group.promise as never; // the memory store has nothing to wait for, and says so in its type
  }

  write(): void {
    this.#group!.resolve();
    this.#group = undefined;
  }

  fail(): void {
    this.#group!.reject(new Error("disk full"));
    this.#group = undefined;
  }
}

function group() {
  let resolve = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

async function receiveAcks(client: TestClient, count: number): Promise<(readonly [type: number, packetId: number, reasonCode: number])[]> {
  const acks: [number, number, number][] = [];
  while (acks.length < count) {
    const { type, packetId, reasonCode } = (await client.receive()) as AckPacket;
    acks.push([type, packetId, reasonCode]);
  }
  return acks;
}

describe("a store that commits in groups", () => {
  it("has every message of a group acknowledged after one write, in order [MQTT-4.6.0-2] [MQTT-4.6.0-3], 3.1.1 [MQTT-4.6.0-2] [MQTT-4.6.0-3]", async () => {
    const messages = new GroupStore();
    const { port } = await startBroker({ messages });
    const client = await TestClient.connect(port);
    for (let packetId = 1; packetId <= 20; packetId++) client.publish("a", { qos: packetId % 2 === 0 ? 2 : 1, packetId });
    await client.expectNothing();
    expect(messages.asked).toBe(20);
    messages.write();
    expect(await receiveAcks(client, 20)).toEqual(
      Array.from({ length: 20 }, (_, i) => [i % 2 === 0 ? Puback : Pubrec, i + 1, NoMatchingSubscribers]),
    );
  });

  it("lets subscribers have the message at once, and waits for no QoS 0 message", async () => {
    const messages = new GroupStore();
    const { port } = await startBroker({ messages });
    const client = await TestClient.connect(port);
    await client.subscribe(["a"]);
    client.send(publishPacket("a", { qos: 1, payload: "1" }), publishPacket("a", { qos: 0, payload: "0" }));
    expect(await client.receiveTexts(2)).toEqual(["1", "0"]);
    await client.expectNothing();
    messages.write();
    expect(await client.receive(Puback)).toEqual(ack(Puback, 1));
  });

  it("holds PUBCOMP back as well, for a session that outlives its connection, and keeps its place [MQTT-4.3.3-11]", async () => {
    const messages = new GroupStore();
    messages.isOpen = true;
    const { port } = await startBroker({ messages });
    const client = await TestClient.connect(port, { properties: { sessionExpiryIntervalSeconds: 60 } });
    client.publish("a", { qos: 2, packetId: 1 });
    await client.receive(Pubrec);
    messages.isOpen = false;
    client.send(ack(Pubrel, 1), publishPacket("a", { qos: 1, packetId: 2 }));
    await client.expectNothing();
    messages.write();
    expect(await receiveAcks(client, 2)).toEqual([
      [Pubcomp, 1, Success],
      [Puback, 2, NoMatchingSubscribers],
    ]);
  });

  it("does not count a QoS 2 message twice against the Receive Maximum while it waits [MQTT-3.3.4-7]", async () => {
    const messages = new GroupStore();
    const { port } = await startBroker({ messages, settings: { mqtt: { receiveMaximum: 10 } } });
    const client = await TestClient.connect(port);
    for (let packetId = 1; packetId <= 10; packetId++) client.publish("a", { qos: packetId <= 6 ? 2 : 1, packetId });
    await client.expectNothing();
    messages.write();
    expect((await receiveAcks(client, 10)).map(([, packetId]) => packetId)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    for (let packetId = 11; packetId <= 15; packetId++) client.publish("a", { qos: 1, packetId }); // six are not released
    await client.expectDisconnect(ReceiveMaximumExceeded);
  });

  it("and fails has each message of the group refused in 5.0, and taken when it is sent as a new one [MQTT-3.4.2-1] [MQTT-3.5.2-1]", async () => {
    const messages = new GroupStore();
    const { port } = await startBroker({ messages });
    const client = await TestClient.connect(port);
    const sent = [publishPacket("a", { qos: 1, packetId: 1 }), publishPacket("a", { qos: 2, packetId: 2 })];
    client.send(...sent);
    await client.expectNothing();
    messages.fail();
    expect(await receiveAcks(client, 2)).toEqual([
      [Puback, 1, ImplementationSpecificError],
      [Pubrec, 2, ImplementationSpecificError],
    ]);
    client.send(...sent);
    await client.expectNothing();
    messages.write();
    expect((await receiveAcks(client, 2)).map(([, , reasonCode]) => reasonCode)).toEqual([NoMatchingSubscribers, NoMatchingSubscribers]);
  });

  it.each([3, 4] as const)(
    "and fails ends the connection in version %i, whose client gets its acknowledgements after sending again, 3.1.1 [MQTT-4.4.0-1]",
    async (version) => {
      const messages = new GroupStore();
      const { port, broker } = await startBroker({ messages });
      const connect = { version, clientId: "c", cleanStart: false };
      const client = await TestClient.connect(port, connect);
      const sent = [
        publishPacket("a", { qos: 1, packetId: 1 }),
        publishPacket("a", { qos: 2, packetId: 2 }),
        publishPacket("a", { qos: 2, packetId: 3 }),
      ];
      client.send(...sent);
      await client.expectNothing();
      messages.fail();
      await client.expectClosed();
      const again = await TestClient.connect(port, connect);
      again.send(...sent.map((packet) => ({ ...packet, dup: true })));
      await again.expectNothing();
      messages.write();
      expect((await receiveAcks(again, 3)).map(([type, packetId]) => [type, packetId])).toEqual([
        [Puback, 1],
        [Pubrec, 2],
        [Pubrec, 3],
      ]);
      for (const packetId of [2, 3]) {
        again.send(ack(Pubrel, packetId));
        await again.expectNothing();
        messages.write();
        expect(await again.receive(Pubcomp)).toEqual(ack(Pubcomp, packetId));
      }
      expect(broker.counters.connectionsOpen).toBe(1);
    },
  );

  it("minds no client that has gone when its messages are safe, or are not", async () => {
    const messages = new GroupStore();
    const { port, broker } = await startBroker({ messages });
    const watcher = await TestClient.connect(port);
    for (const settle of [() => messages.write(), () => messages.fail()]) {
      const client = await TestClient.connect(port);
      client.publish("a", { qos: 1 });
      await client.expectNothing();
      client.destroy();
      await client.closed;
      while (broker.counters.clientsConnected > 1) await watcher.expectNothing();
      settle();
      await watcher.expectNothing();
    }
    expect(broker.counters.packetsSent[Puback]).toBe(0);
  });
});

describe("an engine that fails where nobody waits for it", () => {
  it("harms nobody when a will cannot be stored", async () => {
    const messages = new GroupStore();
    const { port } = await startBroker({ messages });
    const watcher = await TestClient.connect(port);
    await watcher.subscribe(["gone"]);
    const client = await TestClient.connect(port, { will: will("gone", "bye", { qos: 1 }) });
    client.destroy();
    expect(await watcher.receiveTexts(1)).toEqual(["bye"]);
    messages.fail();
    await watcher.expectNothing();
  });

  it("harms nobody when peers do not take a QoS 0 message", async () => {
    const backplane = new RecordingBackplane();
    backplane.wanted = () => true;
    const { port } = await startBroker({ backplane });
    const client = await TestClient.connect(port);
    backplane.answer = () => Promise.reject(new Error("no peer"));
    client.publish("a");
    await client.expectNothing();
    expect(backplane.published.map(({ topic }) => topic)).toEqual(["a"]);
    client.publish("a", { qos: 1 });
    expect((await client.receive(Puback)).reasonCode).toBe(ImplementationSpecificError);
  });
});

describe("a will that is delayed", () => {
  it("has its whole lifetime from its publication on (3.1.3.2.4)", async () => {
    const { port, clock } = await startBroker();
    const watcher = await TestClient.connect(port);
    await watcher.subscribe(["gone"]);
    const properties = { willDelayIntervalSeconds: 50, messageExpiryIntervalSeconds: 30 };
    const client = await TestClient.connect(port, {
      will: will("gone", "bye", { properties }),
      properties: { sessionExpiryIntervalSeconds: 100 },
    });
    client.destroy();
    await client.closed;
    await watcher.expectNothing();
    clock.advance(52_000);
    expect((await watcher.receive(Publish)).properties).toEqual({ messageExpiryIntervalSeconds: 30 });
  });
});
