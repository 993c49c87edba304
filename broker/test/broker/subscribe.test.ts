import { describe, expect, it } from "vitest";
import { PacketType } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { TestClient } from "../support/test-client.js";
import { ack, publishPacket, subscribePacket, textOf, unsubscribePacket } from "../support/test-client-packets.js";
import { VERSIONS, withBroker } from "./support.js";

const { Suback, Unsuback, Publish, Puback, Pubrec, Pubrel } = PacketType;

describe("SUBSCRIBE", () => {
  it.each(VERSIONS)(
    "is answered under its identifier with the QoS of each filter in their order, in %s: [MQTT-3.8.4-1] [MQTT-3.8.4-2] " +
      "[MQTT-3.8.4-5] [MQTT-3.8.4-6] [MQTT-3.8.4-7] [MQTT-3.9.3-1] [MQTT-2.2.1-6], " +
      "3.1.1 [MQTT-3.8.4-1] [MQTT-3.8.4-2] [MQTT-3.8.4-4] [MQTT-3.8.4-5] [MQTT-3.9.3-1] [MQTT-2.3.1-7]",
    async (_, version) => {
      const { port } = await withBroker();
      const client = await TestClient.connect(port, { version });
      const filters = [0, 1, 2, 1, 0].map((qos, i) => ({ topicFilter: `t/${i}`, qos: qos as 0 | 1 | 2 }));
      client.send(subscribePacket(filters, 4711));
      expect(await client.receive(Suback)).toEqual({ type: Suback, packetId: 4711, properties: {}, reasonCodes: [0, 1, 2, 1, 0] });
      for (const { topicFilter } of filters) client.publish(topicFilter);
      expect((await client.receiveMessages(5)).map(({ topic }) => topic)).toEqual(filters.map(({ topicFilter }) => topicFilter));
    },
  );

  it.each([
    [5, ReasonCode.TopicFilterInvalid],
    [4, 0x80],
    [3, 0x80],
  ] as const)(
    "reports a filter that is not valid, and takes the others, in version %i: [MQTT-3.9.3-2] [MQTT-4.7.1-1] [MQTT-4.7.1-2] " +
      "[MQTT-4.8.2-1] [MQTT-4.8.2-2], 3.1.1 [MQTT-3.9.3-2] [MQTT-4.7.1-2] [MQTT-4.7.1-3]",
    async (version, code) => {
      const { port } = await withBroker();
      const client = await TestClient.connect(port, { version });
      const suback = await client.subscribe(["a", "a#", "a/#/b", "+a", "$share/g", "$share//a", "$share/g+/a", "b"]);
      expect(suback.reasonCodes).toEqual([0, code, code, code, code, code, code, 0]);
      client.publish("b");
      await client.receive(Publish);
    },
  );

  it("to more levels than allowed is refused, and publishing there is, too", async () => {
    const { port } = await withBroker({ mqtt: { maxTopicLevels: 3 } });
    const client = await TestClient.connect(port);
    expect((await client.subscribe(["a/b/c", "a/b/c/d", "a/b/#"])).reasonCodes).toEqual([0, ReasonCode.TopicFilterInvalid, 0]);
    client.publish("a/b/c/d", { qos: 1 });
    expect(await client.receive()).toMatchObject({ reasonCode: ReasonCode.TopicNameInvalid });
  });

  it.each([
    [
      "sport/tennis/player1/#",
      ["sport/tennis/player1", "sport/tennis/player1/ranking", "sport/tennis/player1/score/wimbledon"],
      ["sport/tennis"],
    ],
    ["sport/#", ["sport", "sport/", "sport/a/b"], ["sports"]],
    ["#", ["a", "/", "a/b/c"], ["$test", "$test/a"]],
    ["sport/tennis/+", ["sport/tennis/player1", "sport/tennis/"], ["sport/tennis", "sport/tennis/player1/ranking"]],
    ["+", ["a"], ["/a", "a/b", "$test"]],
    ["+/+", ["/finance", "a/b"], ["$test/a", "a"]],
    ["+/monitor/Clients", ["a/monitor/Clients"], ["$test/monitor/Clients"]],
    ["$test/#", ["$test", "$test/a/b"], ["test"]],
    ["$test/+", ["$test/a"], ["$test"]],
    ["ACCOUNTS", ["ACCOUNTS"], ["Accounts", "ACCOUNTS/"]],
  ])(
    "to %s matches as the standard says [MQTT-4.7.2-1] [MQTT-4.7.1-1] [MQTT-4.7.1-2] [MQTT-3.3.2-3], " +
      "3.1.1 [MQTT-4.7.2-1] [MQTT-4.7.1-2] [MQTT-4.7.1-3] [MQTT-3.3.2-3]",
    async (filter, matching, others) => {
      const { port } = await withBroker();
      const client = await TestClient.connect(port);
      await client.subscribe([filter]);
      for (const topic of [...others, ...matching]) client.publish(topic);
      expect((await client.receiveMessages(matching.length)).map(({ topic }) => topic)).toEqual(matching);
      await client.expectNothing();
    },
  );

  it.each(VERSIONS)("and PUBLISH take topics of 65,535 bytes, in %s: [MQTT-4.7.3-3], 3.1.1 [MQTT-4.7.3-3]", async (_, version) => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port, { version });
    const topic = "日".repeat(21_845);
    await client.subscribe([topic]);
    client.publish(topic, { payload: "x" });
    expect((await client.receive(Publish)).topic).toBe(topic);
  });

  it("without wildcards where they are not supported is all that is taken, 3.1.1 [MQTT-3.8.3-2]", async () => {
    const { port } = await withBroker({ mqtt: { wildcardSubscriptions: false } });
    const old = await TestClient.connect(port, { version: 4 });
    expect((await old.subscribe(["a", "a/#", "+"])).reasonCodes).toEqual([0, 0x80, 0x80]);
    const client = await TestClient.connect(port);
    expect(client.connack.properties.wildcardSubscriptionAvailable).toBe(false);
    const code = ReasonCode.WildcardSubscriptionsNotSupported;
    expect((await client.subscribe(["a", "a/#", "+", "$share/g/#"])).reasonCodes).toEqual([0, code, code, code]);
  });

  it("with an identifier where those are not supported is refused", async () => {
    const { port } = await withBroker({ mqtt: { subscriptionIdentifiers: false } });
    const client = await TestClient.connect(port);
    expect(client.connack.properties.subscriptionIdentifiersAvailable).toBe(false);
    client.send(subscribePacket(["a"], 1, { subscriptionIdentifier: 1 }));
    const answer = await client.receive();
    if (answer.type === Suback) expect(answer.reasonCodes).toEqual([ReasonCode.SubscriptionIdentifiersNotSupported]);
    else expect(answer).toMatchObject({ type: PacketType.Disconnect, reasonCode: ReasonCode.SubscriptionIdentifiersNotSupported });
  });

  it("that a server without QoS 2 receives is granted what there is [MQTT-3.2.2-10] [MQTT-3.8.4-7], 3.1.1 [MQTT-3.8.4-5]", async () => {
    const { port } = await withBroker({ mqtt: { maxQos: 1 } });
    for (const version of [4, 5] as const) {
      const client = await TestClient.connect(port, { version });
      expect((await client.subscribe([0, 1, 2].map((qos) => ({ topicFilter: `a/${qos}`, qos: qos as 0 | 1 | 2 })))).reasonCodes).toEqual([
        0, 1, 1,
      ]);
    }
  });

  it(
    "of a client that may not is refused, filter by filter " + "[MQTT-3.8.4-7] [MQTT-3.9.3-2], 3.1.1 [MQTT-3.8.4-5] [MQTT-3.9.3-2]",
    async () => {
      const authorizer = { mayPublish: () => true, maySubscribe: (_: unknown, filter: string) => filter !== "secret" };
      const { port } = await withBroker({}, { authorizer });
      for (const version of [4, 5] as const) {
        const client = await TestClient.connect(port, { version });
        const code = version === 5 ? ReasonCode.NotAuthorized : 0x80;
        expect((await client.subscribe(["open", "secret", "$share/g/secret"])).reasonCodes).toEqual([0, code, code]);
        client.publish("secret");
        await client.expectNothing();
      }
    },
  );
});

