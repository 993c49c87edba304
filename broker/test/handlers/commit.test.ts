import { describe, expect, it, onTestFinished } from "vitest";
import { type AckPacket, PacketType } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { MemoryMessageStore } from "../../src/persistence/memory-message-store.js";
import { decodeSession, encodeSession } from "../../src/persistence/session-records.js";
import { adopt } from "../../src/session/adopting.js";
import { RecordingLog } from "../log/recording-log.js";
import { RecordingBackplane } from "../routing/support.js";
import { TestRegistry } from "../session/registry.js";
import { startBroker, type TestBrokerOptions } from "../support/start-broker.js";
import { TestClient } from "../support/test-client.js";
import { ack, connectPacket, publishPacket, subscribePacket, will } from "../support/test-client-packets.js";

const { Puback, Pubrec, Pubrel, Pubcomp, Publish } = PacketType;
const { Success, NoMatchingSubscribers, ImplementationSpecificError, ReceiveMaximumExceeded, QuotaExceeded, PacketIdentifierNotFound } =
  ReasonCode;

const STORED = { userName: undefined, expirySeconds: 60, disconnectedAtMs: undefined, will: undefined };

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

  /** What has failed is tried again with the next write, as the interface says. */
  fail(error: Error = new Error("disk broken")): void {
    this.#group!.reject(error);
    this.#group = undefined;
  }
}

/** A broker on the store, which writes at once again when the test is over. */
async function brokerOn(messages: GroupStore, options: TestBrokerOptions = {}) {
  const started = await startBroker({ ...options, messages });
  onTestFinished(() => {
    messages.isOpen = true;
  });
  return started;
}

