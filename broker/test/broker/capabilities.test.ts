import { describe, expect, it } from "vitest";
import { PacketType } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { TestClient } from "../support/test-client.js";
import { connectPacket, will } from "../support/test-client-packets.js";
import { withBroker } from "./support.js";

const { Connack, Puback } = PacketType;

describe("a server without QoS 2", () => {
  it("says so, and ends the connection of who publishes there all the same [MQTT-3.2.2-9] [MQTT-3.2.2-11]", async () => {
    const { port } = await withBroker({ mqtt: { maxQos: 1 } });
    const client = await TestClient.connect(port);
    expect(client.connack.properties.maximumQos).toBe(1);
    client.publish("a", { qos: 1 });
    await client.receive(Puback);
    client.publish("a", { qos: 2 });
    await client.expectDisconnect(ReasonCode.QosNotSupported);
  });

  it("refuses wills at QoS 2 [MQTT-3.2.2-12]", async () => {
    const { port } = await withBroker({ mqtt: { maxQos: 1 } });
    const client = await TestClient.open(port);
    client.send(connectPacket(5, { will: will("a", "x", { qos: 2 }) }));
    expect((await client.receive(Connack)).reasonCode).toBe(ReasonCode.QosNotSupported);
    await client.expectClosed();
  });

  it("closes where it has no word for it, as in 3.1.1, 3.1.1 [MQTT-3.2.2-6]", async () => {
    const { port } = await withBroker({ mqtt: { maxQos: 1 } });
    const client = await TestClient.open(port, 4);
    client.send(connectPacket(4, { will: will("a", "x", { qos: 2 }) }));
    await client.expectClosed();
  });
});

describe("a server that retains nothing", () => {
  it("says so, and ends the connection of who publishes with RETAIN [MQTT-3.2.2-14]", async () => {
    const { port } = await withBroker({ mqtt: { retainAvailable: false } });
    const client = await TestClient.connect(port);
    expect(client.connack.properties.retainAvailable).toBe(false);
    client.publish("a", { retain: true });
    await client.expectDisconnect(ReasonCode.RetainNotSupported);
  });

  it("refuses wills with RETAIN [MQTT-3.2.2-13]", async () => {
    const { port } = await withBroker({ mqtt: { retainAvailable: false } });
    const client = await TestClient.open(port);
    client.send(connectPacket(5, { will: will("a", "x", { retain: true }) }));
    expect((await client.receive(Connack)).reasonCode).toBe(ReasonCode.RetainNotSupported);
    await client.expectClosed();
  });
});

describe("a server that is full", () => {
  it.each([3, 4, 5] as const)("refuses one connection more, and takes one again when one has gone, in version %i", async (version) => {
    const { port } = await withBroker({ maxConnections: 2 });
    const first = await TestClient.connect(port);
    const second = await TestClient.connect(port);
    const third = await TestClient.open(port, version);
    third.send(connectPacket(version));
    const answer = await third.receive().catch(() => undefined); // closing at once is allowed, too
    if (answer !== undefined) expect(answer).toMatchObject({ type: Connack, reasonCode: expect.toSatisfy((code: number) => code >= 0x80) });
    await third.closed;
    second.destroy();
    await second.closed;
    await first.expectNothing();
    await TestClient.connect(port, { version });
  });
});

describe("a server that has another one to go to", () => {
  it("says so when it stops", async () => {
    const broker = await withBroker({ mqtt: { serverReference: "other:1883" } });
    const client = await TestClient.connect(broker.port);
    const old = await TestClient.connect(broker.port, { version: 4 });
    const stopped = broker.stop();
    expect(await client.receive(PacketType.Disconnect)).toMatchObject({
      reasonCode: ReasonCode.UseAnotherServer,
      properties: { serverReference: "other:1883" },
    });
    await client.expectClosed();
    await old.expectClosed();
    await stopped;
  });

  it("says so to whom it turns away [MQTT-3.2.2-7]", async () => {
    const authenticator = {
      authenticate: () => ({ allowed: false, reasonCode: ReasonCode.ServerMoved, serverReference: "other:1883" }) as const,
    };
    const { port } = await withBroker({}, { authenticator });
    const client = await TestClient.open(port);
    client.send(connectPacket(5));
    expect(await client.receive(Connack)).toMatchObject({
      reasonCode: ReasonCode.ServerMoved,
      properties: { serverReference: "other:1883" },
    });
    await client.expectClosed();
    const old = await TestClient.open(port, 4);
    old.send(connectPacket(4));
    expect((await old.receive(Connack)).reasonCode).toBe(ReasonCode.ServerUnavailable);
    await old.expectClosed();
  });
});
