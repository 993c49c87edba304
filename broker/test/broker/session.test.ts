import { describe, expect, it } from "vitest";
import { type ConnectPacket, PacketType, type ProtocolVersion } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { TestClient } from "../support/test-client.js";
import { ack, disconnectPacket, publishPacket } from "../support/test-client-packets.js";
import { type RunningBroker, VERSIONS, withBroker } from "./support.js";

const { Publish, Puback, Pubrec, Pubrel, Pubcomp } = PacketType;

/** A CONNECT to a session that outlives its connection. */
function kept(version: ProtocolVersion, clientId = "kept"): Partial<ConnectPacket> {
  const properties = version === 5 ? { sessionExpiryIntervalSeconds: 3600 } : {};
  return { version, clientId, cleanStart: false, properties };
}

async function leave(client: TestClient): Promise<void> {
  client.destroy();
  await client.closed;
}

/** Publishes at QoS 1 and waits until the broker has taken it. */
async function publishAll({ port }: RunningBroker, payloads: readonly string[], qos: 1 | 2 = 1): Promise<void> {
  const publisher = await TestClient.connect(port);
  publisher.send(...payloads.map((payload, i) => publishPacket("a", { qos, packetId: i + 1, payload })));
  for (let i = 0; i < payloads.length; i++) await publisher.receive(qos === 1 ? Puback : Pubrec);
  publisher.destroy();
}

describe("a session that is kept", () => {
  it.each(VERSIONS)(
    "is there again, with subscriptions and what came meanwhile, in %s: [MQTT-3.1.2-5] [MQTT-3.1.2-23] [MQTT-3.1.3-2] " +
      "[MQTT-3.2.2-3] [MQTT-4.5.0-1], 3.1.1 [MQTT-3.1.2-4] [MQTT-3.1.2-5] [MQTT-3.1.3-2] [MQTT-4.1.0-1] [MQTT-4.5.0-1]",
    async (_, version) => {
      const broker = await withBroker();
      const first = await TestClient.connect(broker.port, kept(version));
      expect(first.connack.sessionPresent).toBe(false);
      await first.subscribe([{ topicFilter: "a", qos: 2 }]);
      await leave(first);
      await publishAll(broker, ["1", "2", "3"]);

      const second = await TestClient.connect(broker.port, kept(version));
      expect(second.connack.sessionPresent).toBe(version !== 3); // 3.1 has no flag for it
      const messages = await second.receiveMessages(3);
      expect(messages.map(({ payload, dup, qos }) => [Buffer.from(payload).toString(), dup, qos])).toEqual([
        ["1", false, 1],
        ["2", false, 1],
        ["3", false, 1],
      ]);
      await second.expectNothing();
    },
  );

  it("is told by Session Present [MQTT-3.2.2-3] [MQTT-3.2.2-2], 3.1.1 [MQTT-3.2.2-1] [MQTT-3.2.2-2] [MQTT-3.2.2-3]", async () => {
    const { port } = await withBroker();
    for (const version of [4, 5] as const) {
      const clientId = `c${version}`;
      const present: boolean[] = [];
      for (const cleanStart of [false, false, true, false]) {
        const client = await TestClient.connect(port, { ...kept(version, clientId), cleanStart });
        present.push(client.connack.sessionPresent);
        await leave(client);
      }
      expect(present).toEqual([false, true, false, version === 5]); // a clean session of 3.1.1 is not kept, a clean start of 5.0 is
    }
  });

  it.each(VERSIONS)(
    "ends when the client starts clean, in %s: [MQTT-3.1.2-4] [MQTT-3.1.4-4] [MQTT-3.2.2-2], " +
      "3.1.1 [MQTT-3.1.2-6] [MQTT-3.1.4-3] [MQTT-3.2.2-1]",
    async (_, version) => {
      const broker = await withBroker();
      const first = await TestClient.connect(broker.port, kept(version));
      await first.subscribe([{ topicFilter: "a", qos: 1 }]);
      await leave(first);
      await publishAll(broker, ["1"]);
      const second = await TestClient.connect(broker.port, { ...kept(version), cleanStart: true });
      expect(second.connack.sessionPresent).toBe(false);
      second.publish("a");
      await second.expectNothing();
    },
  );

  it("is left to the client that names it, and to no other [MQTT-3.1.3-2], 3.1.1 [MQTT-3.1.3-2]", async () => {
    const { port } = await withBroker();
    const first = await TestClient.connect(port, kept(5, "one"));
    await first.subscribe(["a"]);
    await leave(first);
    const other = await TestClient.connect(port, kept(5, "One"));
    expect(other.connack.sessionPresent).toBe(false);
    other.publish("a");
    await other.expectNothing();
  });

  it("can be taken up in another version of the protocol", async () => {
    const broker = await withBroker();
    const first = await TestClient.connect(broker.port, kept(4));
    await first.subscribe([{ topicFilter: "a", qos: 1 }]);
    await leave(first);
    await publishAll(broker, ["1"]);
    const second = await TestClient.connect(broker.port, kept(5));
    expect(second.connack.sessionPresent).toBe(true);
    expect(await second.receiveTexts(1)).toEqual(["1"]);
  });

  it("does not keep messages at QoS 0 for a client that is away", async () => {
    const broker = await withBroker();
    const first = await TestClient.connect(broker.port, kept(5));
    await first.subscribe([{ topicFilter: "a", qos: 1 }]);
    await leave(first);
    const publisher = await TestClient.connect(broker.port);
    publisher.publish("a", { payload: "QoS 0" });
    await publisher.expectNothing();
    await publishAll(broker, ["QoS 1"]);
    const second = await TestClient.connect(broker.port, kept(5));
    expect(await second.receiveTexts(1)).toEqual(["QoS 1"]);
  });

  it("keeps no more messages than allowed", async () => {
    const broker = await withBroker({ mqtt: { maxQueuedMessages: 10 } });
    const first = await TestClient.connect(broker.port, kept(5));
    await first.subscribe([{ topicFilter: "a", qos: 1 }]);
    await leave(first);
    await publishAll(
      broker,
      Array.from({ length: 30 }, (_, i) => String(i)),
    );
    const second = await TestClient.connect(broker.port, kept(5));
    const texts = await second.receiveTexts(10);
    expect(new Set(texts).size).toBe(10);
    await second.expectNothing();
  });
});

