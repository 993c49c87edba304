import { describe, expect, it } from "vitest";
import { PacketType } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { TestClient } from "../support/test-client.js";
import { ack, publishPacket, textOf, unsubscribePacket } from "../support/test-client-packets.js";
import { withBroker } from "./support.js";

const { Publish, Puback, Pubrec, Pubrel } = PacketType;

/** Payloads that each client has received, once a fence has come through. */
async function received(clients: readonly TestClient[]): Promise<string[][]> {
  const texts: string[][] = [];
  for (const client of clients) {
    const mine: string[] = [];
    client.send({ type: PacketType.Pingreq });
    for (let packet = await client.receive(); packet.type !== PacketType.Pingresp; packet = await client.receive()) {
      if (packet.type === Publish) mine.push(textOf(packet.payload));
    }
    texts.push(mine);
  }
  return texts;
}

/** Publishes and waits until the broker has routed all of it. */
async function publishTexts(publisher: TestClient, texts: readonly string[]): Promise<void> {
  publisher.send(...texts.map((payload) => publishPacket("a", { payload })));
  await publisher.expectNothing();
}

const TWELVE = Array.from({ length: 12 }, (_, i) => String(i));

describe("a shared subscription", () => {
  it.each([
    ["round-robin", [4, 4, 4]],
    ["least-inflight", [4, 4, 4]],
    ["sticky", [0, 0, 12]],
    ["random", undefined],
  ] as const)("gives each message to one member: %s", async (shareStrategy, counts) => {
    const { port } = await withBroker({ mqtt: { shareStrategy } });
    const members = await Promise.all([1, 2, 3].map(() => TestClient.connect(port)));
    for (const member of members) await member.subscribe(["$share/g/a"]);
    await publishTexts(await TestClient.connect(port), TWELVE);
    const texts = await received(members);
    expect(
      texts
        .flat()
        .map(Number)
        .sort((a, b) => a - b),
    ).toEqual(TWELVE.map(Number));
    if (counts !== undefined) expect(texts.map(({ length }) => length).sort((a, b) => a - b)).toEqual(counts);
  });

  it("is one of several that each get the message, with ordinary ones beside them", async () => {
    const { port } = await withBroker();
    const [one, other, ordinary] = await Promise.all([1, 2, 3].map(() => TestClient.connect(port)));
    await one!.subscribe(["$share/g/a"]);
    await other!.subscribe(["$share/h/a"]);
    await ordinary!.subscribe(["a"]);
    ordinary!.publish("a");
    for (const client of [one!, other!, ordinary!]) await client.receive(Publish);
  });

  it("and an ordinary one of the same client are two copies, each with its own identifier [MQTT-3.3.4-5]", async () => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port);
    await client.subscribe(["$share/g/a"], { subscriptionIdentifier: 1 });
    await client.subscribe(["a"], { subscriptionIdentifier: 2 });
    client.publish("a");
    const identifiers = (await client.receiveMessages(2)).map(({ properties }) => properties.subscriptionIdentifiers);
    expect(identifiers.sort()).toEqual([[1], [2]]);
    await client.expectNothing();
  });

  it("delivers at the QoS of the member that gets the message [MQTT-4.8.2-3]", async () => {
    const { port } = await withBroker({ mqtt: { shareStrategy: "round-robin" } });
    const members = await Promise.all([0, 1, 2].map(() => TestClient.connect(port)));
    for (const [qos, member] of members.entries()) await member.subscribe([{ topicFilter: "$share/g/a", qos: qos as 0 | 1 | 2 }]);
    const publisher = await TestClient.connect(port);
    for (let packetId = 1; packetId <= 3; packetId++) publisher.publish("a", { qos: 2, packetId });
    for (const [qos, member] of members.entries()) expect((await member.receive(Publish)).qos).toBe(qos);
  });

  it("carries the identifier of its member's subscription [MQTT-3.3.4-3]", async () => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port);
    await client.subscribe(["$share/g/a"], { subscriptionIdentifier: 5 });
    client.publish("a");
    expect((await client.receive(Publish)).properties.subscriptionIdentifiers).toEqual([5]);
  });

  it("is left by UNSUBSCRIBE and by the end of a session: the others get the rest", async () => {
    const { port } = await withBroker({ mqtt: { shareStrategy: "round-robin" } });
    const members = await Promise.all([1, 2, 3].map(() => TestClient.connect(port)));
    for (const member of members) await member.subscribe(["$share/g/a"]);
    members[0]!.send(unsubscribePacket(["$share/g/a"]));
    await members[0]!.receive(PacketType.Unsuback);
    members[1]!.destroy();
    await members[1]!.closed;
    const publisher = await TestClient.connect(port);
    await publishTexts(publisher, TWELVE);
    expect(await received([members[0]!, members[2]!])).toEqual([[], TWELVE]);
  });

  it("works for 3.1.1 as well", async () => {
    const { port } = await withBroker();
    const members = await Promise.all([1, 2].map(() => TestClient.connect(port, { version: 4 })));
    for (const member of members) await member.subscribe(["$share/g/a"]);
    await publishTexts(await TestClient.connect(port), TWELVE);
    expect((await received(members)).flat()).toHaveLength(12);
  });

  it("can be switched off", async () => {
    const { port } = await withBroker({ mqtt: { sharedSubscriptions: false } });
    const client = await TestClient.connect(port);
    expect(client.connack.properties.sharedSubscriptionAvailable).toBe(false);
    expect((await client.subscribe(["$share/g/a", "a"])).reasonCodes).toEqual([ReasonCode.SharedSubscriptionsNotSupported, 0]);
  });
});

