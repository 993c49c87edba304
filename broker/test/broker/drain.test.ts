import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { PacketType } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { MemoryMessageStore } from "../../src/persistence/memory-message-store.js";
import { MemorySessionStore } from "../../src/persistence/memory-session-store.js";
import { eventually } from "../support/foreign-inbox.js";
import { ManualClock } from "../support/manual-clock.js";
import { TestClient } from "../support/test-client.js";
import { ack, connectPacket, publishPacket, textOf, will } from "../support/test-client-packets.js";
import { type RunningBroker, withBroker } from "./support.js";

const SESSION = { clientId: "away", cleanStart: false, properties: { sessionExpiryIntervalSeconds: 1_000 } };

describe("a broker that stops", () => {
  it("tells its clients at the rate of the settings", async () => {
    const broker = await withBroker({ drain: { disconnectRate: 20 }, shutdownSeconds: 600 });
    const clients = await Promise.all(Array.from({ length: 5 }, () => TestClient.connect(broker.port)));
    const { counters } = broker.broker;
    const stopped = broker.stop();
    await eventually(() => counters.clientsConnected === 4, "the first was not told");
    broker.clock.advance(50);
    expect(counters.clientsConnected).toBe(3);
    broker.clock.advance(100);
    expect(counters.clientsConnected).toBe(1);
    broker.clock.advance(50);
    for (const client of clients) await client.expectDisconnect(ReasonCode.ServerShuttingDown);
    await stopped;
  });

  it("tells all of them in time, however low the rate", async () => {
    const broker = await withBroker({ drain: { disconnectRate: 1 }, shutdownSeconds: 1 });
    const clients = await Promise.all(Array.from({ length: 30 }, () => TestClient.connect(broker.port)));
    await broker.stop();
    for (const client of clients) await client.expectDisconnect(ReasonCode.ServerShuttingDown);
  });

  it("is not ready at first, and accepts nobody only after the delay", async () => {
    const broker = await withBroker({ drain: { delaySeconds: 7 } });
    expect(broker.broker.readiness).toBe("ready");
    const stopped = broker.stop();
    expect(broker.broker.readiness).toBe("draining");
    const late = await TestClient.connect(broker.port);
    broker.clock.advance(6_999);
    await late.expectNothing();
    broker.clock.advance(1);
    await late.expectDisconnect(ReasonCode.ServerShuttingDown);
    await expect(TestClient.open(broker.port)).rejects.toThrow("ECONNREFUSED");
    await stopped;
    expect(broker.broker.readiness).toBe("stopped");
  });

  it.each([
    ["use-another-server", ReasonCode.UseAnotherServer],
    ["server-moved", ReasonCode.ServerMoved],
  ] as const)("sends clients to another server, if there is one: %s", async (redirect, reasonCode) => {
    const broker = await withBroker({ mqtt: { serverReference: "b.example" }, drain: { redirect } });
    const client = await TestClient.connect(broker.port);
    await broker.stop();
    expect(await client.receive(PacketType.Disconnect)).toMatchObject({ reasonCode, properties: { serverReference: "b.example" } });
  });

  it.each([
    ["because it shuts down", undefined, ReasonCode.ServerUnavailable],
    ["to another server", "b.example", ReasonCode.ServerMoved],
  ])("turns away who sends its CONNECT meanwhile, %s", async (_, serverReference, reasonCode) => {
    const drain = { disconnectRate: 20, redirect: "server-moved" };
    const broker = await withBroker({ mqtt: { ...(serverReference && { serverReference }) }, drain, shutdownSeconds: 600 });
    await Promise.all(Array.from({ length: 3 }, () => TestClient.connect(broker.port)));
    const halfOpen = await TestClient.open(broker.port);
    await eventually(() => broker.broker.counters.connectionsOpen === 4, "it was not accepted");
    const stopped = broker.stop();
    await eventually(() => broker.broker.counters.clientsConnected === 2, "the first was not told");
    halfOpen.send(connectPacket(5));
    const { properties, ...connack } = await halfOpen.receive(PacketType.Connack);
    expect(connack).toMatchObject({ reasonCode, sessionPresent: false });
    expect(properties.serverReference).toBe(serverReference);
    broker.clock.advance(1_000);
    await stopped;
  });

  it("closes connections that never sent a CONNECT", async () => {
    const broker = await withBroker();
    const halfOpen = await TestClient.open(broker.port);
    await eventually(() => broker.broker.counters.connectionsOpen === 1, "it was not accepted");
    await broker.stop();
    await halfOpen.expectClosed();
  });

  it("publishes the wills of clients that it tells to go, as they have not said goodbye [MQTT-3.1.2-8]", async () => {
    const messages = new MemoryMessageStore();
    const sessions = new MemorySessionStore();
    const broker = await withBroker({}, { messages, sessions });
    const watcher = await TestClient.connect(broker.port, SESSION);
    await watcher.subscribe([{ topicFilter: "w/#", qos: 1 }]);
    watcher.destroy();
    await eventually(() => broker.broker.counters.clientsConnected === 0, "the watcher has not gone");
    await TestClient.connect(broker.port, { will: will("w/now", "gone", { qos: 1 }) });
    // Its session ends with the connection, and so does the delay (3.1.3.2.2).
    await TestClient.connect(broker.port, { will: will("w/ended", "gone", { qos: 1, properties: { willDelayIntervalSeconds: 60 } }) });
    await TestClient.connect(broker.port, {
      clientId: "delayed",
      will: will("w/later", "gone", { qos: 1, properties: { willDelayIntervalSeconds: 60 } }),
      properties: { sessionExpiryIntervalSeconds: 1_000 },
    });
    await broker.stop();
    const topics = async () => (await messages.load("away")).deliveries.map(({ message }) => message.topic).sort();
    expect(await topics()).toEqual(["w/ended", "w/now"]);

    const clock = new ManualClock();
    clock.advance(59_000);
    const next = await withBroker({}, { messages, sessions, clock });
    expect(await topics()).toEqual(["w/ended", "w/now"]);
    next.clock.advance(5_000);
    expect(await topics()).toEqual(["w/ended", "w/later", "w/now"]);
  });

  it.each([
    [1, "in memory"],
    [2, "in memory"],
    [1, "on disk"],
    [2, "on disk"],
  ] as const)(
    "loses no QoS %i message that it has acknowledged, with a store %s, while a client publishes as fast as it can",
    async (qos, place) => {
      const stores = { sessions: new MemorySessionStore(), messages: new MemoryMessageStore() };
      const onDisk = place === "on disk" ? { dataDir: folder() } : {};
      const start = () => withBroker({ mqtt: { maxQueuedMessages: 100_000 }, ...onDisk }, place === "on disk" ? {} : stores);
      const broker = await start();
      const away = await TestClient.connect(broker.port, SESSION);
      await away.subscribe([{ topicFilter: "a", qos }]);
      away.destroy();
      await eventually(() => broker.broker.counters.clientsConnected === 0, "the subscriber has not gone");

      const { acknowledged, stopped } = await publishUntilDisconnected(broker, qos);
      await stopped;
      expect(acknowledged.length).toBeGreaterThanOrEqual(STOP_AFTER);

      const next = await start();
      const back = await TestClient.connect(next.port, { ...SESSION, properties: { ...SESSION.properties, receiveMaximum: 65_535 } });
      expect(back.connack.sessionPresent).toBe(true);
      const missing = new Set(acknowledged);
      while (missing.size > 0) {
        const packet = await back.receive();
        if (packet.type === PacketType.Pubrel) back.send(ack(PacketType.Pubcomp, packet.packetId));
        if (packet.type !== PacketType.Publish) continue;
        missing.delete(Number(textOf(packet.payload)));
        back.send(ack(qos === 1 ? PacketType.Puback : PacketType.Pubrec, packet.packetId));
      }
    },
  );
});

