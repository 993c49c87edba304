import { describe, expect, it } from "vitest";
import { PacketType } from "../../src/codec/packet.js";
import { TestClient } from "../support/test-client.js";
import { ack, publishPacket } from "../support/test-client-packets.js";
import { withBroker } from "./support.js";

const { Publish, Puback, Pubrec, Pubrel, Pubcomp } = PacketType;
const SESSION = { clientId: "sleeper", cleanStart: false, properties: { sessionExpiryIntervalSeconds: 3600 } };

const expiring = (messageExpiryIntervalSeconds: number) => ({ messageExpiryIntervalSeconds });

describe("a message that expires", () => {
  it("is forwarded with what is left of its interval [MQTT-3.3.2-6]", async () => {
    const { port, clock } = await withBroker();
    const sleeper = await TestClient.connect(port, SESSION);
    await sleeper.subscribe([{ topicFilter: "a", qos: 1 }]);
    sleeper.destroy();
    await sleeper.closed;

    const publisher = await TestClient.connect(port);
    publisher.publish("a", { qos: 1, properties: expiring(60), payload: "x" });
    await publisher.receive(Puback);
    clock.advance(20_000);
    const again = await TestClient.connect(port, SESSION);
    expect((await again.receive(Publish)).properties).toEqual(expiring(40));
  });

  it("is forwarded with all of it when it does not wait [MQTT-3.3.2-6]", async () => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port);
    await client.subscribe(["a"]);
    client.publish("a", { properties: expiring(60) });
    expect((await client.receive(Publish)).properties).toEqual(expiring(60));
  });

  it("is not delivered to who comes too late [MQTT-3.3.2-5]", async () => {
    const { port, clock } = await withBroker();
    const sleeper = await TestClient.connect(port, SESSION);
    await sleeper.subscribe([{ topicFilter: "a", qos: 1 }]);
    sleeper.destroy();
    await sleeper.closed;

    const publisher = await TestClient.connect(port);
    publisher.publish("a", { qos: 1, packetId: 1, properties: expiring(10), payload: "stale" });
    publisher.publish("a", { qos: 1, packetId: 2, payload: "fresh" });
    await publisher.receive(Puback);
    await publisher.receive(Puback);
    clock.advance(11_000);
    const again = await TestClient.connect(port, SESSION);
    expect(await again.receiveTexts(1)).toEqual(["fresh"]);
    await again.expectNothing();
  });

  it("that waits behind Receive Maximum is dropped, too [MQTT-3.3.2-5]", async () => {
    const { port, clock } = await withBroker();
    const client = await TestClient.connect(port, { properties: { receiveMaximum: 1 } });
    const publisher = await TestClient.connect(port);
    await client.subscribe([{ topicFilter: "a", qos: 1 }]);
    publisher.send(
      publishPacket("a", { qos: 1, packetId: 1, payload: "first" }),
      publishPacket("a", { qos: 1, packetId: 2, payload: "stale", properties: expiring(10) }),
      publishPacket("a", { qos: 1, packetId: 3, payload: "last" }),
    );
    for (let i = 0; i < 3; i++) await publisher.receive(Puback);
    const first = await client.receive(Publish);
    clock.advance(11_000);
    client.send(ack(Puback, first.packetId));
    expect(await client.receiveTexts(1)).toEqual(["last"]);
  });

  it("and is retained goes with its time [MQTT-3.3.2-5] [MQTT-3.3.2-6]", async () => {
    const { port, clock } = await withBroker();
    const client = await TestClient.connect(port);
    client.publish("a", { retain: true, payload: "x", properties: expiring(10) });
    await client.expectNothing();
    clock.advance(4_000);
    await client.subscribe(["a"]);
    expect((await client.receive(Publish)).properties).toEqual(expiring(6));
    clock.advance(7_000);
    await client.subscribe(["a"]);
    await client.expectNothing();
  });

  it("once sent is not taken back: it is sent again although its time is over [MQTT-4.3.3-7]", async () => {
    const { port, clock } = await withBroker();
    const client = await TestClient.connect(port, SESSION);
    await client.subscribe([{ topicFilter: "a", qos: 2 }]);
    client.publish("a", { qos: 2, properties: expiring(10), payload: "x" });
    const packets = [await client.receive(), await client.receive()];
    const { packetId } = packets.find(({ type }) => type === Publish) as { packetId: number };
    client.destroy();
    await client.closed;
    clock.advance(60_000);

    const again = await TestClient.connect(port, SESSION);
    expect(await again.receive(Publish)).toMatchObject({ packetId, dup: true });
  });

  it("still is acknowledged to the end at QoS 2, on both sides [MQTT-4.3.3-13]", async () => {
    const { port, clock } = await withBroker();
    const client = await TestClient.connect(port);
    const publisher = await TestClient.connect(port);
    await client.subscribe([{ topicFilter: "a", qos: 2 }]);
    publisher.publish("a", { qos: 2, properties: expiring(1), packetId: 3 });
    await publisher.receive(Pubrec);
    const { packetId } = await client.receive(Publish);
    clock.advance(5_000);
    publisher.send(ack(Pubrel, 3));
    expect(await publisher.receive(Pubcomp)).toEqual(ack(Pubcomp, 3));
    client.send(ack(Pubrec, packetId));
    expect(await client.receive(Pubrel)).toEqual(ack(Pubrel, packetId));
    client.send(ack(Pubcomp, packetId));
    await client.expectNothing();
  });
});
