import { describe, expect, it } from "vitest";
import { PacketType } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { TestClient } from "../support/test-client.js";
import { withBroker } from "./support.js";

const { Publish } = PacketType;

describe("a client's topic alias", () => {
  it("stands for the topic it was sent with, up to the maximum [MQTT-3.3.2-12]", async () => {
    const { port } = await withBroker({ mqtt: { topicAliasMaximum: 5 } });
    const client = await TestClient.connect(port);
    await client.subscribe(["#"]);
    for (let topicAlias = 1; topicAlias <= 5; topicAlias++) client.publish(`topic/${topicAlias}`, { properties: { topicAlias } });
    for (let topicAlias = 5; topicAlias >= 1; topicAlias--) client.publish("", { properties: { topicAlias } });
    const topics = (await client.receiveMessages(10)).map(({ topic }) => topic);
    expect(topics).toEqual([1, 2, 3, 4, 5, 5, 4, 3, 2, 1].map((alias) => `topic/${alias}`));
  });

  it("can be given to another topic, and is no property of the message", async () => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port);
    await client.subscribe(["#"]);
    client.publish("old", { properties: { topicAlias: 1 } });
    client.publish("new", { properties: { topicAlias: 1 } });
    client.publish("", { properties: { topicAlias: 1 } });
    const messages = await client.receiveMessages(3);
    expect(messages.map(({ topic }) => topic)).toEqual(["old", "new", "new"]);
    expect(messages.map(({ properties }) => properties)).toEqual([{}, {}, {}]);
  });

  it("above the maximum ends the connection [MQTT-3.3.2-9] [MQTT-3.2.2-17]", async () => {
    const { port } = await withBroker({ mqtt: { topicAliasMaximum: 5 } });
    const client = await TestClient.connect(port);
    client.publish("a", { properties: { topicAlias: 6 } });
    await client.expectDisconnect(ReasonCode.TopicAliasInvalid);
  });

  it("is never allowed where the maximum is 0 [MQTT-3.2.2-18]", async () => {
    const { port } = await withBroker({ mqtt: { topicAliasMaximum: 0 } });
    const client = await TestClient.connect(port);
    expect(client.connack.properties.topicAliasMaximum ?? 0).toBe(0);
    client.publish("a", { properties: { topicAlias: 1 } });
    await client.expectDisconnect(ReasonCode.TopicAliasInvalid);
  });

  it("that stands for nothing ends the connection", async () => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port);
    client.publish("", { properties: { topicAlias: 2 } });
    await client.expectDisconnect(ReasonCode.ProtocolError);
  });

  it("ends with its connection, whatever becomes of the session [MQTT-3.3.2-7]", async () => {
    const { port } = await withBroker();
    const session = { clientId: "c", cleanStart: false, properties: { sessionExpiryIntervalSeconds: 60 } };
    const first = await TestClient.connect(port, session);
    first.publish("a", { properties: { topicAlias: 1 } });
    await first.expectNothing();
    first.destroy();
    const second = await TestClient.connect(port, session);
    second.publish("", { properties: { topicAlias: 1 } });
    await second.expectDisconnect(ReasonCode.ProtocolError);
  });
});

describe("the server's topic alias", () => {
  it("stays within the client's maximum and is sent with the topic first [MQTT-3.1.2-26] [MQTT-3.3.2-11]", async () => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port, { properties: { topicAliasMaximum: 2 } });
    await client.subscribe(["#"]);
    const sent = ["a", "b", "a", "b", "c", "c", "a", "d", "b"];
    for (const topic of sent) client.publish(topic);

    const topicOf = new Map<number, string>();
    const received: string[] = [];
    for (let i = 0; i < sent.length; i++) {
      const { topic, properties } = await client.receive(Publish);
      const { topicAlias } = properties;
      if (topicAlias !== undefined) {
        expect(topicAlias).toBeGreaterThan(0);
        expect(topicAlias).toBeLessThanOrEqual(2);
        if (topic !== "") topicOf.set(topicAlias, topic);
      }
      received.push(topic === "" ? topicOf.get(topicAlias!)! : topic);
    }
    expect(received).toEqual(sent);
    expect(topicOf.size).toBeGreaterThan(0);
  });

  it("saves the topic when it comes again", async () => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port, { properties: { topicAliasMaximum: 10 } });
    await client.subscribe(["#"]);
    for (let i = 0; i < 10; i++) client.publish("a/long/topic/that/comes/often");
    const topics = (await client.receiveMessages(10)).map(({ topic }) => topic);
    expect(topics.filter((topic) => topic === "").length).toBeGreaterThanOrEqual(8);
  });

  it("is not used with a client that did not ask for any [MQTT-3.1.2-27]", async () => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port);
    await client.subscribe(["#"]);
    for (let i = 0; i < 5; i++) client.publish("a");
    for (const { topic, properties } of await client.receiveMessages(5))
      expect({ topic, properties }).toEqual({ topic: "a", properties: {} });
  });

  it("starts anew with each connection [MQTT-3.3.2-7]", async () => {
    const { port } = await withBroker();
    const session = { clientId: "c", cleanStart: false, properties: { sessionExpiryIntervalSeconds: 60, topicAliasMaximum: 5 } };
    const first = await TestClient.connect(port, session);
    await first.subscribe(["#"]);
    for (let i = 0; i < 3; i++) first.publish("a");
    await first.receiveMessages(3);
    first.destroy();
    const second = await TestClient.connect(port, session);
    second.publish("a");
    expect((await second.receive(Publish)).topic).toBe("a");
  });
});
