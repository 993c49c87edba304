import { beforeEach, describe, expect, it, vi } from "vitest";
import { PacketType, type Qos } from "../../../src/codec/packet.js";
import { ReasonCode } from "../../../src/codec/reason-code.js";
import { TcpProxy } from "../../support/tcp-proxy.js";
import { TestClient } from "../../support/test-client.js";
import { ack, connectPacket, subscribePacket, textOf } from "../../support/test-client-packets.js";
import { TestCluster } from "./test-cluster.js";

/** Above what the slowest of them takes on a busy machine. */
const SLOW = { timeout: 60_000 };

/** Publishes at QoS 1 or 2 and waits until the broker has answered; resolves with the reason. */
async function publishAcknowledged(client: TestClient, topic: string, payload: string, qos: Qos = 1): Promise<number> {
  client.publish(topic, { payload, qos });
  const answer = await client.receive(qos === 1 ? PacketType.Puback : PacketType.Pubrec);
  if (qos === 2 && answer.reasonCode < 0x80) {
    client.send(ack(PacketType.Pubrel, 1));
    await client.receive(PacketType.Pubcomp);
  }
  return answer.reasonCode;
}

describe("brokers on NATS", SLOW, () => {
  let cluster: TestCluster;
  beforeEach(async (context) => {
    cluster = await TestCluster.start(context);
  });

  it.each([0, 1, 2] as const)("deliver what is published on one to subscribers on all, once, at QoS %i", async (qos) => {
    const brokers = await cluster.brokers(3);
    const subscribers = await Promise.all(brokers.map(({ port }) => TestClient.connect(port)));
    for (const subscriber of subscribers)
      await subscriber.subscribe([
        { topicFilter: "a/+", qos },
        { topicFilter: "#", qos },
      ]);
    const publisher = await TestClient.connect(brokers[0]!.port);
    for (const payload of ["1", "2", "3"]) {
      if (qos === 0) publisher.publish("a/b", { payload });
      else expect(await publishAcknowledged(publisher, "a/b", payload, qos)).toBe(ReasonCode.Success);
    }
    for (const subscriber of subscribers) {
      const messages = await subscriber.receiveMessages(3);
      expect(messages.map((message) => [textOf(message.payload), message.qos])).toEqual(["1", "2", "3"].map((text) => [text, qos]));
      await subscriber.expectNothing();
    }
  });

  it("carry messages that are larger than NATS takes, and everything about a message", async () => {
    const [here, there] = await cluster.brokers(2);
    const subscriber = await TestClient.connect(there!.port);
    await subscriber.subscribe([{ topicFilter: "t", qos: 1, retainAsPublished: true }]);
    const publisher = await TestClient.connect(here!.port);
    const payload = "x".repeat(1_030_000);
    const properties = {
      contentType: "text/plain",
      responseTopic: "r",
      correlationData: new Uint8Array([1]),
      messageExpiryIntervalSeconds: 60,
    };
    publisher.publish("t", { payload, qos: 1, properties });
    await publisher.receive(PacketType.Puback);
    const message = await subscriber.receive(PacketType.Publish);
    expect([textOf(message.payload) === payload, message.properties]).toEqual([true, properties]);
  });

  it("give each message of a shared subscription to one member of the whole group", async () => {
    const [here, there] = await cluster.brokers(2);
    const members = await Promise.all([here!, there!, there!].map(({ port }) => TestClient.connect(port)));
    for (const member of members) await member.subscribe(["$share/g/t"]);
    const publisher = await TestClient.connect(here!.port);
    for (let i = 0; i < 40; i++) publisher.publish("t", { payload: `${i}`, qos: 1, packetId: i + 1 });
    for (let i = 0; i < 40; i++) await publisher.receive(PacketType.Puback);
    const texts = [
      ...(await members[0]!.receiveTexts(20)),
      ...(await members[1]!.receiveTexts(10)),
      ...(await members[2]!.receiveTexts(10)),
    ];
    expect(texts.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i));
    for (const member of members) await member.expectNothing();
  });

  it("take a client over from another broker, which tells it so [MQTT-3.1.4-3]", async () => {
    const [here, there] = await cluster.brokers(2);
    const before = await TestClient.connect(here!.port, { clientId: "c" });
    const after = await TestClient.connect(there!.port, { clientId: "c" });
    await before.expectDisconnect(ReasonCode.SessionTakenOver);
    await after.expectNothing();
  });

  it("know whose a client is when it has come again to the same broker, and when it left while it was being claimed", async () => {
    const [here, there] = await cluster.brokers(2);
    const first = await TestClient.connect(here!.port, { clientId: "c" });
    const second = await TestClient.connect(here!.port, { clientId: "c" });
    await first.expectDisconnect(ReasonCode.SessionTakenOver);
    await second.subscribe(["t"]); // by then whatever the first left behind would have been written
    const third = await TestClient.connect(there!.port, { clientId: "c" });
    await second.expectDisconnect(ReasonCode.SessionTakenOver);
    await third.expectNothing();
    for (let i = 0; i < 20; i++) {
      const hasty = await TestClient.open(here!.port);
      hasty.send(connectPacket(5, { clientId: `hasty-${i}` }));
      hasty.destroy();
    }
    third.destroy();
    await vi.waitFor(() => expect([here!.backplane.ownedCount, there!.backplane.ownedCount]).toEqual([0, 0]));
  });

  it("end each of 100 races for a client with one connection", async () => {
    const [here, there] = await cluster.brokers(2);
    for (let round = 0; round < 100; round++) {
      const clients = await Promise.all([here!, there!].map(({ port }) => TestClient.open(port)));
      let open = clients.length;
      for (const client of clients) {
        void client.closed.then(() => open--);
        client.send(connectPacket(5, { clientId: "c" }));
      }
      const connected = () => here!.broker.counters.clientsConnected + there!.broker.counters.clientsConnected;
      await vi.waitFor(() => expect([open, connected()]).toEqual([1, 1]), { interval: 2 });
      for (const client of clients) client.destroy();
      await vi.waitFor(() => expect(here!.broker.counters.clientsConnected + there!.broker.counters.clientsConnected).toBe(0), {
        interval: 2,
      });
    }
  });

  it("lose nothing for a subscriber on a broker that joins while clients publish, from SUBACK on", async () => {
    const here = await cluster.broker();
    const publisher = await TestClient.connect(here.port);
    let published = 0;
    let isOver = false;
    const publishing = (async () => {
      while (!isOver) await publishAcknowledged(publisher, "t", `${published++}`);
    })();
    for (let round = 0; round < 5; round++) {
      const there = await cluster.broker();
      const subscriber = await TestClient.connect(there.port);
      subscriber.send(subscribePacket([{ topicFilter: "t", qos: 1 }]));
      const texts: number[] = [];
      let from = Number.POSITIVE_INFINITY;
      while (texts.length < 20 || texts[0]! > from) {
        const packet = await subscriber.receive();
        if (packet.type === PacketType.Suback)
          from = published; // what has not been sent yet
        else if (packet.type === PacketType.Publish) texts.push(Number(textOf(packet.payload)));
        if (texts.length > 100) break;
      }
      expect(texts[0]).toBeLessThanOrEqual(from);
      expect(texts).toEqual(texts.map((_, i) => texts[0]! + i));
      subscriber.destroy();
      await there.stop();
    }
    isOver = true;
    await publishing;
  });

  it("give a client that subscribes what is retained on another broker at that moment, before or after [MQTT-3.3.1-6]", async () => {
    const [here, there] = await cluster.brokers(2);
    const publisher = await TestClient.connect(here!.port);
    for (let round = 0; round < 100; round++) {
      const subscriber = await TestClient.connect(there!.port);
      subscriber.send(subscribePacket([`t/${round}`]));
      for (let turns = round % 20; turns > 0; turns--) await new Promise(setImmediate);
      publisher.publish(`t/${round}`, { payload: `${round}`, retain: true, qos: 1 });
      await publisher.receive(PacketType.Puback);
      const seen = new Set<number>();
      while (seen.size < 2) seen.add((await subscriber.receive()).type); // SUBACK and PUBLISH, in any order
      subscriber.destroy();
    }
    publisher.publish("t/0", { retain: true, qos: 1 });
    await publisher.receive(PacketType.Puback);
    const reader = await TestClient.connect(there!.port);
    await reader.subscribe(["t/#"]);
    const topics = (await reader.receiveMessages(99)).map(({ topic }) => topic);
    expect(new Set(topics).size).toBe(99);
    expect(topics).not.toContain("t/0");
  });

  it("forget a broker that has died within seconds, and wait for it no longer than that", async () => {
    const [here, there] = await cluster.brokers(2);
    const subscriber = await TestClient.connect(there!.port);
    await subscriber.subscribe([{ topicFilter: "t", qos: 1 }]);
    const publisher = await TestClient.connect(here!.port);
    await there!.die();
    expect(await publishAcknowledged(publisher, "t", "x")).toBe(ReasonCode.Success);
    await vi.waitFor(() => expect([here!.backplane.wants("t"), here!.backplane.peers]).toEqual([false, []]));
    const client = await TestClient.connect(here!.port, { clientId: subscriber.connack.properties.assignedClientIdentifier ?? "c" });
    await client.expectNothing();
    expect(there!.broker.readiness).toBe("cut off");
  });

  it("keep local clients while NATS is away, refuse what they cannot hand over, and heal; nothing that was acknowledged is lost", async () => {
    const [here, there] = await cluster.brokers(2, { deadAfterSeconds: 10 });
    const [near, far] = await Promise.all([here!, there!].map(({ port }) => TestClient.connect(port)));
    for (const client of [near!, far!]) await client.subscribe([{ topicFilter: "t", qos: 1 }]);
    await near!.subscribe(["local"]);
    const publisher = await TestClient.connect(here!.port);
    const acknowledged = new Set<string>();
    let published = 0;
    const publishFor = async (isOver: () => boolean) => {
      while (!isOver()) {
        const payload = `${published++}`;
        if ((await publishAcknowledged(publisher, "t", payload)) < 0x80) acknowledged.add(payload);
      }
    };
    await publishFor(() => published > 200);
    await cluster.server.kill();
    let refused = 0;
    await vi.waitFor(
      async () => {
        if ((await publishAcknowledged(publisher, "t", `${published++}`)) >= 0x80) refused++;
        expect(refused).toBeGreaterThan(0);
      },
      { timeout: 20_000, interval: 1 },
    );
    expect([here!.broker.readiness, there!.broker.readiness]).toEqual(["cut off", "cut off"]);
    const newcomer = await TestClient.open(here!.port);
    newcomer.send(connectPacket(5));
    expect((await newcomer.receive(PacketType.Connack)).reasonCode).toBe(ReasonCode.ServerUnavailable);
    publisher.publish("local", { payload: "still here" });
    await cluster.server.start();
    await vi.waitFor(() => expect([here!.broker.readiness, there!.broker.readiness]).toEqual(["ready", "ready"]), { timeout: 20_000 });
    const goal = published + 200;
    await publishFor(() => published > goal);
    publisher.publish("t", { payload: "end", qos: 1 });
    for (const [client, extra] of [
      [near!, 1],
      [far!, 0],
    ] as const) {
      const got: string[] = [];
      while (got[got.length - 1] !== "end") got.push((await client.receiveTexts(1))[0]!);
      const texts = new Set(got);
      expect([...acknowledged].filter((text) => !texts.has(text))).toEqual([]);
      expect(texts.has("still here")).toBe(extra === 1);
    }
    expect(here!.backplane.counters.fenced + there!.backplane.counters.fenced).toBe(0);
  });

  it("close all clients of a broker that the others have taken for dead, and take it back under another name", async () => {
    const proxy = await TcpProxy.to(Number(new URL(cluster.server.url).port));
    const here = await cluster.broker();
    const there = await cluster.broker({ cutOffAfterSeconds: Number.POSITIVE_INFINITY }, {}, `nats://127.0.0.1:${proxy.port}`);
    const before = there.backplane.brokerId;
    const fenced = await TestClient.connect(there.port, { clientId: "c" });
    await fenced.subscribe(["t"]);
    proxy.block();
    await vi.waitFor(() => expect(here.backplane.peers).toEqual([]), { timeout: 20_000 });
    const heir = await TestClient.connect(here.port, { clientId: "c" });
    proxy.unblock();
    await fenced.expectDisconnect(ReasonCode.SessionTakenOver);
    await vi.waitFor(() => expect(there.broker.readiness).toBe("ready"), { timeout: 20_000 });
    expect([there.backplane.counters.fenced, there.backplane.brokerId === before]).toEqual([1, false]);
    await vi.waitFor(() => expect(here.backplane.peers).toEqual([there.backplane.brokerId]));
    await heir.expectNothing();
    await heir.subscribe(["t"]);
    const publisher = await TestClient.connect(there.port);
    publisher.publish("t", { payload: "again" });
    expect(await heir.receiveTexts(1)).toEqual(["again"]);
    expect(here.backplane.wants("t")).toBe(false);
  });

  it("let go of all clients when they have heard nothing for as long as makes others take them, and are themselves again if nobody did", async () => {
    const proxy = await TcpProxy.to(Number(new URL(cluster.server.url).port));
    const here = await cluster.broker({ deadAfterSeconds: 60 });
    const there = await cluster.broker({ cutOffAfterSeconds: 2 }, {}, `nats://127.0.0.1:${proxy.port}`);
    const { brokerId } = there.backplane;
    const older = await TestClient.connect(there.port, { clientId: "c", version: 4 });
    const client = await TestClient.connect(there.port);
    proxy.block();
    await client.expectDisconnect(ReasonCode.ServerBusy);
    await older.expectClosed();
    expect([there.broker.readiness, here.backplane.peers]).toEqual(["cut off", [brokerId]]);
    proxy.unblock();
    await vi.waitFor(() => expect(there.broker.readiness).toBe("ready"), { timeout: 20_000 });
    await (await TestClient.connect(there.port)).expectNothing();
    expect([there.backplane.brokerId, there.backplane.counters.fenced]).toEqual([brokerId, 0]);
  });

  it("start over when servers that keep everything in memory have lost it", async () => {
    const [here, there] = await cluster.brokers(2, { storage: "memory", deadAfterSeconds: 5 });
    const before = await Promise.all([here!, there!].map(({ port }) => TestClient.connect(port)));
    await cluster.server.restart();
    await Promise.all(before.map((client) => client.expectDisconnect(ReasonCode.SessionTakenOver)));
    await vi.waitFor(() => expect([here!.broker.readiness, there!.broker.readiness]).toEqual(["ready", "ready"]), { timeout: 20_000 });
    await vi.waitFor(() =>
      expect([here!.backplane.peers, there!.backplane.peers]).toEqual([[there!.backplane.brokerId], [here!.backplane.brokerId]]),
    );
    const subscriber = await TestClient.connect(there!.port);
    await subscriber.subscribe(["t"]);
    (await TestClient.connect(here!.port)).publish("t", { payload: "x" });
    expect(await subscriber.receiveTexts(1)).toEqual(["x"]);
  });
});
