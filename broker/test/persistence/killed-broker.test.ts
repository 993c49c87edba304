import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { PacketType } from "../../src/codec/packet.js";
import { ManualClock } from "../support/manual-clock.js";
import { startBroker, type TestBroker } from "../support/start-broker.js";
import { TestClient } from "../support/test-client.js";
import { ack, publishPacket, textOf, will } from "../support/test-client-packets.js";
import { copyOfFiles, journalFiles } from "./store-content.js";
import { temporaryFolder } from "./temporary-store.js";

const { Puback, Pubcomp, Pubrec, Pubrel, Publish } = PacketType;
const SESSION = { clientId: "c", cleanStart: false, properties: { sessionExpiryIntervalSeconds: 100 } };

/** A broker with a store, and what another finds that starts on the files as they are at a moment: as if the first had been killed then. */
async function durable(clock = new ManualClock()) {
  const dataDir = temporaryFolder();
  const first = await startBroker({ clock, settings: { dataDir } });
  return { first, clock, dataDir, next: (): Promise<TestBroker> => startBroker({ clock, settings: { dataDir: copyOfFiles(dataDir) } }) };
}

describe("a broker that starts on the store of one that was killed", () => {
  it("goes on with sessions: in flight with DUP, released, queued, and what comes [MQTT-4.4.0-1] [MQTT-4.1.0-1] [MQTT-3.1.2-23]", async () => {
    const { first, next } = await durable();
    const client = await TestClient.connect(first.port, SESSION);
    await client.subscribe([{ topicFilter: "a", qos: 2 }], { subscriptionIdentifier: 9 });
    const publisher = await TestClient.connect(first.port);
    for (let packetId = 1; packetId <= 4; packetId++)
      publisher.publish("a", { qos: packetId > 2 ? 2 : 1, packetId, payload: String(packetId) });
    const [, two, three] = await client.receiveMessages(4);
    client.send(ack(Puback, two!.packetId), ack(Pubrec, three!.packetId));
    await client.receive(Pubrel);
    for (const type of [Puback, Puback, Pubrec, Pubrec]) expect((await publisher.receive()).type).toBe(type);
    client.destroy();
    while (first.broker.counters.clientsConnected > 1) await publisher.expectNothing();
    publisher.publish("a", { qos: 1, packetId: 5, payload: "5" });
    await publisher.receive(Puback);

    const second = await next();
    const again = await TestClient.connect(second.port, SESSION);
    expect(again.connack.sessionPresent).toBe(true);
    const packets = [await again.receive(), await again.receive(), await again.receive(), await again.receive()];
    const told = packets.map((packet) => (packet.type === Publish ? [textOf(packet.payload), packet.dup, packet.qos] : packet.type));
    expect(told).toEqual([["1", true, 1], Pubrel, ["4", true, 2], ["5", false, 1]]);
    (await TestClient.connect(second.port)).publish("a", { payload: "6" });
    expect(await again.receive(Publish)).toMatchObject({ properties: { subscriptionIdentifiers: [9] } });
  });

  it("delivers a QoS 2 message once, that was taken before and is released after [MQTT-4.3.3-10], 3.1.1 [MQTT-4.3.3-2]", async () => {
    const { first, next } = await durable();
    const client = await TestClient.connect(first.port, SESSION);
    const watcher = await TestClient.connect(first.port, { ...SESSION, clientId: "w" });
    await watcher.subscribe([{ topicFilter: "a", qos: 1 }]);
    client.publish("a", { qos: 2, packetId: 5, payload: "once" });
    await client.receive(Pubrec);

    const second = await next();
    const again = await TestClient.connect(second.port, SESSION);
    again.publish("a", { qos: 2, packetId: 5, dup: true, payload: "once" });
    await again.receive(Pubrec);
    again.send(ack(Pubrel, 5));
    expect(await again.receive(Pubcomp)).toEqual(ack(Pubcomp, 5));
    const watching = await TestClient.connect(second.port, { ...SESSION, clientId: "w" });
    expect(await watching.receiveTexts(1)).toEqual(["once"]);
    await watching.expectNothing();
  });

  it("has the clocks gone on: of sessions, messages and wills [MQTT-4.1.0-2] [MQTT-3.3.2-5] [MQTT-3.3.2-6] [MQTT-3.1.2-8]", async () => {
    const { first, next, clock } = await durable();
    const client = await TestClient.connect(first.port, {
      ...SESSION,
      will: will("gone", "bye", { properties: { willDelayIntervalSeconds: 50 } }),
    });
    await client.subscribe([{ topicFilter: "a", qos: 1 }]);
    client.destroy();
    await client.closed;
    const publisher = await TestClient.connect(first.port);
    while (first.broker.counters.clientsConnected > 1) await publisher.expectNothing();
    for (const [index, seconds] of [10, 60].entries()) {
      publisher.publish("a", { qos: 1, packetId: index + 1, properties: { messageExpiryIntervalSeconds: seconds } });
      await publisher.receive(Puback);
    }
    publisher.publish("kept", { qos: 1, packetId: 3, retain: true, payload: "kept", properties: { messageExpiryIntervalSeconds: 60 } });
    await publisher.receive(Puback);

    clock.advance(20_000);
    const second = await next();
    const watcher = await TestClient.connect(second.port);
    await watcher.subscribe(["kept", "gone"]);
    expect((await watcher.receive(Publish)).properties.messageExpiryIntervalSeconds).toBe(40);
    const again = await TestClient.connect((await next()).port, SESSION);
    expect((await again.receive(Publish)).properties.messageExpiryIntervalSeconds).toBe(40);
    await again.expectNothing();
    clock.advance(35_000);
    expect(await watcher.receiveTexts(1)).toEqual(["bye"]);
    clock.advance(60_000);
    expect((await TestClient.connect(second.port, SESSION)).connack.sessionPresent).toBe(false);
  });

  it("finds what was removed removed: retained messages, subscriptions, sessions started clean", async () => {
    const { first, next } = await durable();
    const client = await TestClient.connect(first.port, SESSION);
    await client.subscribe([{ topicFilter: "a", qos: 1 }]);
    for (const [packetId, payload] of ["kept", ""].entries()) {
      client.publish("r", { qos: 1, packetId: packetId + 1, retain: true, payload });
      await client.receive(Puback);
    }
    await TestClient.connect(first.port, { ...SESSION, cleanStart: true });
    const second = await next();
    const again = await TestClient.connect(second.port, SESSION);
    expect(again.connack.sessionPresent).toBe(true);
    const other = await TestClient.connect(second.port);
    await other.subscribe(["r"]);
    other.send(publishPacket("a"));
    await other.expectNothing();
    await again.expectNothing();
  });
});

describe("clean sessions and QoS 0", () => {
  it("never touch the store", async () => {
    const { first, dataDir } = await durable();
    const bytes = () => Buffer.concat(journalFiles(dataDir).map((name) => readFileSync(join(dataDir, name))));
    const before = bytes();
    const [client, publisher] = [await TestClient.connect(first.port), await TestClient.connect(first.port)];
    await client.subscribe([{ topicFilter: "a", qos: 2 }]);
    for (let packetId = 1; packetId <= 20; packetId++) publisher.publish("a", { qos: packetId % 3 === 0 ? 1 : 0, packetId });
    await client.receiveMessages(20);
    client.destroy();
    await client.closed;
    expect(bytes().equals(before)).toBe(true);
  });
});

describe("a broker that stops", () => {
  it("leaves its folder to the next, with everything in it", async () => {
    const { first, dataDir, clock } = await durable();
    const client = await TestClient.connect(first.port, SESSION);
    await client.subscribe(["a"]);
    await first.stop();
    const second = await startBroker({ clock, settings: { dataDir } });
    expect((await TestClient.connect(second.port, SESSION)).connack.sessionPresent).toBe(true);
  });
});
