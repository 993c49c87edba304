import { describe, expect, it } from "vitest";
import { PacketType } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { bytesOf } from "../codec/hex.js";
import { TestClient } from "../support/test-client.js";
import { connectPacket, disconnectPacket, textOf, will } from "../support/test-client-packets.js";
import { VERSIONS, withBroker } from "./support.js";

const { Publish } = PacketType;

describe("a will", () => {
  it.each(VERSIONS)(
    "is published when the connection breaks, in %s: [MQTT-3.1.2-7] [MQTT-3.1.2-8] [MQTT-3.1.2-14], 3.1.1 [MQTT-3.1.2-8] [MQTT-3.1.2-16]",
    async (_, version) => {
      const { port } = await withBroker();
      const watcher = await TestClient.connect(port);
      await watcher.subscribe([{ topicFilter: "gone", qos: 1 }]);
      const client = await TestClient.connect(port, { version, will: will("gone", "bye", { qos: 1 }) });
      await watcher.expectNothing();
      client.destroy();
      const message = await watcher.receive(Publish);
      expect(message).toMatchObject({ topic: "gone", qos: 1, retain: false });
      expect(textOf(message.payload)).toBe("bye");

      const later = await TestClient.connect(port);
      await later.subscribe(["gone"]);
      await later.expectNothing();
    },
  );

  it.each(VERSIONS)(
    "is discarded by DISCONNECT, in %s: [MQTT-3.1.2-10] [MQTT-3.14.4-3], 3.1.1 [MQTT-3.1.2-10] [MQTT-3.14.4-3]",
    async (_, version) => {
      const { port } = await withBroker();
      const watcher = await TestClient.connect(port);
      await watcher.subscribe(["gone"]);
      const client = await TestClient.connect(port, { version, will: will("gone", "bye") });
      client.send(disconnectPacket());
      await client.expectClosed();
      await watcher.expectNothing();
    },
  );

  it("is published by DISCONNECT with any other code [MQTT-3.1.2-8]", async () => {
    const { port } = await withBroker();
    const watcher = await TestClient.connect(port);
    await watcher.subscribe(["gone"]);
    for (const code of [ReasonCode.DisconnectWithWillMessage, ReasonCode.UnspecifiedError, ReasonCode.QuotaExceeded]) {
      const client = await TestClient.connect(port, { will: will("gone", code.toString()) });
      client.send(disconnectPacket(code));
      expect(await watcher.receiveTexts(1)).toEqual([code.toString()]);
    }
  });

  it.each(VERSIONS)(
    "is published once, and not again by the client's next connection, in %s: [MQTT-3.1.2-10], 3.1.1 [MQTT-3.1.2-10] [MQTT-3.1.2-12]",
    async (_, version) => {
      const { port } = await withBroker();
      const watcher = await TestClient.connect(port);
      await watcher.subscribe(["gone"]);
      const session = { version, clientId: "c", cleanStart: false } as const;
      const first = await TestClient.connect(port, { ...session, will: will("gone", "bye") });
      first.destroy();
      await watcher.receive(Publish);
      const second = await TestClient.connect(port, session);
      second.destroy();
      await second.closed;
      await watcher.expectNothing();
    },
  );

  it.each(VERSIONS)("that is retained stays, in %s: [MQTT-3.1.2-15], 3.1.1 [MQTT-3.1.2-17]", async (_, version) => {
    const { port } = await withBroker();
    const watcher = await TestClient.connect(port);
    await watcher.subscribe(["gone"]);
    const client = await TestClient.connect(port, { version, will: will("gone", "bye", { retain: true }) });
    client.destroy();
    expect((await watcher.receive(Publish)).retain).toBe(false);
    const later = await TestClient.connect(port, { version });
    await later.subscribe(["gone"]);
    expect(await later.receive(Publish)).toMatchObject({ retain: true, topic: "gone" });
  });

  it.each(VERSIONS)("is published after a protocol error, in %s: [MQTT-3.1.2-8], 3.1.1 [MQTT-3.1.2-8]", async (_, version) => {
    const { port } = await withBroker();
    const watcher = await TestClient.connect(port);
    await watcher.subscribe(["gone"]);
    const client = await TestClient.connect(port, { version, will: will("gone", "bye") });
    client.sendBytes(bytesOf("00 00"));
    await client.expectDisconnect(ReasonCode.MalformedPacket);
    expect(await watcher.receiveTexts(1)).toEqual(["bye"]);
  });

  it.each(VERSIONS)("is published when another connection takes over, in %s: [MQTT-3.1.2-8], 3.1.1 [MQTT-3.1.2-8]", async (_, version) => {
    const { port } = await withBroker();
    const watcher = await TestClient.connect(port);
    await watcher.subscribe(["gone"]);
    await TestClient.connect(port, { version, clientId: "c", will: will("gone", "bye") });
    await TestClient.connect(port, { version, clientId: "c" });
    expect(await watcher.receiveTexts(1)).toEqual(["bye"]);
  });

  it("of a connection that was refused is never published, 3.1.1 [MQTT-3.1.2-8]", async () => {
    const { port } = await withBroker({ mqtt: { maxClientIdBytes: 23 } });
    const watcher = await TestClient.connect(port);
    await watcher.subscribe(["gone"]);
    const client = await TestClient.open(port);
    client.send(connectPacket(5, { clientId: "x".repeat(24), will: will("gone", "bye") }));
    await client.receive(PacketType.Connack);
    await client.expectClosed();
    await watcher.expectNothing();
  });

  it("carries its properties, user properties in their order, without the delay [MQTT-3.1.3-10]", async () => {
    const { port } = await withBroker();
    const watcher = await TestClient.connect(port);
    await watcher.subscribe(["gone"]);
    const properties = {
      payloadFormatIndicator: 1,
      messageExpiryIntervalSeconds: 30,
      contentType: "t",
      responseTopic: "r",
      correlationData: bytesOf("01"),
      userProperties: [
        ["b", "2"],
        ["a", "1"],
        ["b", "1"],
      ],
    } as const;
    const client = await TestClient.connect(port, {
      will: will("gone", "bye", { properties: { ...properties, willDelayIntervalSeconds: 0 } }),
    });
    client.destroy();
    expect((await watcher.receive(Publish)).properties).toEqual(properties);
  });

  it("is a message of its client, which No Local keeps from it [MQTT-3.8.3-3]", async () => {
    const { port } = await withBroker();
    const session = { clientId: "c", cleanStart: false, properties: { sessionExpiryIntervalSeconds: 60 } };
    const watcher = await TestClient.connect(port);
    await watcher.subscribe(["gone"]);
    const first = await TestClient.connect(port, { ...session, will: will("gone", "bye", { qos: 1 }) });
    await first.subscribe([{ topicFilter: "gone", qos: 1, noLocal: true }]);
    first.destroy();
    await watcher.receive(Publish);
    const second = await TestClient.connect(port, session);
    expect(second.connack.sessionPresent).toBe(true);
    await second.expectNothing();
  });

  it("on a topic that the client may not publish to is not published", async () => {
    const authorizer = { mayPublish: (_: unknown, topic: string) => topic !== "secret", maySubscribe: () => true };
    const { port } = await withBroker({}, { authorizer });
    const watcher = await TestClient.connect(port);
    await watcher.subscribe(["#"]);
    const client = await TestClient.open(port);
    client.send(connectPacket(5, { will: will("secret", "bye") }));
    const answer = await client.receive(PacketType.Connack);
    if (answer.reasonCode !== 0) expect(answer.reasonCode).toBe(ReasonCode.NotAuthorized);
    client.destroy();
    await client.closed;
    await watcher.expectNothing();
  });
});