describe("the session expiry interval", () => {
  it("of 0, or none, ends the session with the connection [MQTT-4.1.0-2], 3.1.1 [MQTT-4.1.0-2]", async () => {
    const { port } = await withBroker();
    for (const properties of [{}, { sessionExpiryIntervalSeconds: 0 }]) {
      const first = await TestClient.connect(port, { clientId: "c", cleanStart: false, properties });
      await first.subscribe(["a"]);
      await leave(first);
      const second = await TestClient.connect(port, { clientId: "c", cleanStart: false, properties });
      expect(second.connack.sessionPresent).toBe(false);
      await leave(second);
    }
  });

  it(
    "runs from the end of the connection, and not before " + "[MQTT-4.1.0-1] [MQTT-4.1.0-2] [MQTT-3.1.2-23], 3.1.1 [MQTT-4.1.0-2]",
    async () => {
      const { port, clock } = await withBroker();
      const connect = { clientId: "c", cleanStart: false, properties: { sessionExpiryIntervalSeconds: 10 } };
      const first = await TestClient.connect(port, connect);
      await first.subscribe(["a"]);
      clock.advance(60_000);
      first.publish("a", { payload: "still here" });
      expect(await first.receiveTexts(1)).toEqual(["still here"]);
      await leave(first);
      await tick(port);
      clock.advance(8_000);
      const second = await TestClient.connect(port, connect);
      expect(second.connack.sessionPresent).toBe(true);
      await leave(second);
      await tick(port);
      clock.advance(12_000);
      expect((await TestClient.connect(port, connect)).connack.sessionPresent).toBe(false);
    },
  );

  it("of 0xFFFFFFFF is cut to the server's maximum, which CONNACK tells", async () => {
    const { port, clock } = await withBroker({ mqtt: { maxSessionExpirySeconds: 20 } });
    const connect = { clientId: "c", cleanStart: false, properties: { sessionExpiryIntervalSeconds: 0xffff_ffff } };
    const first = await TestClient.connect(port, connect);
    expect(first.connack.properties.sessionExpiryIntervalSeconds).toBe(20);
    await leave(first);
    await tick(port);
    clock.advance(22_000);
    expect((await TestClient.connect(port, connect)).connack.sessionPresent).toBe(false);
  });

  it("is the server's maximum for sessions of 3.1.1, which have none of their own", async () => {
    const { port, clock } = await withBroker({ mqtt: { maxSessionExpirySeconds: 20 } });
    await leave(await TestClient.connect(port, kept(4)));
    await tick(port);
    clock.advance(15_000);
    const second = await TestClient.connect(port, kept(4));
    expect(second.connack.sessionPresent).toBe(true);
    await leave(second);
    await tick(port);
    clock.advance(22_000);
    expect((await TestClient.connect(port, kept(4))).connack.sessionPresent).toBe(false);
  });

  it("can be changed by DISCONNECT, in either direction", async () => {
    const { port } = await withBroker();
    const first = await TestClient.connect(port, kept(5));
    first.send(disconnectPacket(0, { sessionExpiryIntervalSeconds: 0 }));
    await first.expectClosed();
    const second = await TestClient.connect(port, { ...kept(5), properties: { sessionExpiryIntervalSeconds: 1 } });
    expect(second.connack.sessionPresent).toBe(false);
    second.send(disconnectPacket(0, { sessionExpiryIntervalSeconds: 3600 }));
    await second.expectClosed();
    expect((await TestClient.connect(port, kept(5))).connack.sessionPresent).toBe(true);
  });

  it("that was 0 in CONNECT cannot become more in DISCONNECT", async () => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port, { clientId: "c" });
    client.send(disconnectPacket(0, { sessionExpiryIntervalSeconds: 60 }));
    await client.expectDisconnect(ReasonCode.ProtocolError);
  });
});