describe("the same filter again", () => {
  it.each(VERSIONS)("replaces the subscription, in %s: [MQTT-3.8.4-3], 3.1.1 [MQTT-3.8.4-3]", async (_, version) => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port, { version });
    const publisher = await TestClient.connect(port);
    await client.subscribe([{ topicFilter: "a", qos: 2 }]);
    await client.subscribe([{ topicFilter: "a", qos: 0 }]);
    publisher.publish("a", { qos: 2 });
    expect((await client.receive(Publish)).qos).toBe(0);
    await client.expectNothing();
  });

  it("twice in one packet leaves the last", async () => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port);
    const publisher = await TestClient.connect(port);
    expect(
      (
        await client.subscribe([
          { topicFilter: "a", qos: 0 },
          { topicFilter: "a", qos: 1 },
        ])
      ).reasonCodes,
    ).toEqual([0, 1]);
    publisher.publish("a", { qos: 1 });
    expect((await client.receive(Publish)).qos).toBe(1);
    await client.expectNothing();
  });

  it.each(VERSIONS)(
    "sends retained messages again and loses none of those under way, in %s: [MQTT-3.8.4-4], 3.1.1 [MQTT-3.8.4-3]",
    async (_, version) => {
      const { port } = await withBroker();
      const client = await TestClient.connect(port, { version });
      const publisher = await TestClient.connect(port);
      publisher.publish("a", { retain: true, qos: 1, payload: "kept" });
      await publisher.receive(Puback);
      await client.subscribe(["a"]);
      await client.receive(Publish);
      publisher.send(...Array.from({ length: 50 }, (_, i) => publishPacket("a", { payload: String(i) })));
      client.send(subscribePacket(["a"], 2));
      const live: string[] = [];
      let retained = 0;
      while (live.length < 50 || retained < 1) {
        const packet = await client.receive();
        if (packet.type !== Publish) continue;
        if (packet.retain) retained++;
        else live.push(textOf(packet.payload));
      }
      expect(live).toEqual(Array.from({ length: 50 }, (_, i) => String(i)));
      expect(retained).toBe(1);
    },
  );
});

