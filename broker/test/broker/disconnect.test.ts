import { describe, expect, it } from "vitest";
import { PacketType } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { bytesOf } from "../codec/hex.js";
import { TestClient } from "../support/test-client.js";
import { disconnectPacket, publishPacket } from "../support/test-client-packets.js";
import { VERSIONS, withBroker } from "./support.js";

describe("DISCONNECT of a client", () => {
  it.each(VERSIONS)(
    "closes the connection, and nothing behind it counts, in %s: [MQTT-3.14.4-1], 3.1.1 [MQTT-3.14.4-2]",
    async (_, version) => {
      const { port } = await withBroker();
      const watcher = await TestClient.connect(port);
      await watcher.subscribe(["#"]);
      const client = await TestClient.connect(port, { version });
      client.send(publishPacket("a", { payload: "before" }), disconnectPacket(), publishPacket("a", { payload: "after" }));
      await client.expectClosed();
      expect(await watcher.receiveTexts(1)).toEqual(["before"]);
      await watcher.expectNothing();
    },
  );

  it("may say why, with every code that is meant for clients", async () => {
    const { port } = await withBroker();
    for (const code of [0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99]) {
      const client = await TestClient.connect(port);
      client.send(disconnectPacket(code, { reasonString: "because" }));
      await client.expectClosed();
    }
  });
});

describe("DISCONNECT of the server", () => {
  it(
    "is the last packet, has no session expiry interval, and the connection closes [MQTT-3.14.2-2] [MQTT-3.14.4-1] " +
      "[MQTT-3.14.4-2] [MQTT-4.13.1-1] [MQTT-4.13.2-1] [MQTT-3.14.2-1]",
    async () => {
      const { port } = await withBroker();
      const client = await TestClient.connect(port, { properties: { sessionExpiryIntervalSeconds: 60 } });
      client.sendBytes(bytesOf("00 00 | c0 00 | c0 00"));
      const { reasonCode, properties } = await client.receive(PacketType.Disconnect);
      expect(reasonCode).toBe(ReasonCode.MalformedPacket);
      expect(properties.sessionExpiryIntervalSeconds).toBeUndefined();
      await client.expectClosed();
    },
  );

  it("fits the client's Maximum Packet Size: a reason that does not is left out [MQTT-3.14.2-3] [MQTT-3.1.2-24]", async () => {
    const { port } = await withBroker();
    for (const maximumPacketSizeBytes of [16, 17, 20, 40]) {
      const client = await TestClient.connect(port, { properties: { maximumPacketSizeBytes: 512 } });
      client.destroy();
      const small = await TestClient.open(port);
      small.send({
        type: PacketType.Connect,
        version: 5,
        cleanStart: true,
        keepAliveSeconds: 0,
        clientId: "small",
        properties: { maximumPacketSizeBytes },
      });
      const answer = await small.receiveFrame().catch(() => undefined);
      if (answer === undefined) continue; // CONNACK itself does not fit
      expect(answer.length).toBeLessThanOrEqual(maximumPacketSizeBytes);
      small.sendBytes(bytesOf("00 00"));
      const frame = await small.receiveFrame();
      expect(frame[0]).toBe(0xe0);
      expect(frame.length).toBeLessThanOrEqual(maximumPacketSizeBytes);
    }
  });

  it.each(VERSIONS)("answers what only a server may send, in %s: [MQTT-4.13.1-1], 3.1.1 [MQTT-4.8.0-1]", async (_, version) => {
    const { port } = await withBroker();
    for (const hex of ["d0 00", version === 5 ? "90 04 00 01 00 00" : "90 03 00 01 00", version === 5 ? "20 03 00 00 00" : "20 02 00 00"]) {
      const client = await TestClient.connect(port, { version });
      client.sendBytes(bytesOf(hex));
      await client.expectDisconnect(ReasonCode.ProtocolError);
    }
  });
});

describe("a server that stops", () => {
  it.each(VERSIONS)("says so and closes every connection, in %s", async (_, version) => {
    const broker = await withBroker();
    const clients = await Promise.all([1, 2, 3].map(() => TestClient.connect(broker.port, { version })));
    const stopped = broker.stop();
    for (const client of clients) await client.expectDisconnect(ReasonCode.ServerShuttingDown);
    await stopped;
    await expect(TestClient.open(broker.port)).rejects.toThrow();
  });

  it("sends first what it has", async () => {
    const broker = await withBroker();
    const client = await TestClient.connect(broker.port);
    await client.subscribe(["a"]);
    const publisher = await TestClient.connect(broker.port);
    publisher.send(...Array.from({ length: 100 }, (_, i) => publishPacket("a", { qos: 1, packetId: i + 1, payload: String(i) })));
    for (let i = 0; i < 100; i++) await publisher.receive(PacketType.Puback);
    await broker.stop();
    expect(await client.receiveTexts(100)).toEqual(Array.from({ length: 100 }, (_, i) => String(i)));
    await client.expectDisconnect(ReasonCode.ServerShuttingDown);
  });

  it("does not wait for a client that reads nothing", async () => {
    const broker = await withBroker({ shutdownSeconds: 1 });
    const client = await TestClient.connect(broker.port);
    await client.subscribe(["a"]);
    client.pause();
    const publisher = await TestClient.connect(broker.port);
    for (let i = 0; i < 64; i++) publisher.publish("a", { payload: new Uint8Array(256 * 1024) });
    await publisher.expectNothing();
    await broker.stop();
  });
});