describe("messages that were not acknowledged", () => {
  it.each([4, 5] as const)(
    "are sent again in their order, with DUP and their identifiers, in version %i: [MQTT-4.4.0-1] [MQTT-3.3.1-1] [MQTT-4.3.2-3] " +
      "[MQTT-4.3.3-3], 3.1.1 [MQTT-4.4.0-1] [MQTT-3.3.1-1] [MQTT-4.3.2-1]",
    async (version) => {
      const broker = await withBroker();
      const first = await TestClient.connect(broker.port, kept(version));
      await first.subscribe([{ topicFilter: "a", qos: 2 }]);
      await publishAll(broker, ["1", "2", "3"], 1);
      await publishAll(broker, ["4"], 2);
      const sent = await first.receiveMessages(4);
      first.send(ack(Puback, sent[1]!.packetId));
      await first.expectNothing();
      await leave(first);

      const second = await TestClient.connect(broker.port, kept(version));
      const again = await second.receiveMessages(3);
      expect(again.map(({ packetId, dup }) => [packetId, dup])).toEqual(
        [sent[0]!, sent[2]!, sent[3]!].map(({ packetId }) => [packetId, true]),
      );
      await second.expectNothing();
    },
  );

  it("are not sent again while the connection lasts [MQTT-4.4.0-1]", async () => {
    const broker = await withBroker();
    const client = await TestClient.connect(broker.port, kept(5));
    await client.subscribe([{ topicFilter: "a", qos: 1 }]);
    await publishAll(broker, ["1"]);
    await client.receive(Publish);
    broker.clock.advance(3600_000);
    await client.expectNothing();
  });

  it.each([4, 5] as const)(
    "come after PUBREC as PUBREL, never as PUBLISH, in version %i: [MQTT-4.3.3-5] [MQTT-4.3.3-6] [MQTT-4.4.0-1], " +
      "3.1.1 [MQTT-4.3.3-1] [MQTT-4.4.0-1]",
    async (version) => {
      const broker = await withBroker();
      const first = await TestClient.connect(broker.port, kept(version));
      await first.subscribe([{ topicFilter: "a", qos: 2 }]);
      await publishAll(broker, ["1"], 2);
      const { packetId } = await first.receive(Publish);
      first.send(ack(Pubrec, packetId));
      await first.receive(Pubrel);
      await leave(first);

      const second = await TestClient.connect(broker.port, kept(version));
      expect(await second.receive()).toEqual(ack(Pubrel, packetId));
      second.send(ack(Pubcomp, packetId));
      await second.expectNothing();
      await leave(second);
      const third = await TestClient.connect(broker.port, kept(version));
      await third.expectNothing();
    },
  );

  it("count as acknowledged if the client refused them, and are not sent again [MQTT-4.4.0-2]", async () => {
    const broker = await withBroker();
    const first = await TestClient.connect(broker.port, kept(5));
    await first.subscribe([{ topicFilter: "a", qos: 2 }]);
    await publishAll(broker, ["1"], 1);
    await publishAll(broker, ["2"], 2);
    const [one, two] = await first.receiveMessages(2);
    first.send(ack(Puback, one!.packetId, ReasonCode.QuotaExceeded), ack(Pubrec, two!.packetId, ReasonCode.UnspecifiedError));
    await first.expectNothing();
    await leave(first);
    const second = await TestClient.connect(broker.port, kept(5));
    await second.expectNothing();
  });

  it("keep their identifiers from new messages [MQTT-2.2.1-4] [MQTT-4.3.2-1] [MQTT-4.3.3-1], 3.1.1 [MQTT-2.3.1-4]", async () => {
    const broker = await withBroker();
    const first = await TestClient.connect(broker.port, kept(5));
    await first.subscribe([{ topicFilter: "a", qos: 2 }]);
    await publishAll(broker, ["1", "2"], 1);
    await publishAll(broker, ["3"], 2);
    const old = (await first.receiveMessages(3)).map(({ packetId }) => packetId);
    await leave(first);
    const second = await TestClient.connect(broker.port, kept(5));
    await second.receiveMessages(3);
    await publishAll(broker, ["4", "5"], 1);
    const fresh = (await second.receiveMessages(2)).map(({ packetId }) => packetId);
    expect(new Set([...old, ...fresh]).size).toBe(5);
  });

  it("respect the Receive Maximum of the new connection [MQTT-3.3.4-9]", async () => {
    const broker = await withBroker();
    const first = await TestClient.connect(broker.port, kept(5));
    await first.subscribe([{ topicFilter: "a", qos: 1 }]);
    await publishAll(broker, ["1", "2", "3"]);
    await first.receiveMessages(3);
    await leave(first);
    const second = await TestClient.connect(broker.port, {
      ...kept(5),
      properties: { sessionExpiryIntervalSeconds: 3600, receiveMaximum: 1 },
    });
    for (const expected of ["1", "2", "3"]) {
      const message = await second.receive(Publish);
      expect(Buffer.from(message.payload).toString()).toBe(expected);
      await second.expectNothing();
      second.send(ack(Puback, message.packetId));
    }
  });

  it("are not sent again to a client that by now accepts smaller packets only [MQTT-3.1.2-24] [MQTT-3.1.2-25]", async () => {
    const broker = await withBroker();
    const first = await TestClient.connect(broker.port, kept(5));
    await first.subscribe([{ topicFilter: "a", qos: 1 }]);
    await publishAll(broker, ["x".repeat(100), "small"]);
    await first.receiveMessages(2);
    await leave(first);
    const properties = { sessionExpiryIntervalSeconds: 3600, maximumPacketSizeBytes: 50 };
    const second = await TestClient.connect(broker.port, { ...kept(5), properties });
    expect(await second.receiveTexts(1)).toEqual(["small"]);
    await second.expectNothing();
  });
});

/** Until another connection has been served, so that the broker has seen what came before it. */
async function tick(port: number): Promise<void> {
  const client = await TestClient.connect(port);
  await client.expectNothing();
  client.destroy();
}
