import { describe, expect, it } from "vitest";
import { PacketType, type ProtocolVersion } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { bytesOf, hexOf } from "../codec/hex.js";
import { TestClient } from "../support/test-client.js";
import { connectPacket, publishPacket, will } from "../support/test-client-packets.js";
import { VERSIONS, withBroker } from "./support.js";

describe("CONNECT", () => {
  it.each(VERSIONS)(
    "is answered by CONNACK with code 0 before anything else, in %s: [MQTT-3.1.4-5] [MQTT-3.2.0-1], 3.1.1 [MQTT-3.1.4-4] [MQTT-3.2.0-1]",
    async (_, version) => {
      const { port } = await withBroker();
      const client = await TestClient.open(port, version);
      client.send(connectPacket(version), { type: PacketType.Pingreq });

      expect(await client.receive(PacketType.Connack)).toMatchObject({ reasonCode: 0, sessionPresent: false });
      expect(await client.receive()).toEqual({ type: PacketType.Pingresp });
    },
  );

  it("is answered once, and with no reserved flag [MQTT-3.2.0-2] [MQTT-3.2.2-1]", async () => {
    const { port } = await withBroker();
    const client = await TestClient.open(port);
    client.send(connectPacket(5));

    const frame = await client.receiveFrame();
    expect(hexOf(frame.subarray(0, 1))).toBe("20");
    expect(hexOf(frame.subarray(2, 4))).toBe("00 00");
    await client.expectNothing();
  });

  it.each(VERSIONS)("may come byte by byte over TCP, in %s: [MQTT-4.2.0-1], 3.1.1 [MQTT-7.1.1-1]", async (_, version) => {
    const { port } = await withBroker();
    const client = await TestClient.open(port, version);
    for (const byte of encodeConnect(version)) client.sendBytes(Uint8Array.of(byte));
    await client.receive(PacketType.Connack);
  });

  it.each(VERSIONS)(
    "that comes twice ends the connection, in %s: [MQTT-3.1.0-2] [MQTT-4.13.1-1], 3.1.1 [MQTT-3.1.0-2] [MQTT-4.8.0-1]",
    async (_, version) => {
      const { port } = await withBroker();
      const client = await TestClient.connect(port, { version });
      client.send(connectPacket(version));
      await client.expectDisconnect(ReasonCode.ProtocolError);
    },
  );

  it.each([
    ["PINGREQ", "c0 00"],
    ["PUBLISH", "30 03 00 01 'a'"],
    ["DISCONNECT", "e0 00"],
    ["AUTH", "f0 00"],
    ["CONNACK", "20 02 00 00"],
    ["a text of another protocol", "'GET / HTTP/1.1' 0d 0a 0d 0a"],
  ])("has to come first: %s closes without an answer [MQTT-3.1.0-1] [MQTT-3.14.0-1], 3.1.1 [MQTT-3.1.0-1]", async (_, hex) => {
    const { port } = await withBroker();
    const client = await TestClient.open(port);
    client.sendBytes(bytesOf(hex));
    await client.expectClosed();
  });

  it("of a version that does not exist is refused with that as the reason [MQTT-3.1.2-2]", async () => {
    const { port } = await withBroker();
    const client = await TestClient.open(port);
    client.sendBytes(bytesOf("10 0d | 00 04 'MQTT' 06 02 00 3c 00 01 'c'"));
    expect(await client.receive(PacketType.Connack)).toMatchObject({ reasonCode: ReasonCode.UnsupportedProtocolVersion });
    await client.expectClosed();
  });

  it.each([
    ["level 3 of MQTT", "10 0d | 00 04 'MQTT' 03 02 00 3c 00 01 'c'"],
    ["level 4 of MQIsdp", "10 0f | 00 06 'MQIsdp' 04 02 00 3c 00 01 'c'"],
    ["level 132, which a bridge of mosquitto tries first", "10 0d | 00 04 'MQTT' 84 02 00 3c 00 01 'c'"],
  ])("of %s is refused with return code 1, 3.1.1 [MQTT-3.1.2-2]", async (_, hex) => {
    const { port } = await withBroker();
    const client = await TestClient.open(port);
    client.sendBytes(bytesOf(hex));
    expect(hexOf(await client.receiveFrame())).toBe("20 02 00 01");
    await client.expectClosed();
  });

  it("of another protocol ends the connection [MQTT-3.1.2-1], 3.1.1 [MQTT-3.1.2-1]", async () => {
    const { port } = await withBroker();
    const client = await TestClient.open(port);
    client.sendBytes(bytesOf("10 0d | 00 04 'MQTX' 04 02 00 3c 00 01 'c'"));
    await client.closed;
  });

  it("of 3.1.1 that breaks the format closes without CONNACK, 3.1.1 [MQTT-3.1.4-1] [MQTT-3.1.2-3]", async () => {
    const { port } = await withBroker();
    const client = await TestClient.open(port, 4);
    client.sendBytes(bytesOf("10 0d | 00 04 'MQTT' 04 03 00 3c 00 01 'c'"));
    await client.expectClosed();
  });

  it("of 5.0 that breaks the format is refused with the reason [MQTT-3.1.4-1] [MQTT-3.1.2-3] [MQTT-3.2.2-7] [MQTT-4.13.2-1]", async () => {
    const { port } = await withBroker();
    const client = await TestClient.open(port);
    client.sendBytes(bytesOf("10 0e | 00 04 'MQTT' 05 03 00 3c 00 00 01 'c'"));
    expect(await client.receive(PacketType.Connack)).toMatchObject({ reasonCode: ReasonCode.MalformedPacket, sessionPresent: false });
    await client.expectClosed();
  });

  it.each(VERSIONS)("that is refused takes everything behind it down, in %s: [MQTT-3.1.4-6], 3.1.1 [MQTT-3.1.4-5]", async (_, version) => {
    const { port } = await withBroker({ mqtt: { maxClientIdBytes: 23 } });
    const refused = await TestClient.open(port, version);
    const clientId = "x".repeat(24);
    refused.send(connectPacket(version, { clientId }), publishPacket("late", { retain: true, payload: "no" }), {
      type: PacketType.Pingreq,
    });
    expect((await refused.receive(PacketType.Connack)).reasonCode).toBe(ReasonCode.ClientIdentifierNotValid);
    await refused.expectClosed();

    const client = await TestClient.connect(port);
    await client.subscribe(["#"]);
    await client.expectNothing();
  });

  it("is waited for no longer than the limit, and the rest of it neither", async () => {
    const { port, clock } = await withBroker({ mqtt: { connectTimeoutSeconds: 10 } });
    const silent = await TestClient.open(port);
    const slow = await TestClient.open(port);
    slow.sendBytes(bytesOf("10 0d 00 04 'MQ'"));
    const client = await TestClient.connect(port); // so that the others have been accepted

    clock.advance(9_000);
    await client.expectNothing();
    clock.advance(2_000);
    await silent.expectClosed();
    await slow.expectClosed();
    await client.expectNothing();
  });
});

