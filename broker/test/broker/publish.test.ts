import { describe, expect, it } from "vitest";
import { PacketType } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { bytesOf, hexOf } from "../codec/hex.js";
import { TestClient } from "../support/test-client.js";
import { ack, publishPacket, textOf } from "../support/test-client-packets.js";
import { VERSIONS, withBroker } from "./support.js";

const { Puback, Pubrec, Pubrel, Pubcomp, Publish } = PacketType;

describe("PUBLISH from a client", () => {
  it.each(VERSIONS)("at QoS 0 is not answered, in %s: [MQTT-3.3.4-1], 3.1.1 [MQTT-3.3.4-1]", async (_, version) => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port, { version });
    client.publish("a");
    await client.expectNothing();
  });

  it.each(VERSIONS)(
    "at QoS 1 is answered by PUBACK under its identifier, in %s: [MQTT-3.3.4-1] [MQTT-4.3.2-4] [MQTT-2.2.1-5], " +
      "3.1.1 [MQTT-3.3.4-1] [MQTT-4.3.2-2] [MQTT-2.3.1-6]",
    async (_, version) => {
      const { port } = await withBroker();
      const client = await TestClient.connect(port, { version });
      await client.subscribe(["a"]);
      for (const packetId of [1, 65_535, 300]) {
        client.publish("a", { qos: 1, packetId });
        const answers = [await client.receive(), await client.receive()];
        expect(answers.find(({ type }) => type === Puback)).toEqual(ack(Puback, packetId));
      }
    },
  );

  it.each(VERSIONS)(
    "at QoS 2 is answered by PUBREC and PUBCOMP under its identifier, in %s: [MQTT-3.3.4-1] [MQTT-4.3.3-8] [MQTT-4.3.3-11] " +
      "[MQTT-2.2.1-5], 3.1.1 [MQTT-4.3.3-2] [MQTT-2.3.1-6]",
    async (_, version) => {
      const { port } = await withBroker();
      const client = await TestClient.connect(port, { version });
      const watcher = await TestClient.connect(port);
      await watcher.subscribe(["a"]);
      client.publish("a", { qos: 2, packetId: 77 });
      expect(await client.receive(Pubrec)).toEqual(ack(Pubrec, 77));
      client.send(ack(Pubrel, 77));
      expect(await client.receive(Pubcomp)).toEqual(ack(Pubcomp, 77));
      await watcher.receive(Publish);
    },
  );

  it.each(VERSIONS)(
    "at QoS 1 under the identifier of one that was acknowledged is a new message, in %s: [MQTT-4.3.2-5], 3.1.1 [MQTT-4.3.2-2]",
    async (_, version) => {
      const { port } = await withBroker();
      const client = await TestClient.connect(port, { version });
      const watcher = await TestClient.connect(port);
      await watcher.subscribe(["a"]);
      client.publish("a", { qos: 1, payload: "1" });
      await client.receive(Puback);
      client.publish("a", { qos: 1, dup: true, payload: "2" });
      await client.receive(Puback);
      expect(await watcher.receiveTexts(2)).toEqual(["1", "2"]);
    },
  );

  it.each(VERSIONS)(
    "at QoS 2 that is repeated before PUBREL is acknowledged again and delivered once, in %s: [MQTT-4.3.3-10], 3.1.1 [MQTT-4.3.3-2]",
    async (_, version) => {
      const { port } = await withBroker();
      const client = await TestClient.connect(port, { version });
      const watcher = await TestClient.connect(port);
      await watcher.subscribe(["a"]);
      for (const dup of [false, true, true]) {
        client.publish("a", { qos: 2, dup, packetId: 5, payload: "once" });
        expect(await client.receive(Pubrec)).toEqual(ack(Pubrec, 5));
      }
      client.send(ack(Pubrel, 5));
      await client.receive(Pubcomp);
      client.send(ack(Pubrel, 5));
      expect(await client.receive(Pubcomp)).toEqual(ack(Pubcomp, 5, version === 5 ? ReasonCode.PacketIdentifierNotFound : 0));

      expect(await watcher.receiveTexts(1)).toEqual(["once"]);
      await watcher.expectNothing();
    },
  );

  it.each(VERSIONS)(
    "at QoS 2 after PUBCOMP is a new message under the same identifier, in %s: [MQTT-4.3.3-12], 3.1.1 [MQTT-4.3.3-2]",
    async (_, version) => {
      const { port } = await withBroker();
      const client = await TestClient.connect(port, { version });
      const watcher = await TestClient.connect(port);
      await watcher.subscribe(["a"]);
      for (const payload of ["1", "2"]) {
        client.publish("a", { qos: 2, packetId: 5, payload });
        await client.receive(Pubrec);
        client.send(ack(Pubrel, 5));
        await client.receive(Pubcomp);
      }
      expect(await watcher.receiveTexts(2)).toEqual(["1", "2"]);
    },
  );

  it(
    "at QoS 2 is delivered once even if the connection breaks before PUBREL " + "[MQTT-4.3.3-10], 3.1.1 [MQTT-4.3.3-2] [MQTT-4.1.0-1]",
    async () => {
      const { port } = await withBroker();
      const watcher = await TestClient.connect(port);
      await watcher.subscribe(["a"]);
      const session = { version: 4, clientId: "publisher", cleanStart: false } as const;
      const first = await TestClient.connect(port, session);
      first.publish("a", { qos: 2, packetId: 5, payload: "once" });
      await first.receive(Pubrec);
      first.destroy();

      const second = await TestClient.connect(port, session);
      second.publish("a", { qos: 2, dup: true, packetId: 5, payload: "once" });
      await second.receive(Pubrec);
      second.send(ack(Pubrel, 5));
      await second.receive(Pubcomp);
      expect(await watcher.receiveTexts(1)).toEqual(["once"]);
      await watcher.expectNothing();
    },
  );

  it("is acknowledged in the order of arrival, QoS 1 beside QoS 2", async () => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port);
    client.send(...Array.from({ length: 20 }, (_, i) => publishPacket("a", { qos: i % 2 === 0 ? 1 : 2, packetId: i + 1 })));
    for (let i = 0; i < 20; i++) expect(await client.receive()).toMatchObject({ type: i % 2 === 0 ? Puback : Pubrec, packetId: i + 1 });
  });

  it("must not carry a subscription identifier [MQTT-3.3.4-6]", async () => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port);
    client.publish("a", { properties: { subscriptionIdentifiers: [1] } });
    await client.expectDisconnect(ReasonCode.ProtocolError);
  });

  it.each([
    ["at QoS 0", 0],
    ["at QoS 1", 1],
    ["at QoS 2", 2],
  ] as const)("to a topic with wildcards is refused, %s: [MQTT-3.3.2-2] [MQTT-4.7.0-1], 3.1.1 [MQTT-4.7.1-1]", async (_, qos) => {
    const { port } = await withBroker();
    const bytes = qos === 0 ? "30 06 00 03 'a/#' 00" : `${qos === 1 ? "32" : "34"} 08 00 03 'a/#' 00 01 00`;
    const client = await TestClient.connect(port);
    client.sendBytes(bytesOf(bytes));
    await client.expectDisconnect(ReasonCode.TopicNameInvalid);
  });

  it("longer than the server accepts ends the connection before it has come in full [MQTT-3.2.2-15]", async () => {
    const { port } = await withBroker({ mqtt: { maxPacketBytes: 1024 } });
    const client = await TestClient.connect(port);
    client.publish("a", { payload: "x".repeat(1017) }); // 1,024 bytes with the header
    await client.expectNothing();
    client.sendBytes(bytesOf("30 fe 07"));
    await client.expectDisconnect(ReasonCode.PacketTooLarge);
  });
});

