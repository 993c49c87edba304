import { describe, expect, it } from "vitest";
import { PacketType } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { bytesOf } from "../codec/hex.js";
import { TestClient } from "../support/test-client.js";
import { ack, publishPacket } from "../support/test-client-packets.js";
import { withBroker } from "./support.js";

const { Puback, Pubrec, Pubrel, Pubcomp, Publish } = PacketType;

describe("Receive Maximum of the client", () => {
  it.each([1, 2] as const)(
    "holds back messages at QoS %i until others are acknowledged [MQTT-3.3.4-9] [MQTT-4.9.0-1] [MQTT-4.9.0-2]",
    async (qos) => {
      const { port } = await withBroker();
      const client = await TestClient.connect(port, { properties: { receiveMaximum: 2 } });
      const publisher = await TestClient.connect(port);
      await client.subscribe([{ topicFilter: "a", qos }]);
      publisher.send(...["1", "2", "3", "4", "5"].map((payload, i) => publishPacket("a", { qos, packetId: i + 1, payload })));
      for (let i = 0; i < 5; i++) await publisher.receive(qos === 1 ? Puback : Pubrec);

      const [first, second] = await client.receiveMessages(2);
      await client.expectNothing();
      client.send(ack(qos === 1 ? Puback : Pubrec, second!.packetId));
      if (qos === 2) {
        await client.receive(Pubrel);
        await client.expectNothing(); // PUBREC below 0x80 frees nothing
        client.send(ack(Pubcomp, second!.packetId));
      }
      expect(await client.receiveTexts(1)).toEqual(["3"]);
      await client.expectNothing();
      client.send(ack(qos === 1 ? Puback : Pubrec, first!.packetId));
      if (qos === 2) {
        await client.receive(Pubrel);
        client.send(ack(Pubcomp, first!.packetId));
      }
      expect(await client.receiveTexts(1)).toEqual(["4"]);
    },
  );

  it(
    "holds back nothing else: pings, subscriptions and the client's own messages are answered, and QoS 0 comes [MQTT-3.3.4-10] " +
      "[MQTT-4.9.0-3]",
    async () => {
      const { port } = await withBroker();
      const client = await TestClient.connect(port, { properties: { receiveMaximum: 1 } });
      await client.subscribe([{ topicFilter: "a", qos: 1 }]);
      client.publish("a", { qos: 1, payload: "1" });
      const kinds = [(await client.receive()).type, (await client.receive()).type];
      expect(kinds.sort()).toEqual([Publish, Puback]);

      await client.expectNothing();
      await client.subscribe(["b"]);
      client.publish("b", { payload: "QoS 0" });
      expect(await client.receiveTexts(1)).toEqual(["QoS 0"]);
      client.publish("c", { qos: 2, packetId: 9 });
      await client.receive(Pubrec);
    },
  );

  it("is freed by PUBREC of 0x80 or more, without PUBREL [MQTT-4.4.0-2]", async () => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port, { properties: { receiveMaximum: 1 } });
    const publisher = await TestClient.connect(port);
    await client.subscribe([{ topicFilter: "a", qos: 2 }]);
    publisher.send(publishPacket("a", { qos: 2, packetId: 1, payload: "1" }), publishPacket("a", { qos: 2, packetId: 2, payload: "2" }));
    const first = await client.receive(Publish);
    client.send(ack(Pubrec, first.packetId, ReasonCode.QuotaExceeded));
    expect(await client.receiveTexts(1)).toEqual(["2"]);
  });

  it("of 0 is a protocol error", async () => {
    const { port } = await withBroker();
    const client = await TestClient.open(port);
    client.sendBytes(bytesOf("10 11 | 00 04 'MQTT' 05 | 02 | 00 00 | 03 21 00 00 | 00 01 'c'"));
    expect((await client.receive(PacketType.Connack)).reasonCode).toBe(ReasonCode.ProtocolError);
    await client.expectClosed();
  });
});