describe("client identifiers", () => {
  it.each(VERSIONS)("of 1 to 23 letters and digits are allowed, in %s: [MQTT-3.1.3-5], 3.1.1 [MQTT-3.1.3-5]", async (_, version) => {
    const { port } = await withBroker();
    for (const clientId of ["0", "0123456789abcdefghijklm", "nopqrstuvwxyzABCDEFGHIJ", "KLMNOPQRSTUVWXYZ"]) {
      const client = await TestClient.connect(port, { version, clientId });
      expect(client.connack.properties.assignedClientIdentifier).toBeUndefined();
    }
  });

  it.each([
    [5, ReasonCode.ClientIdentifierNotValid],
    [4, ReasonCode.ClientIdentifierNotValid],
    [3, ReasonCode.ClientIdentifierNotValid],
  ] as const)(
    "that are too long are refused, in version %i: [MQTT-3.1.3-8] [MQTT-3.2.2-6], 3.1.1 [MQTT-3.1.3-9] [MQTT-3.2.2-4] [MQTT-3.2.2-5]",
    async (version, reasonCode) => {
      const { port } = await withBroker({ mqtt: { maxClientIdBytes: 100 } });
      await TestClient.connect(port, { version, clientId: "é".repeat(50) });

      const client = await TestClient.open(port, version);
      client.send(connectPacket(version, { clientId: "é".repeat(51) }));
      expect(await client.receive(PacketType.Connack)).toMatchObject({ reasonCode, sessionPresent: false });
      await client.expectClosed();
    },
  );

  it("are made up for a client without one, each unique, and told in CONNACK [MQTT-3.1.3-6] [MQTT-3.1.3-7] [MQTT-3.2.2-16]", async () => {
    const { port } = await withBroker();
    const properties = { sessionExpiryIntervalSeconds: 60 };
    const first = await TestClient.connect(port, { clientId: "", properties });
    const second = await TestClient.connect(port, { clientId: "", properties });
    const clientId = first.connack.properties.assignedClientIdentifier!;
    expect(clientId).not.toBe("");
    expect(second.connack.properties.assignedClientIdentifier).not.toBe(clientId);

    first.destroy();
    await first.closed;
    const again = await TestClient.connect(port, { clientId, cleanStart: false, properties });
    expect(again.connack.sessionPresent).toBe(true);
  });

  it("may be empty with Clean Start 0 in 5.0: the session has a name that nobody knew [MQTT-3.1.2-6]", async () => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port, { clientId: "", cleanStart: false });
    expect(client.connack).toMatchObject({ sessionPresent: false, properties: { assignedClientIdentifier: expect.any(String) } });
  });

  it("may be empty in a clean session, 3.1.1 [MQTT-3.1.3-6]", async () => {
    const { port } = await withBroker();
    const first = await TestClient.connect(port, { version: 4, clientId: "" });
    const second = await TestClient.connect(port, { version: 4, clientId: "" });
    await first.expectNothing();
    await second.expectNothing();
  });

  it("may not be empty in a session that is kept, 3.1.1 [MQTT-3.1.3-8] [MQTT-3.2.2-5]", async () => {
    const { port } = await withBroker();
    const client = await TestClient.open(port, 4);
    client.send(connectPacket(4, { clientId: "", cleanStart: false }));
    expect(hexOf(await client.receiveFrame())).toBe("20 02 00 02");
    await client.expectClosed();
  });

  it("may never be empty in 3.1", async () => {
    const { port } = await withBroker();
    const client = await TestClient.open(port, 3);
    client.send(connectPacket(3, { clientId: "" }));
    expect(hexOf(await client.receiveFrame())).toBe("20 02 00 02");
    await client.expectClosed();
  });
});