describe("PUBLISH to a client", () => {
  it.each(VERSIONS)(
    "at QoS 0 has neither DUP nor identifier, in %s: [MQTT-4.3.1-1] [MQTT-3.3.1-2] [MQTT-2.2.1-2], " +
      "3.1.1 [MQTT-4.3.1-1] [MQTT-3.3.1-2] [MQTT-2.3.1-5]",
    async (_, version) => {
      const { port } = await withBroker();
      const client = await TestClient.connect(port, { version });
      await client.subscribe([{ topicFilter: "a", qos: 2 }]);
      client.publish("a", { payload: "x" });
      expect(hexOf(await client.receiveFrame())).toBe(version === 5 ? "30 05 00 01 61 00 78" : "30 04 00 01 61 78");
    },
  );

  it.each(VERSIONS)(
    "at QoS 1 has an identifier of its own and no DUP, in %s: [MQTT-4.3.2-1] [MQTT-4.3.2-2] [MQTT-2.2.1-4], " +
      "3.1.1 [MQTT-4.3.2-1] [MQTT-2.3.1-4]",
    async (_, version) => {
      const { port } = await withBroker();
      const client = await TestClient.connect(port, { version });
      const publisher = await TestClient.connect(port);
      await client.subscribe([{ topicFilter: "a", qos: 1 }]);
      for (let packetId = 1; packetId <= 20; packetId++) publisher.publish("a", { qos: 1, packetId });
      const messages = await client.receiveMessages(20);
      expect(messages.every(({ dup, qos }) => !dup && qos === 1)).toBe(true);
      const ids = messages.map(({ packetId }) => packetId);
      expect(new Set(ids).size).toBe(20);
      expect(ids).not.toContain(0);
    },
  );

  it.each(VERSIONS)(
    "at QoS 2 takes PUBREC, PUBREL and PUBCOMP, in %s: [MQTT-4.3.3-1] [MQTT-4.3.3-2] [MQTT-4.3.3-4], 3.1.1 [MQTT-4.3.3-1]",
    async (_, version) => {
      const { port } = await withBroker();
      const client = await TestClient.connect(port, { version });
      const publisher = await TestClient.connect(port);
      await client.subscribe([{ topicFilter: "a", qos: 2 }]);
      publisher.publish("a", { qos: 2, payload: "x" });
      const { packetId, dup, qos } = await client.receive(Publish);
      expect({ dup, qos }).toEqual({ dup: false, qos: 2 });
      client.send(ack(Pubrec, packetId));
      expect(await client.receive(Pubrel)).toEqual(ack(Pubrel, packetId));
      client.send(ack(Pubcomp, packetId));
      await client.expectNothing();
    },
  );

  it("does not inherit DUP from the one that came in [MQTT-3.3.1-3], 3.1.1 [MQTT-3.3.1-3]", async () => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port);
    await client.subscribe([{ topicFilter: "a", qos: 1 }]);
    const publisher = await TestClient.connect(port, { version: 4 });
    publisher.publish("a", { qos: 1, dup: true });
    expect((await client.receive(Publish)).dup).toBe(false);
  });

  it.each([
    [0, 0, 0],
    [0, 2, 0],
    [1, 0, 0],
    [1, 2, 1],
    [2, 0, 0],
    [2, 1, 1],
    [2, 2, 2],
  ] as const)(
    "published at QoS %i to a subscription at QoS %i goes at QoS %i [MQTT-3.8.4-8], 3.1.1 [MQTT-3.8.4-6]",
    async (published, granted, delivered) => {
      const { port } = await withBroker();
      const client = await TestClient.connect(port);
      const publisher = await TestClient.connect(port);
      await client.subscribe([{ topicFilter: "a", qos: granted }]);
      publisher.publish("a", { qos: published });
      expect((await client.receive(Publish)).qos).toBe(delivered);
    },
  );

  it.each([0, 1, 2] as const)(
    "keeps the publisher's order at QoS %i [MQTT-4.6.0-5] [MQTT-4.6.0-6], 3.1.1 [MQTT-4.6.0-5] [MQTT-4.6.0-6]",
    async (qos) => {
      const { port } = await withBroker();
      const client = await TestClient.connect(port);
      const publisher = await TestClient.connect(port);
      await client.subscribe([{ topicFilter: "+/x", qos }]);
      const sent = Array.from({ length: 500 }, (_, i) => String(i));
      publisher.send(...sent.map((payload, i) => publishPacket(i % 2 ? "a/x" : "b/x", { qos, packetId: qos && i + 1, payload })));
      expect(await client.receiveTexts(500)).toEqual(sent);
    },
  );

  it("carries the topic it was published to, unchanged [MQTT-3.3.2-3] [MQTT-4.7.3-4], 3.1.1 [MQTT-3.3.2-3] [MQTT-4.7.3-4]", async () => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port);
    await client.subscribe(["#"]);
    const topics = ["a", "/", "//", "a/", "A\u0301", "\u00c1", "a b", "日/\ufeff", "x/$y"]; // one letter, composed and not
    for (const topic of topics) client.publish(topic);
    expect((await client.receiveMessages(topics.length)).map(({ topic }) => topic)).toEqual(topics);
  });

  it.each(VERSIONS)("carries the bytes it was published with, whatever the publisher spoke: from %s", async (_, version) => {
    const { port } = await withBroker();
    const publisher = await TestClient.connect(port, { version });
    const subscribers = await Promise.all(VERSIONS.map(([, one]) => TestClient.connect(port, { version: one })));
    for (const subscriber of subscribers) await subscriber.subscribe(["a"]);
    const payload = Uint8Array.from({ length: 70_000 }, (_, i) => i % 251);
    publisher.publish("a", { payload });
    publisher.publish("a", { payload: new Uint8Array() });
    for (const subscriber of subscribers) {
      const [full, empty] = await subscriber.receiveMessages(2);
      expect(Buffer.from(full!.payload).equals(payload)).toBe(true);
      expect(empty!.payload).toHaveLength(0);
    }
  });

  it(
    "carries the properties of the message as they came [MQTT-3.3.2-4] [MQTT-3.3.2-15] [MQTT-3.3.2-16] [MQTT-3.3.2-17] " +
      "[MQTT-3.3.2-18] [MQTT-3.3.2-20]",
    async () => {
      const { port } = await withBroker();
      const client = await TestClient.connect(port);
      await client.subscribe(["a"]);
      const properties = {
        payloadFormatIndicator: 1,
        contentType: "text/plain",
        responseTopic: "answer/1",
        correlationData: bytesOf("00 ff"),
        userProperties: [
          ["b", "2"],
          ["a", "1"],
          ["b", "1"],
          ["", ""],
        ],
      } as const;
      client.publish("a", { properties, payload: "x" });
      expect((await client.receive(Publish)).properties).toEqual(properties);
    },
  );

  it("of a publisher that goes away at once still arrives", async () => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port);
    await client.subscribe(["a"]);
    const publisher = await TestClient.connect(port);
    publisher.publish("a", { payload: "last words" });
    publisher.send({ type: PacketType.Disconnect, reasonCode: 0, properties: {} });
    expect(textOf((await client.receive(Publish)).payload)).toBe("last words");
  });
});
