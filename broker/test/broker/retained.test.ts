import { describe, expect, it } from "vitest";
import { PacketType } from "../../src/codec/packet.js";
import { TestClient } from "../support/test-client.js";
import { textOf } from "../support/test-client-packets.js";
import { VERSIONS, withBroker } from "./support.js";

const { Publish, Puback, Pubrec, Pubcomp, Pubrel } = PacketType;

describe("a message with RETAIN", () => {
  it.each(VERSIONS)(
    "is sent to later subscribers with RETAIN and its QoS, in %s: [MQTT-3.3.1-5] [MQTT-3.3.1-9], " +
      "3.1.1 [MQTT-3.3.1-5] [MQTT-3.3.1-6] [MQTT-3.3.1-8]",
    async (_, version) => {
      const { port } = await withBroker();
      const publisher = await TestClient.connect(port, { version });
      publisher.publish("a/0", { retain: true, payload: "0" });
      publisher.publish("a/1", { retain: true, payload: "1", qos: 1 });
      await publisher.receive(Puback);
      publisher.publish("a/2", { retain: true, payload: "2", qos: 2 });
      await publisher.receive(Pubrec);
      publisher.send({ type: Pubrel, packetId: 1, reasonCode: 0, properties: {} });
      await publisher.receive(Pubcomp);

      const client = await TestClient.connect(port, { version });
      await client.subscribe([{ topicFilter: "a/+", qos: 2 }]);
      const messages = await client.receiveMessages(3);
      const seen = messages.map(({ topic, qos, retain, payload }) => [topic, qos, retain, textOf(payload)]);
      expect(seen.sort()).toEqual([
        ["a/0", 0, true, "0"],
        ["a/1", 1, true, "1"],
        ["a/2", 2, true, "2"],
      ]);
      await client.expectNothing();
    },
  );

  it.each([0, 1, 2] as const)("replaces the one before, at QoS %i: [MQTT-3.3.1-5], 3.1.1 [MQTT-3.3.1-7]", async (qos) => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port);
    client.publish("a", { retain: true, payload: "old", qos: 1 });
    await client.receive(Puback);
    client.publish("a", { retain: true, payload: "new", qos });
    if (qos > 0) await client.receive();
    await client.subscribe(["a"]);
    expect(await client.receiveTexts(1)).toEqual(["new"]);
    await client.expectNothing();
  });

  it.each(VERSIONS)(
    "and no payload is delivered, is not kept, and removes what was kept, in %s: [MQTT-3.3.1-6] [MQTT-3.3.1-7], " +
      "3.1.1 [MQTT-3.3.1-10] [MQTT-3.3.1-11]",
    async (_, version) => {
      const { port } = await withBroker();
      const client = await TestClient.connect(port, { version });
      client.publish("a", { retain: true, payload: "kept" });
      await client.subscribe(["a"]);
      await client.receive(Publish);
      client.publish("a", { retain: true });
      expect(await client.receive(Publish)).toMatchObject({ retain: false, payload: new Uint8Array() });

      const later = await TestClient.connect(port, { version });
      await later.subscribe(["a"]);
      await later.expectNothing();
    },
  );

  it.each(VERSIONS)("is not touched by messages without RETAIN, in %s: [MQTT-3.3.1-8], 3.1.1 [MQTT-3.3.1-12]", async (_, version) => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port, { version });
    client.publish("a", { retain: true, payload: "kept" });
    client.publish("a", { payload: "passing" });
    client.publish("a");
    client.publish("b", { payload: "passing" });
    await client.subscribe(["#"]);
    expect(await client.receiveTexts(1)).toEqual(["kept"]);
    await client.expectNothing();
  });

  it("outlives the session of its publisher, 3.1.1 [MQTT-3.1.2.7]", async () => {
    const { port } = await withBroker();
    const publisher = await TestClient.connect(port, { version: 4, clientId: "p" });
    publisher.publish("a", { retain: true, payload: "kept", qos: 1 });
    await publisher.receive(Puback);
    publisher.destroy();
    await publisher.closed;
    const client = await TestClient.connect(port, { version: 4, clientId: "p" });
    await client.subscribe(["a"]);
    expect(await client.receiveTexts(1)).toEqual(["kept"]);
  });

  it("keeps its properties, and carries the identifier of the subscription that asked [MQTT-3.3.4-3]", async () => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port);
    const properties = { contentType: "t", userProperties: [["k", "v"]] } as const;
    client.publish("a", { retain: true, payload: "x", properties });
    await client.subscribe(["a"], { subscriptionIdentifier: 7 });
    expect((await client.receive(Publish)).properties).toEqual({ ...properties, subscriptionIdentifiers: [7] });
  });

  it("on a topic that starts with $ is not sent to # [MQTT-4.7.2-1], 3.1.1 [MQTT-4.7.2-1]", async () => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port);
    client.publish("$test/a", { retain: true, payload: "x" });
    await client.subscribe(["#", "+/a"]);
    await client.expectNothing();
    await client.subscribe(["$test/#"]);
    await client.receive(Publish);
  });

  it("comes after the SUBACK, once for each filter of it that matches", async () => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port);
    client.publish("a", { retain: true, payload: "x" });
    await client.subscribe(["a", "+", "b"]);
    expect(await client.receiveTexts(2)).toEqual(["x", "x"]);
    await client.expectNothing();
  });
});

describe("Retain Handling", () => {
  it("0 sends retained messages with every subscription [MQTT-3.3.1-9]", async () => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port);
    client.publish("a", { retain: true, payload: "x" });
    for (let i = 0; i < 2; i++) {
      await client.subscribe([{ topicFilter: "a", retainHandling: 0 }]);
      expect(await client.receiveTexts(1)).toEqual(["x"]);
    }
  });

  it("1 sends them if the subscription is new [MQTT-3.3.1-10]", async () => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port);
    client.publish("a", { retain: true, payload: "x" });
    await client.subscribe([{ topicFilter: "a", retainHandling: 1 }]);
    expect(await client.receiveTexts(1)).toEqual(["x"]);
    await client.subscribe([{ topicFilter: "a", retainHandling: 1, qos: 1 }]);
    await client.expectNothing();
    await client.subscribe([{ topicFilter: "+", retainHandling: 1 }]);
    expect(await client.receiveTexts(1)).toEqual(["x"]);
  });

  it("2 never sends them [MQTT-3.3.1-11]", async () => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port);
    client.publish("a", { retain: true, payload: "x" });
    await client.subscribe([{ topicFilter: "a", retainHandling: 2 }]);
    await client.expectNothing();
  });

  it("does not matter to shared subscriptions, which get none", async () => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port);
    client.publish("a", { retain: true, payload: "x" });
    await client.subscribe([{ topicFilter: "$share/g/a", retainHandling: 0 }]);
    await client.expectNothing();
  });

  it("keeps RETAIN on retained messages whatever Retain As Published says", async () => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port);
    client.publish("a", { retain: true, payload: "x" });
    for (const retainAsPublished of [false, true]) {
      await client.subscribe([{ topicFilter: "a", retainAsPublished }]);
      expect((await client.receive(Publish)).retain).toBe(true);
    }
  });
});