describe("overlapping subscriptions", () => {
  it.each(VERSIONS)("deliver at the highest QoS of them, in %s: [MQTT-3.3.4-2], 3.1.1 [MQTT-3.3.5-1]", async (_, version) => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port, { version });
    const publisher = await TestClient.connect(port);
    await client.subscribe([
      { topicFilter: "a/b", qos: 0 },
      { topicFilter: "a/+", qos: 2 },
      { topicFilter: "a/#", qos: 1 },
    ]);
    publisher.publish("a/b", { qos: 2 });
    expect((await client.receive(Publish)).qos).toBe(2);
    await client.expectNothing(); // one copy
  });

  it("put all of their identifiers into the one copy [MQTT-3.3.4-3] [MQTT-3.3.4-4]", async () => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port);
    await client.subscribe(["a/b"], { subscriptionIdentifier: 1 });
    await client.subscribe(["a/+"], { subscriptionIdentifier: 268_435_455 });
    await client.subscribe(["a/#"]);
    await client.subscribe(["b"], { subscriptionIdentifier: 3 });
    client.publish("a/b");
    client.publish("a/c");
    client.publish("a");
    const messages = await client.receiveMessages(3);
    expect(messages.map(({ properties }) => [...(properties.subscriptionIdentifiers ?? [])].sort())).toEqual([
      [1, 268_435_455],
      [268_435_455],
      [],
    ]);
  });

  it("of other clients do not share identifiers or QoS", async () => {
    const { port } = await withBroker();
    const first = await TestClient.connect(port);
    const second = await TestClient.connect(port);
    await first.subscribe([{ topicFilter: "a", qos: 1 }], { subscriptionIdentifier: 1 });
    await second.subscribe(["a"], { subscriptionIdentifier: 2 });
    const publisher = await TestClient.connect(port);
    publisher.publish("a", { qos: 1 });
    expect(await first.receive(Publish)).toMatchObject({ qos: 1, properties: { subscriptionIdentifiers: [1] } });
    expect(await second.receive(Publish)).toMatchObject({ qos: 0, properties: { subscriptionIdentifiers: [2] } });
  });

  it("change their identifier when they are replaced, and lose it when the new one has none", async () => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port);
    await client.subscribe(["a"], { subscriptionIdentifier: 1 });
    await client.subscribe(["a"], { subscriptionIdentifier: 2 });
    client.publish("a");
    expect((await client.receive(Publish)).properties.subscriptionIdentifiers).toEqual([2]);
    await client.subscribe(["a"]);
    client.publish("a");
    expect((await client.receive(Publish)).properties.subscriptionIdentifiers).toBeUndefined();
  });
});