/** Messages acknowledged before the broker is told to stop. */
const STOP_AFTER = 2_000;
const WINDOW = 500;

/** Keeps a window of messages to topic `a` full, has the broker stop meanwhile, and tells which messages were acknowledged. */
async function publishUntilDisconnected(
  { port, stop }: RunningBroker,
  qos: 1 | 2,
): Promise<{ acknowledged: number[]; stopped: Promise<void> }> {
  const publisher = await TestClient.connect(port);
  const acknowledged: number[] = [];
  let next = 1;
  const send = () => publisher.send(publishPacket("a", { qos, packetId: next, payload: String(next++) }));
  for (let i = 0; i < WINDOW; i++) send();
  let stopped: Promise<void> | undefined;
  for (;;) {
    const packet = await publisher.receive();
    if (packet.type === PacketType.Disconnect) return { acknowledged, stopped: stopped! };
    if (packet.type === PacketType.Pubcomp) continue;
    if (packet.type !== PacketType.Puback && packet.type !== PacketType.Pubrec) throw new Error(`not expected: ${packet.type}`);
    acknowledged.push(packet.packetId);
    if (packet.type === PacketType.Pubrec) publisher.send(ack(PacketType.Pubrel, packet.packetId));
    send();
    if (acknowledged.length === STOP_AFTER) stopped = stop();
  }
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "mqttd-drain-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}