describe("a member that leaves", () => {
  const session = { cleanStart: false, properties: { sessionExpiryIntervalSeconds: 100 } };

  it("for good leaves the others what it has not acknowledged at QoS 1, and what it has not been sent", async () => {
    const { port } = await withBroker({ mqtt: { shareStrategy: "round-robin" } });
    const slow = await TestClient.connect(port, { properties: { receiveMaximum: 1 } });
    await slow.subscribe([{ topicFilter: "$share/g/a", qos: 1 }]);
    const publisher = await TestClient.connect(port);
    publisher.send(...["1", "2", "3"].map((payload, i) => publishPacket("a", { qos: 1, packetId: i + 1, payload })));
    for (let i = 0; i < 3; i++) await publisher.receive(Puback);
    await slow.receive(Publish);

    const other = await TestClient.connect(port);
    await other.subscribe([{ topicFilter: "$share/g/a", qos: 1 }]);
    slow.destroy(); // its session ends with it
    expect(await other.receiveTexts(3)).toEqual(["1", "2", "3"]);
    await other.expectNothing();
  });

  it("with a QoS 2 message under way gets it when it comes back, and nobody else does [MQTT-4.8.2-4]", async () => {
    const { port } = await withBroker({ mqtt: { shareStrategy: "round-robin" } });
    const member = await TestClient.connect(port, { ...session, clientId: "m" });
    await member.subscribe([{ topicFilter: "$share/g/a", qos: 2 }]);
    const other = await TestClient.connect(port);
    await other.subscribe([{ topicFilter: "$share/g/b", qos: 2 }]);
    const publisher = await TestClient.connect(port);
    publisher.publish("a", { qos: 2, payload: "mine" });
    await publisher.receive(Pubrec);
    const { packetId } = await member.receive(Publish);
    await other.subscribe([{ topicFilter: "$share/g/a", qos: 2 }]);
    member.destroy();
    await member.closed;
    await other.expectNothing();

    const again = await TestClient.connect(port, { ...session, clientId: "m" });
    expect(await again.receive(Publish)).toMatchObject({ packetId, dup: true, qos: 2 });
    again.send(ack(Pubrec, packetId));
    await again.receive(Pubrel);
  });

  it("for good with a QoS 2 message under way takes it along [MQTT-4.8.2-5]", async () => {
    const { port, clock } = await withBroker({ mqtt: { shareStrategy: "round-robin" } });
    const member = await TestClient.connect(port, { ...session, clientId: "m" });
    await member.subscribe([{ topicFilter: "$share/g/a", qos: 2 }]);
    const publisher = await TestClient.connect(port);
    publisher.publish("a", { qos: 2, payload: "mine" });
    await publisher.receive(Pubrec);
    await member.receive(Publish);
    const other = await TestClient.connect(port);
    await other.subscribe([{ topicFilter: "$share/g/a", qos: 2 }]);
    member.destroy();
    await member.closed;
    await other.expectNothing();
    clock.advance(200_000);
    await other.expectNothing();
  });

  it("by refusing a message has it discarded, not passed on [MQTT-4.8.2-6]", async () => {
    const { port } = await withBroker({ mqtt: { shareStrategy: "round-robin" } });
    const members = await Promise.all([1, 2].map(() => TestClient.connect(port)));
    for (const member of members) await member.subscribe([{ topicFilter: "$share/g/a", qos: 1 }]);
    const publisher = await TestClient.connect(port);
    publisher.publish("a", { qos: 1 });
    await publisher.receive(Puback);
    const { packetId } = await members[0]!.receive(Publish);
    members[0]!.send(ack(Puback, packetId, ReasonCode.QuotaExceeded));
    for (const member of members) await member.expectNothing();
  });

  it("all of them: messages wait in the session of one", async () => {
    const { port } = await withBroker();
    const member = await TestClient.connect(port, { ...session, clientId: "m" });
    await member.subscribe([{ topicFilter: "$share/g/a", qos: 1 }]);
    member.destroy();
    await member.closed;
    const publisher = await TestClient.connect(port);
    publisher.publish("a", { qos: 1, payload: "later" });
    await publisher.receive(Puback);
    const again = await TestClient.connect(port, { ...session, clientId: "m" });
    expect(await again.receiveTexts(1)).toEqual(["later"]);
  });
});