describe("No Local", () => {
  it("keeps the client's own messages from it, and nobody else's [MQTT-3.8.3-3]", async () => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port);
    const other = await TestClient.connect(port);
    await client.subscribe([{ topicFilter: "a", noLocal: true }]);
    await other.subscribe(["a"]);
    client.publish("a", { payload: "own" });
    other.publish("a", { payload: "other" });
    expect(await client.receiveTexts(1)).toEqual(["other"]);
    expect(await other.receiveTexts(2)).toEqual(["own", "other"]);
  });

  it("of one subscription does not silence another that overlaps", async () => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port);
    await client.subscribe([{ topicFilter: "a", noLocal: true, qos: 1 }], { subscriptionIdentifier: 1 });
    await client.subscribe(["#"], { subscriptionIdentifier: 2 });
    client.publish("a");
    expect(await client.receive(Publish)).toMatchObject({ qos: 0, properties: { subscriptionIdentifiers: [2] } });
    await client.expectNothing();
  });

  it("on a shared subscription is a protocol error [MQTT-3.8.3-4]", async () => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port);
    client.send(subscribePacket([{ topicFilter: "$share/g/a", noLocal: true }]));
    await client.expectDisconnect(ReasonCode.ProtocolError);
  });
});

describe("Retain As Published", () => {
  it.each([
    [false, true, false],
    [false, false, false],
    [true, true, true],
    [true, false, false],
  ])("%s: RETAIN %s is forwarded as %s [MQTT-3.3.1-12] [MQTT-3.3.1-13]", async (retainAsPublished, retain, forwarded) => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port);
    await client.subscribe([{ topicFilter: "a", retainAsPublished }]);
    client.publish("a", { retain, payload: "x" });
    expect((await client.receive(Publish)).retain).toBe(forwarded);
  });

  it("is not there in 3.1.1: RETAIN is 0 for who has subscribed before, 3.1.1 [MQTT-3.3.1-9]", async () => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port, { version: 4 });
    await client.subscribe(["a"]);
    client.publish("a", { retain: true, payload: "x" });
    expect((await client.receive(Publish)).retain).toBe(false);
  });
});

describe("UNSUBSCRIBE", () => {
  it.each(VERSIONS)(
    "is answered under its identifier, and ends equal filters only, in %s: [MQTT-3.10.4-1] [MQTT-3.10.4-2] [MQTT-3.10.4-4] " +
      "[MQTT-3.10.4-5] [MQTT-2.2.1-6], 3.1.1 [MQTT-3.10.4-1] [MQTT-3.10.4-2] [MQTT-3.10.4-4] [MQTT-2.3.1-7]",
    async (_, version) => {
      const { port } = await withBroker();
      const client = await TestClient.connect(port, { version });
      await client.subscribe(["a/#", "a/+", "b"]);
      client.send(unsubscribePacket(["a/#"], 99));
      expect(await client.receive(Unsuback)).toEqual({
        type: Unsuback,
        packetId: 99,
        properties: {},
        reasonCodes: version === 5 ? [0] : [],
      });
      client.publish("a/b/c");
      client.publish("a/b");
      expect((await client.receiveMessages(1)).map(({ topic }) => topic)).toEqual(["a/b"]);
      await client.expectNothing();
    },
  );

  it.each(VERSIONS)(
    "of several filters, known or not, is answered once, in %s: [MQTT-3.10.4-5] [MQTT-3.10.4-6] [MQTT-3.11.3-1] " +
      "[MQTT-3.11.3-2], 3.1.1 [MQTT-3.10.4-5] [MQTT-3.10.4-6]",
    async (_, version) => {
      const { port } = await withBroker();
      const client = await TestClient.connect(port, { version });
      await client.subscribe(["a", "b", "$share/g/c"]);
      client.send(unsubscribePacket(["x", "a", "$share/g/c", "a", "A"]));
      const { reasonCodes } = await client.receive(Unsuback);
      const none = ReasonCode.NoSubscriptionExisted;
      expect(reasonCodes).toEqual(version === 5 ? [none, 0, 0, none, none] : []);
      for (const topic of ["a", "c", "b"]) client.publish(topic);
      expect((await client.receiveMessages(1)).map(({ topic }) => topic)).toEqual(["b"]);
      await client.expectNothing();
    },
  );

  it("leaves the delivery of what has been sent to its end [MQTT-3.10.4-3], 3.1.1 [MQTT-3.10.4-3]", async () => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port);
    const publisher = await TestClient.connect(port);
    await client.subscribe([{ topicFilter: "a", qos: 2 }]);
    publisher.publish("a", { qos: 2 });
    const { packetId } = await client.receive(Publish);
    client.send(unsubscribePacket(["a"]));
    await client.receive(Unsuback);
    client.send(ack(Pubrec, packetId));
    expect(await client.receive(Pubrel)).toEqual(ack(Pubrel, packetId));
  });
});
