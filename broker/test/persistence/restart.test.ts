import { describe, expect, it } from "vitest";
import { PacketType } from "../../src/codec/packet.js";
import { MemoryMessageStore } from "../../src/persistence/memory-message-store.js";
import { MemorySessionStore } from "../../src/persistence/memory-session-store.js";
import { MemoryRetainedStore } from "../../src/retained/memory-retained-store.js";
import { ManualClock } from "../support/manual-clock.js";
import { startBroker } from "../support/start-broker.js";
import { TestClient } from "../support/test-client.js";
import { ack, publishPacket, textOf, unsubscribePacket } from "../support/test-client-packets.js";

const { Puback, Pubrec, Pubrel, Publish, Unsuback } = PacketType;
const SESSION = { clientId: "c", cleanStart: false, properties: { sessionExpiryIntervalSeconds: 100 } };

function stores() {
  const clock = new ManualClock();
  return { clock, sessions: new MemorySessionStore(), messages: new MemoryMessageStore(), retained: new MemoryRetainedStore({ clock }) };
}

/**
 * A broker that is no more, as far as the stores can tell: it told its clients nothing, and wrote nothing on the way out. It listens on,
 * but nobody is left who would connect to it.
 */
async function crash(first: Awaited<ReturnType<typeof startBroker>>, sessions: MemorySessionStore): Promise<void> {
  for (const method of ["save", "remove", "subscribe", "unsubscribe"] as const) sessions[method] = () => {};
  await first.stop();
  for (const method of ["save", "remove", "subscribe", "unsubscribe"] as const) Reflect.deleteProperty(sessions, method);
}

describe("a broker that starts after one that crashed", () => {
  it("goes on with the sessions of clients that were connected: in flight with DUP, then what is new [MQTT-4.4.0-1] [MQTT-4.1.0-1]", async () => {
    const parts = stores();
    const first = await startBroker(parts);
    const client = await TestClient.connect(first.port, SESSION);
    await client.subscribe([{ topicFilter: "a", qos: 2 }, "given up"]);
    client.send(unsubscribePacket(["given up"], 2));
    await client.receive(Unsuback);
    const publisher = await TestClient.connect(first.port);
    for (let packetId = 1; packetId <= 4; packetId++)
      publisher.publish("a", { qos: packetId > 2 ? 2 : 1, packetId, payload: String(packetId) });
    const [, two, three] = await client.receiveMessages(4);
    client.send(ack(Puback, two!.packetId), ack(Pubrec, three!.packetId));
    await client.receive(Pubrel);
    await crash(first, parts.sessions);

    const second = await startBroker(parts);
    const other = await TestClient.connect(second.port);
    other.send(publishPacket("a", { qos: 1, payload: "meanwhile" }), publishPacket("given up"));
    await other.receive(Puback);
    const again = await TestClient.connect(second.port, SESSION);
    expect(again.connack.sessionPresent).toBe(true);
    const packets = [await again.receive(), await again.receive(), await again.receive(), await again.receive()];
    const told = packets.map((packet) => (packet.type === Publish ? [textOf(packet.payload), packet.dup, packet.qos] : packet.type));
    expect(told).toEqual([["1", true, 1], Pubrel, ["4", true, 2], ["meanwhile", false, 1]]);
    await again.expectNothing();
  });

  it("ends sessions of clients that never come back, counted from its start [MQTT-4.1.0-2]", async () => {
    const parts = stores();
    const first = await startBroker(parts);
    await TestClient.connect(first.port, SESSION);
    await crash(first, parts.sessions);
    parts.clock.advance(1_000_000);
    const second = await startBroker(parts);
    parts.clock.advance(99_000);
    expect([...parts.sessions.all()]).toHaveLength(1);
    parts.clock.advance(3_000);
    expect([...parts.sessions.all()]).toEqual([]);
    expect((await TestClient.connect(second.port, SESSION)).connack.sessionPresent).toBe(false);
  });

  it("tells what remains of a queued message's lifetime, and drops what has none left [MQTT-3.3.2-5] [MQTT-3.3.2-6]", async () => {
    const parts = stores();
    const first = await startBroker(parts);
    const client = await TestClient.connect(first.port, SESSION);
    await client.subscribe([{ topicFilter: "a", qos: 1 }]);
    const publisher = await TestClient.connect(first.port);
    client.destroy();
    while (first.broker.counters.clientsConnected > 1) await publisher.expectNothing();
    for (const [index, seconds] of [10, 60].entries()) {
      publisher.publish("a", {
        qos: 1,
        packetId: index + 1,
        payload: String(seconds),
        properties: { messageExpiryIntervalSeconds: seconds },
      });
      await publisher.receive(Puback);
    }
    publisher.publish("kept", { qos: 1, packetId: 3, retain: true, payload: "kept", properties: { messageExpiryIntervalSeconds: 60 } });
    await publisher.receive(Puback);
    await crash(first, parts.sessions);
    parts.clock.advance(20_000);
    const second = await startBroker(parts);
    const again = await TestClient.connect(second.port, SESSION);
    const message = await again.receive(Publish);
    expect([textOf(message.payload), message.properties.messageExpiryIntervalSeconds]).toEqual(["60", 40]);
    await again.subscribe(["kept"]);
    expect((await again.receive(Publish)).properties.messageExpiryIntervalSeconds).toBe(40);
    await again.expectNothing();
  });

  it("finds nothing of sessions that ended with their connections, or were started clean", async () => {
    const parts = stores();
    const first = await startBroker(parts);
    const clean = await TestClient.connect(first.port, { clientId: "clean" });
    const anew = await TestClient.connect(first.port, SESSION);
    for (const client of [clean, anew]) await client.subscribe(["a"]);
    await TestClient.connect(first.port, { ...SESSION, cleanStart: true });
    await crash(first, parts.sessions);
    const found = [...parts.sessions.all()].map(({ session, subscriptions }) => [session.clientId, subscriptions.length]);
    expect(found).toEqual([["c", 0]]);
  });
});