describe("a second connection of the same client", () => {
  it.each(VERSIONS)("ends the first, which in %s learns why if it can: [MQTT-3.1.4-3], 3.1.1 [MQTT-3.1.4-2]", async (_, version) => {
    const { port } = await withBroker();
    const first = await TestClient.connect(port, { version, clientId: "same" });
    const second = await TestClient.connect(port, { version: 4, clientId: "same" });
    await first.expectDisconnect(ReasonCode.SessionTakenOver);
    await second.expectNothing();
  });

  it("leaves one connection, however many race", async () => {
    const { port } = await withBroker();
    const clients = await Promise.all(Array.from({ length: 10 }, () => TestClient.open(port)));
    for (const client of clients) client.send(connectPacket(5, { clientId: "same" }));
    for (const client of clients) await client.receive(PacketType.Connack);

    const ends = await Promise.all(clients.map((client) => endOf(client)));
    expect(ends.filter((end) => end === "open")).toHaveLength(1);
    expect(ends.filter((end) => end === ReasonCode.SessionTakenOver)).toHaveLength(9);
  });

  it("does not undo a session that the first had", async () => {
    const { port } = await withBroker();
    const session = { clientId: "same", cleanStart: false, properties: { sessionExpiryIntervalSeconds: 60 } };
    const first = await TestClient.connect(port, session);
    await first.subscribe(["news"]);
    const second = await TestClient.connect(port, session);
    expect(second.connack.sessionPresent).toBe(true);
    second.publish("news", { payload: "still subscribed" });
    expect(await second.receiveTexts(1)).toEqual(["still subscribed"]);
  });
});