/** A client that has its session before the store begins to wait. */
async function connected(messages: GroupStore, port: number, fields: Parameters<typeof TestClient.connect>[1]): Promise<TestClient> {
  messages.isOpen = true;
  const client = await TestClient.connect(port, fields);
  messages.isOpen = false;
  return client;
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
    const { port } = await brokerOn(messages);
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
    const { port } = await brokerOn(messages);
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
    const { port } = await brokerOn(messages);
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
    const { port } = await brokerOn(messages, { settings: { mqtt: { receiveMaximum: 10 } } });
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
    const { port } = await brokerOn(messages);
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
      const { port, broker } = await brokerOn(messages);
      const connect = { version, clientId: "c", cleanStart: false };
      const client = await connected(messages, port, connect);
      const sent = [
        publishPacket("a", { qos: 1, packetId: 1 }),
        publishPacket("a", { qos: 2, packetId: 2 }),
        publishPacket("a", { qos: 2, packetId: 3 }),
      ];
      client.send(...sent);
      await client.expectNothing();
      messages.fail();
      await client.expectClosed();
      const again = await connected(messages, port, connect);
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
    const { port, broker } = await brokerOn(messages);
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

/** As the system says it. */
const diskFull = () => Object.assign(new Error("write failed"), { code: "ENOSPC" });
const SESSION = { clientId: "s", cleanStart: false, properties: { sessionExpiryIntervalSeconds: 60 } };

describe("QoS 2 to a session that outlives its connection", () => {
  /** A subscriber, and a publisher whose messages have been stored with it. */
  async function parts(options: TestBrokerOptions = {}) {
    const messages = new GroupStore();
    const started = await brokerOn(messages, options);
    messages.isOpen = true;
    const subscriber = await TestClient.connect(started.port, SESSION);
    await subscriber.subscribe([{ topicFilter: "a", qos: 2 }]);
    messages.isOpen = false;
    const publisher = await TestClient.connect(started.port);
    return { ...started, messages, subscriber, publisher };
  }

  it("sends PUBLISH when the message and its identifier are durable, and PUBREL when PUBREC is [MQTT-4.3.3-4] [MQTT-4.6.0-5]", async () => {
    const { messages, subscriber, publisher } = await parts();
    for (const payload of ["1", "2"]) publisher.publish("a", { qos: 2, packetId: Number(payload), payload });
    await publisher.expectNothing();
    await subscriber.expectNothing();
    messages.write();
    const sent = await subscriber.receiveMessages(2);
    expect(sent.map(({ payload, packetId, dup }) => [String.fromCharCode(...payload), packetId, dup])).toEqual([
      ["1", 1, false],
      ["2", 2, false],
    ]);
    subscriber.send(ack(Pubrec, 1), ack(Pubrec, 2), ack(Pubrec, 1)); // a second PUBREC is answered once
    await subscriber.expectNothing();
    messages.write();
    expect(await receiveAcks(subscriber, 2)).toEqual([
      [Pubrel, 1, Success],
      [Pubrel, 2, Success],
    ]);
    await subscriber.expectNothing();
  });

  it("fills the window while it waits, and not more [MQTT-3.3.4-9]", async () => {
    const { messages, subscriber, publisher, broker } = await parts({ settings: { mqtt: { maxInflight: 3 } } });
    for (let packetId = 1; packetId <= 5; packetId++) publisher.publish("a", { qos: 2, packetId, payload: String(packetId) });
    await publisher.expectNothing();
    messages.write();
    expect(await subscriber.receiveTexts(3)).toEqual(["1", "2", "3"]);
    await subscriber.expectNothing();
    messages.isOpen = true;
    for (const packetId of [1, 2, 3]) subscriber.send(ack(Pubrec, packetId), ack(Pubcomp, packetId));
    const types = [];
    for (let i = 0; i < 5; i++) types.push((await subscriber.receive()).type);
    expect(types.sort()).toEqual([Publish, Publish, Pubrel, Pubrel, Pubrel]);
    expect(broker.counters.publishSent[2]).toBe(5);
  });

  it("does not let QoS 1 overtake, nor hold it back elsewhere", async () => {
    const { messages, subscriber, publisher, port } = await parts();
    const other = await connected(messages, port, { ...SESSION, clientId: "other" });
    messages.isOpen = true;
    await other.subscribe([{ topicFilter: "a", qos: 1 }]);
    messages.isOpen = false;
    publisher.publish("a", { qos: 2, packetId: 1, payload: "two" });
    publisher.publish("a", { qos: 1, packetId: 2, payload: "one" });
    expect(await other.receiveTexts(2)).toEqual(["two", "one"]);
    await subscriber.expectNothing();
    messages.write();
    expect(await subscriber.receiveTexts(2)).toEqual(["two", "one"]);
  });

  it("goes on over the connection that is there when the store has it: taken over meanwhile, as a first sending [MQTT-3.3.1-2] [MQTT-4.4.0-1]", async () => {
    const { messages, subscriber, publisher, port } = await parts();
    publisher.publish("a", { qos: 2, packetId: 1, payload: "1" });
    await publisher.expectNothing();
    const again = TestClient.connect(port, SESSION);
    await subscriber.receive(PacketType.Disconnect);
    await publisher.expectNothing();
    messages.write();
    const message = await (await again).receive(Publish);
    expect([message.packetId, message.dup]).toEqual([1, false]);
  });

  it("is dropped with a session that ends meanwhile", async () => {
    const { messages, subscriber, publisher, port } = await parts();
    publisher.publish("a", { qos: 2, packetId: 1, payload: "1" });
    await publisher.expectNothing();
    const again = TestClient.connect(port, { ...SESSION, cleanStart: true });
    await subscriber.receive(PacketType.Disconnect);
    await publisher.expectNothing();
    messages.write();
    await (await again).expectNothing();
  });

  it("waits no more for a session that has become one that ends with its connection", async () => {
    const { messages, subscriber, publisher, port } = await parts();
    publisher.publish("a", { qos: 2, packetId: 1, payload: "1" });
    await publisher.expectNothing();
    subscriber.destroy();
    const again = await connected(messages, port, { ...SESSION, properties: {} });
    expect(again.connack.sessionPresent).toBe(true);
    expect(await again.receiveTexts(1)).toEqual(["1"]);
    again.send(ack(Pubrec, 1));
    expect((await receiveAcks(again, 1))[0]).toEqual([Pubrel, 1, Success]);
  });

  it("keeps what a failed commit was to cover, and sends it after the next one", async () => {
    const { messages, subscriber, publisher, clock } = await parts();
    publisher.publish("a", { qos: 2, packetId: 1, payload: "1" });
    await publisher.expectNothing();
    for (let i = 0; i < 3; i++) {
      messages.fail(diskFull());
      if (i === 0) expect((await receiveAcks(publisher, 1))[0]).toEqual([Pubrec, 1, QuotaExceeded]);
      await subscriber.expectNothing();
      clock.advance(1_000); // nobody publishes: the broker itself tries again
    }
    messages.write();
    expect(await subscriber.receiveTexts(1)).toEqual(["1"]);
  });

  it("waits too on its way to a member of a shared group, whose session ends with its connection: others could get it again", async () => {
    const { messages, subscriber, publisher, port } = await parts();
    const [member, other] = await Promise.all([TestClient.connect(port), TestClient.connect(port)]);
    await member.subscribe([{ topicFilter: "$share/g/a", qos: 2 }]);
    publisher.publish("a", { qos: 2, packetId: 1, payload: "1" });
    await member.expectNothing();
    messages.write();
    expect(await member.receiveTexts(1)).toEqual(["1"]);
    await subscriber.receiveTexts(1);
    await receiveAcks(publisher, 1);
    publisher.publish("a", { qos: 2, packetId: 2, payload: "2" });
    await member.expectNothing();
    await other.subscribe([{ topicFilter: "$share/g/a", qos: 2 }]);
    member.destroy(); // before it could have it: another may
    await member.closed;
    await publisher.expectNothing();
    messages.write();
    expect(await other.receiveTexts(1)).toEqual(["2"]);
  });

  it("to a session that ends with its connection need not wait", async () => {
    const { subscriber, publisher, port } = await parts();
    const clean = await TestClient.connect(port);
    await clean.subscribe([{ topicFilter: "a", qos: 2 }]);
    publisher.publish("a", { qos: 2, packetId: 1, payload: "1" });
    expect(await clean.receiveTexts(1)).toEqual(["1"]);
    clean.send(ack(Pubrec, 1));
    expect((await receiveAcks(clean, 1))[0]).toEqual([Pubrel, 1, Success]);
    await subscriber.expectNothing();
  });
});

describe("a commit that fails", () => {
  it("is logged once an episode, with the number of what failed at its end", async () => {
    const messages = new GroupStore();
    const log = new RecordingLog();
    const { port, clock } = await brokerOn(messages, { log });
    const client = await TestClient.connect(port);
    const errors = () => log.lines.filter(({ level }) => level === "error").length;
    for (let i = 1; i <= 3; i++) {
      for (let packetId = 1; packetId <= 10; packetId++) client.publish("a", { qos: 1, packetId });
      await client.expectNothing();
      messages.fail(diskFull());
      await receiveAcks(client, 10);
      expect(errors()).toBe(1);
    }
    messages.isOpen = true;
    for (let second = 0; second < 12; second++) clock.advance(1_000);
    const over = log.lines.filter(({ message }) => message.startsWith("no more of"));
    expect(over.map(({ fields }) => fields)).toEqual([{ failures: 33 }]);
    messages.isOpen = false;
    client.publish("a", { qos: 1 });
    await client.expectNothing();
    messages.fail();
    await receiveAcks(client, 1);
    expect(errors()).toBe(2);
  });

  it.each([4, 5] as const)(
    "has a QoS 2 message of version %i that is sent again with DUP acknowledged when it is durable, and not delivered again [MQTT-4.3.3-10], 3.1.1 [MQTT-4.3.3-2]",
    async (version) => {
      const messages = new GroupStore();
      const { port, broker } = await brokerOn(messages);
      const watcher = await TestClient.connect(port);
      await watcher.subscribe([{ topicFilter: "a", qos: 1 }]);
      const connect = { ...(version === 5 ? SESSION : { clientId: "s", cleanStart: false }), version };
      const client = await connected(messages, port, connect);
      client.publish("a", { qos: 2, packetId: 7, payload: "once" });
      expect(await watcher.receiveTexts(1)).toEqual(["once"]);
      client.destroy(); // before it is told
      while (broker.counters.clientsConnected > 1) await watcher.expectNothing();
      messages.fail(diskFull());
      await watcher.expectNothing();
      const again = await connected(messages, port, connect);
      again.publish("a", { qos: 2, packetId: 7, payload: "once", dup: true });
      await again.expectNothing();
      messages.write();
      expect((await receiveAcks(again, 1))[0]).toEqual([Pubrec, 7, Success]);
      await watcher.expectNothing();
    },
  );

  it("tells a client of 5.0 apart that has heard of the refusal from one that has not [MQTT-4.3.3-9] [MQTT-4.3.3-10]", async () => {
    const messages = new GroupStore();
    const { port } = await brokerOn(messages);
    const watcher = await TestClient.connect(port);
    await watcher.subscribe([{ topicFilter: "a", qos: 1 }]);
    const client = await connected(messages, port, SESSION);
    for (const packetId of [1, 2]) client.publish("a", { qos: 2, packetId, payload: `old ${packetId}` });
    await client.expectNothing();
    messages.fail(diskFull());
    expect(await receiveAcks(client, 2)).toEqual([
      [Pubrec, 1, QuotaExceeded],
      [Pubrec, 2, QuotaExceeded],
    ]);
    client.publish("a", { qos: 2, packetId: 1, payload: "old 1", dup: true });
    client.publish("a", { qos: 2, packetId: 2, payload: "new 2" });
    await client.expectNothing();
    messages.write();
    expect((await receiveAcks(client, 2)).map(([type, packetId]) => [type, packetId])).toEqual([
      [Pubrec, 1],
      [Pubrec, 2],
    ]);
    expect(await watcher.receiveTexts(3)).toEqual(["old 1", "old 2", "new 2"]);
    await watcher.expectNothing();
  });

  it("takes for new what comes with DUP under the identifier of a refused message, and is another", async () => {
    const messages = new GroupStore();
    const { port } = await brokerOn(messages);
    const watcher = await TestClient.connect(port);
    await watcher.subscribe([{ topicFilter: "#", qos: 1 }]);
    const client = await connected(messages, port, SESSION);
    const long = "x".repeat(1_000);
    const first: [topic: string, payload: string][] = [
      ["a", "old"],
      ["a", long],
      ["a", "old"],
    ];
    for (const [index, [topic, payload]] of first.entries()) client.publish(topic, { qos: 2, packetId: index + 1, payload });
    await client.expectNothing();
    messages.fail(diskFull());
    expect((await receiveAcks(client, 3)).map(([, , reasonCode]) => reasonCode)).toEqual([QuotaExceeded, QuotaExceeded, QuotaExceeded]);
    client.destroy();
    // What it published under them since never came here.
    const again = await connected(messages, port, SESSION);
    const second: typeof first = [
      ["a", "new"],
      ["a", `${long}x`],
      ["b", "old"],
    ];
    for (const [index, [topic, payload]] of second.entries()) again.publish(topic, { qos: 2, packetId: index + 1, payload, dup: true });
    expect(await watcher.receiveTexts(6)).toEqual([...first, ...second].map(([, payload]) => payload));
    messages.write();
    expect((await receiveAcks(again, 3)).map(([type, packetId]) => [type, packetId])).toEqual([1, 2, 3].map((id) => [Pubrec, id]));
  });

  it.each(["a broker that starts again", "another broker"])(
    "is known to %s to have been refused, lest it is taken twice",
    async (which) => {
      const messages = new GroupStore();
      const { port, broker } = await brokerOn(messages);
      const client = await connected(messages, port, SESSION);
      client.publish("a", { qos: 2, packetId: 7, payload: "once" });
      await client.expectNothing();
      messages.fail(diskFull());
      await receiveAcks(client, 1);
      client.destroy(); // for all it knows nothing came of it
      while (broker.counters.clientsConnected > 0) await new Promise(setImmediate);
      messages.isOpen = true;
      const { refused } = messages.load(SESSION.clientId);
      expect([...refused!.keys()]).toEqual([7]);
      const parts = new TestRegistry();
      const stored = { ...STORED, clientId: SESSION.clientId };
      const loaded = decodeSession(
        encodeSession({ session: stored, subscriptions: [], messages: { deliveries: [], received: [], refused } }),
      )!;
      if (which === "another broker") adopt(parts.registry, loaded, loaded.messages);
      else {
        parts.sessions.save(stored);
        for (const [packetId, mark] of refused!) parts.context.messages.addRefused(SESSION.clientId, packetId, mark);
        await parts.registry.restore();
      }
      expect([parts.registry.get(SESSION.clientId)!.refused, parts.context.messages.load(SESSION.clientId).refused]).toEqual([
        refused,
        refused,
      ]);
    },
  );

  it("lets PUBCOMP leave after the next one, as it cannot refuse [MQTT-4.3.3-11]", async () => {
    const messages = new GroupStore();
    messages.isOpen = true;
    const { port } = await brokerOn(messages);
    const client = await TestClient.connect(port, SESSION);
    client.publish("a", { qos: 2, packetId: 1 });
    await client.receive(Pubrec);
    messages.isOpen = false;
    client.send(ack(Pubrel, 1));
    await client.expectNothing();
    messages.fail(diskFull());
    client.publish("a", { qos: 1, packetId: 2 });
    await client.expectNothing();
    messages.write();
    expect((await receiveAcks(client, 2)).map(([type]) => type).sort()).toEqual([Puback, Pubcomp]);
  });

  it("does not let an identifier that is known no more be used again before the store has forgotten it [MQTT-4.3.3-12]", async () => {
    const messages = new GroupStore();
    messages.isOpen = true;
    const { port } = await brokerOn(messages);
    const client = await TestClient.connect(port, SESSION);
    client.publish("a", { qos: 2, packetId: 1 });
    await client.receive(Pubrec);
    messages.isOpen = false;
    client.send(ack(Pubrel, 1));
    await client.expectNothing();
    const again = await connected(messages, port, SESSION);
    again.send(ack(Pubrel, 1));
    await again.expectNothing();
    messages.write();
    expect((await receiveAcks(again, 1))[0]).toEqual([Pubcomp, 1, PacketIdentifierNotFound]);
  });

  it("refuses a client whose session cannot be stored, and ends the connection of one that subscribes [MQTT-3.1.4-2]", async () => {
    const messages = new GroupStore();
    const { port, broker } = await brokerOn(messages);
    const client = await connected(messages, port, SESSION);
    const watcher = await TestClient.connect(port);
    const refused = await TestClient.open(port);
    refused.send(connectPacket(5, { ...SESSION, clientId: "other" }));
    client.send(subscribePacket(["a"]));
    while (broker.counters.packetsReceived[PacketType.Subscribe]! < 1 || broker.counters.packetsReceived[PacketType.Connect]! < 3)
      await watcher.expectNothing();
    messages.fail(diskFull());
    expect((await refused.receive(PacketType.Connack)).reasonCode).toBe(QuotaExceeded);
    await client.expectDisconnect(QuotaExceeded);
  });
});

describe("an engine that fails where nobody waits for it", () => {
  it("harms nobody when a will cannot be stored", async () => {
    const messages = new GroupStore();
    const { port } = await brokerOn(messages);
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