describe("Will Delay Interval", () => {
  const session = { clientId: "c", cleanStart: false, properties: { sessionExpiryIntervalSeconds: 100 } };
  const delayed = (willDelayIntervalSeconds: number) => will("gone", "bye", { properties: { willDelayIntervalSeconds } });

  it("passes before the will is published [MQTT-3.1.2-8]", async () => {
    const { port, clock } = await withBroker();
    const watcher = await TestClient.connect(port);
    await watcher.subscribe(["gone"]);
    const client = await TestClient.connect(port, { ...session, will: delayed(10) });
    client.destroy();
    await client.closed;
    await watcher.expectNothing();
    clock.advance(8_000);
    await watcher.expectNothing();
    clock.advance(4_000);
    expect(await watcher.receiveTexts(1)).toEqual(["bye"]);
    clock.advance(200_000);
    await watcher.expectNothing(); // not once more when the session ends
  });

  it("is not waited for beyond the end of the session [MQTT-3.1.2-8]", async () => {
    const { port, clock } = await withBroker();
    const watcher = await TestClient.connect(port);
    await watcher.subscribe(["gone"]);
    const properties = { sessionExpiryIntervalSeconds: 5 };
    const client = await TestClient.connect(port, { ...session, properties, will: delayed(60) });
    client.destroy();
    await client.closed;
    await watcher.expectNothing();
    clock.advance(7_000);
    expect(await watcher.receiveTexts(1)).toEqual(["bye"]);
  });

  it("counts for nothing in a session that ends with the connection [MQTT-3.1.2-8]", async () => {
    const { port } = await withBroker();
    const watcher = await TestClient.connect(port);
    await watcher.subscribe(["gone"]);
    const client = await TestClient.connect(port, { will: delayed(60) });
    client.destroy();
    expect(await watcher.receiveTexts(1)).toEqual(["bye"]);
  });

  it("within which the client comes back to its session keeps the will unsent [MQTT-3.1.3-9]", async () => {
    const { port, clock } = await withBroker();
    const watcher = await TestClient.connect(port);
    await watcher.subscribe(["gone"]);
    const first = await TestClient.connect(port, { ...session, will: delayed(10) });
    first.destroy();
    await first.closed;
    await watcher.expectNothing();
    clock.advance(5_000);
    await TestClient.connect(port, session);
    clock.advance(60_000);
    await watcher.expectNothing();
  });

  it("keeps it unsent also when a second connection takes over the first [MQTT-3.1.3-9]", async () => {
    const { port, clock } = await withBroker();
    const watcher = await TestClient.connect(port);
    await watcher.subscribe(["gone"]);
    await TestClient.connect(port, { ...session, will: delayed(10) });
    await TestClient.connect(port, session);
    clock.advance(60_000);
    await watcher.expectNothing();
  });

  it("ends with the session that a clean start discards: the will is published then [MQTT-3.1.2-8]", async () => {
    const { port } = await withBroker();
    const watcher = await TestClient.connect(port);
    await watcher.subscribe(["gone"]);
    const first = await TestClient.connect(port, { ...session, will: delayed(10) });
    first.destroy();
    await first.closed;
    await watcher.expectNothing();
    await TestClient.connect(port, { ...session, cleanStart: true });
    expect(await watcher.receiveTexts(1)).toEqual(["bye"]);
  });
});