describe("keep alive", () => {
  it.each(VERSIONS)(
    "of 10 s: silence of 15 s ends the connection, in %s: [MQTT-3.1.2-22] [MQTT-3.2.2-22], 3.1.1 [MQTT-3.1.2-24]",
    async (_, version) => {
      const { port, clock } = await withBroker();
      const client = await TestClient.connect(port, { version, keepAliveSeconds: 10, will: will("gone", version.toString()) });
      const watcher = await TestClient.connect(port);
      await watcher.subscribe(["gone"]);

      clock.advance(14_000);
      await watcher.expectNothing();
      clock.advance(3_000);
      await client.expectDisconnect(ReasonCode.KeepAliveTimeout);
      expect(await watcher.receiveTexts(1)).toEqual([version.toString()]); // as if the network had failed
    },
  );

  it.each(VERSIONS)("is satisfied by any packet, in %s", async (_, version) => {
    const { port, clock } = await withBroker();
    const client = await TestClient.connect(port, { version, keepAliveSeconds: 10 });
    for (let i = 0; i < 5; i++) {
      clock.advance(9_000);
      await client.expectNothing();
    }
    for (let i = 0; i < 5; i++) {
      clock.advance(9_000);
      client.publish("a", { qos: 1 });
      await client.receive(PacketType.Puback);
    }
  });

  it.each(VERSIONS)("of 0 never ends a connection, in %s", async (_, version) => {
    const { port, clock } = await withBroker();
    const client = await TestClient.connect(port, { version, keepAliveSeconds: 0 });
    clock.advance(7 * 24 * 3600 * 1000);
    await client.expectNothing();
  });

  it.each([
    [60, 30],
    [0, 30],
    [31, 30],
    [30, undefined],
    [5, undefined],
  ])("of %i s in CONNECT gets a Server Keep Alive of %s where 30 s is the most", async (keepAliveSeconds, serverKeepAliveSeconds) => {
    const { port, clock } = await withBroker({ mqtt: { maxKeepAliveSeconds: 30 } });
    const client = await TestClient.connect(port, { keepAliveSeconds });
    expect(client.connack.properties.serverKeepAliveSeconds).toBe(serverKeepAliveSeconds);

    const other = await TestClient.connect(port, { keepAliveSeconds: 30 });
    clock.advance((serverKeepAliveSeconds ?? keepAliveSeconds) * 1_500 - 1_000);
    await client.expectNothing();
    await other.expectNothing();
    clock.advance((serverKeepAliveSeconds ?? keepAliveSeconds) * 1_500 + 2_000);
    await client.expectDisconnect(ReasonCode.KeepAliveTimeout);
  });

  it.each(VERSIONS)("is what PINGREQ is for: it is answered, in %s: [MQTT-3.12.4-1], 3.1.1 [MQTT-3.12.4-1]", async (_, version) => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port, { version });
    client.sendBytes(bytesOf("c0 00"));
    expect(hexOf(await client.receiveFrame())).toBe("d0 00");
  });
});

describe("what CONNACK tells of the server", () => {
  it("are the limits that it has", async () => {
    const { port } = await withBroker({ mqtt: { receiveMaximum: 7, maxPacketBytes: 5000, topicAliasMaximum: 3 } });
    const { connack } = await TestClient.connect(port);
    expect(connack.properties).toMatchObject({ receiveMaximum: 7, maximumPacketSizeBytes: 5000, topicAliasMaximum: 3 });
    expect(connack.properties.maximumQos).toBeUndefined();
    expect(connack.properties.authenticationMethod).toBeUndefined();
  });

  it("is the response information only to who asked for it [MQTT-3.1.2-28]", async () => {
    const { port } = await withBroker({ mqtt: { responseTopicPrefix: "answers/" } });
    const silent = await TestClient.connect(port);
    const curious = await TestClient.connect(port, { clientId: "curious", properties: { requestResponseInformation: true } });
    expect(silent.connack.properties.responseInformation).toBeUndefined();
    expect(curious.connack.properties.responseInformation).toBe("answers/curious");
  });

  it("is what of the session expiry interval is granted", async () => {
    const { port } = await withBroker({ mqtt: { maxSessionExpirySeconds: 100 } });
    const modest = await TestClient.connect(port, { properties: { sessionExpiryIntervalSeconds: 100 } });
    const greedy = await TestClient.connect(port, { properties: { sessionExpiryIntervalSeconds: 0xffff_ffff } });
    expect(modest.connack.properties.sessionExpiryIntervalSeconds).toBeUndefined();
    expect(greedy.connack.properties.sessionExpiryIntervalSeconds).toBe(100);
  });
});

function encodeConnect(version: ProtocolVersion): Uint8Array {
  return bytesOf(
    {
      3: "10 0f | 00 06 'MQIsdp' 03 | 02 | 00 3c | 00 01 'c'",
      4: "10 0d | 00 04 'MQTT' 04 | 02 | 00 3c | 00 01 'c'",
      5: "10 0e | 00 04 'MQTT' 05 | 02 | 00 3c | 00 | 00 01 'c'",
    }[version],
  );
}

/** "open" if the client is still answered, else the reason of its DISCONNECT. */
async function endOf(client: TestClient): Promise<number | "open"> {
  client.send({ type: PacketType.Pingreq });
  const packet = await client.receive();
  if (packet.type === PacketType.Disconnect) return packet.reasonCode;
  expect(packet.type).toBe(PacketType.Pingresp);
  return "open";
}