describe("the server's own window", () => {
  it.each([4, 5] as const)("holds messages back as well, in version %i", async (version) => {
    const { port } = await withBroker({ mqtt: { maxInflight: 3 } });
    const client = await TestClient.connect(port, { version });
    const publisher = await TestClient.connect(port);
    await client.subscribe([{ topicFilter: "a", qos: 1 }]);
    publisher.send(...Array.from({ length: 9 }, (_, i) => publishPacket("a", { qos: 1, packetId: i + 1, payload: String(i) })));
    for (let i = 0; i < 9; i++) await publisher.receive(Puback);
    for (let round = 0; round < 3; round++) {
      const messages = await client.receiveMessages(3);
      await client.expectNothing();
      client.send(...messages.map(({ packetId }) => ack(Puback, packetId)));
    }
    await client.expectNothing();
  });
});

describe("Receive Maximum of the server", () => {
  it("ends a connection that has more QoS 2 messages under way [MQTT-3.3.4-7]", async () => {
    const { port } = await withBroker({ mqtt: { receiveMaximum: 2 } });
    const client = await TestClient.connect(port);
    client.send(publishPacket("a", { qos: 2, packetId: 1 }), publishPacket("a", { qos: 2, packetId: 2 }));
    await client.receive(Pubrec);
    await client.receive(Pubrec);
    client.publish("a", { qos: 2, packetId: 3 });
    await client.expectDisconnect(ReasonCode.ReceiveMaximumExceeded);
  });

  it("counts a message until PUBCOMP, and repeats of it not at all", async () => {
    const { port } = await withBroker({ mqtt: { receiveMaximum: 1 } });
    const client = await TestClient.connect(port);
    for (let packetId = 1; packetId <= 3; packetId++) {
      client.publish("a", { qos: 2, packetId });
      client.publish("a", { qos: 2, packetId, dup: true });
      await client.receive(Pubrec);
      await client.receive(Pubrec);
      client.send(ack(Pubrel, packetId));
      await client.receive(Pubcomp);
    }
  });

  it("does not stand in the way of a client that waits for its PUBACKs", async () => {
    const { port } = await withBroker({ mqtt: { receiveMaximum: 5 } });
    const client = await TestClient.connect(port);
    for (let packetId = 1; packetId <= 50; packetId += 5) {
      client.send(...Array.from({ length: 5 }, (_, i) => publishPacket("a", { qos: 1, packetId: packetId + i })));
      for (let i = 0; i < 5; i++) await client.receive(Puback);
    }
  });
});

describe("Maximum Packet Size of the client", () => {
  it("keeps larger messages away, which count as sent [MQTT-3.1.2-24] [MQTT-3.1.2-25]", async () => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port, { properties: { maximumPacketSizeBytes: 64, receiveMaximum: 1 } });
    const publisher = await TestClient.connect(port);
    await client.subscribe([{ topicFilter: "a", qos: 1 }]);
    for (const [i, length] of [57, 56, 500, 3].entries()) {
      publisher.publish("a", { qos: 1, packetId: i + 1, payload: "x".repeat(length) });
    }
    const sizes: number[] = [];
    for (let i = 0; i < 2; i++) {
      const message = await client.receive(Publish);
      sizes.push(message.payload.length);
      client.send(ack(Puback, message.packetId));
    }
    expect(sizes).toEqual([56, 3]); // of 64 bytes, 8 are not payload
    await client.expectNothing();
  });

  it("keeps a larger one away from that client only", async () => {
    const { port } = await withBroker();
    const small = await TestClient.connect(port, { properties: { maximumPacketSizeBytes: 32 } });
    const large = await TestClient.connect(port);
    await small.subscribe(["a"]);
    await large.subscribe(["a"]);
    large.publish("a", { payload: "x".repeat(100) });
    expect(await large.receiveTexts(1)).toEqual(["x".repeat(100)]);
    await small.expectNothing();
  });
});
