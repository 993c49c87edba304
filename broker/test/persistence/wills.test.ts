import { describe, expect, it } from "vitest";
import { type Packet, PacketType } from "../../src/codec/packet.js";
import { startBroker } from "../support/start-broker.js";
import { TestClient } from "../support/test-client.js";
import { disconnectPacket, will } from "../support/test-client-packets.js";
import { crash, stores } from "./crash.js";

const { Publish } = PacketType;
const SESSION = { cleanStart: false, properties: { sessionExpiryIntervalSeconds: 100 } };
const WATCHER = { ...SESSION, clientId: "watcher" };
const SUBJECT = { ...SESSION, clientId: "c" };
const willAfter = (willDelayIntervalSeconds: number) => will("gone", "bye", { qos: 1, properties: { willDelayIntervalSeconds } });

/** A broker that crashes while a client with this CONNECT is there, or has left by what `leaves` sends; and one that starts after it. */
async function crashedWith(connect: Parameters<typeof TestClient.connect>[1], leaves: readonly Packet[] = []) {
  const parts = stores();
  const first = await startBroker(parts);
  const watcher = await TestClient.connect(first.port, WATCHER);
  await watcher.subscribe([{ topicFilter: "gone", qos: 1 }]);
  const client = await TestClient.connect(first.port, connect);
  if (leaves.length > 0) {
    client.send(...leaves);
    await client.closed;
  }
  await crash(first, parts);
  const second = await startBroker(parts);
  return { parts, second, again: await TestClient.connect(second.port, WATCHER) };
}

describe("the will of a client that was there when the broker crashed", () => {
  it("is published when the broker is back, to sessions that are away too: the connection has ended without DISCONNECT [MQTT-3.1.2-8], 3.1.1 [MQTT-3.1.2-8]", async () => {
    for (const connect of [
      { ...SUBJECT, will: willAfter(0) },
      { clientId: "c", cleanStart: false, version: 4 as const, will: will("gone", "bye", { qos: 1 }) },
    ]) {
      const { again } = await crashedWith(connect);
      expect(await again.receiveTexts(1)).toEqual(["bye"]);
      await again.expectNothing();
    }
  });

  it("waits for its delay from then on (3.1.3.2.2), and is published once, whatever crashes after [MQTT-3.1.2-10]", async () => {
    const { parts, second, again } = await crashedWith({ ...SUBJECT, will: willAfter(20) });
    parts.clock.advance(18_000);
    await again.expectNothing();
    parts.clock.advance(4_000);
    const message = await again.receive(Publish);
    expect(String.fromCharCode(...message.payload)).toBe("bye");
    await crash(second, parts);
    const third = await startBroker(parts);
    parts.clock.advance(30_000);
    const later = await TestClient.connect(third.port, WATCHER);
    expect((await later.receive(Publish)).dup).toBe(true); // not acknowledged before
    await later.expectNothing();
  });

  it("is not published if the client is back before [MQTT-3.1.3-9]", async () => {
    const { parts, second, again } = await crashedWith({ ...SUBJECT, will: willAfter(20) });
    parts.clock.advance(10_000);
    const client = await TestClient.connect(second.port, SUBJECT);
    expect(client.connack.sessionPresent).toBe(true);
    parts.clock.advance(60_000);
    await again.expectNothing();
  });

  it("is published when its session ends, if that is before its delay has passed [MQTT-3.1.2-8]", async () => {
    const { parts, again } = await crashedWith({ ...SUBJECT, properties: { sessionExpiryIntervalSeconds: 5 }, will: willAfter(60) });
    parts.clock.advance(8_000);
    expect(await again.receiveTexts(1)).toEqual(["bye"]);
  });

  it("is not published if it has been taken back by DISCONNECT [MQTT-3.1.2-10], 3.1.1 [MQTT-3.1.2-10]", async () => {
    const { parts, again } = await crashedWith({ ...SUBJECT, will: willAfter(0) }, [disconnectPacket()]);
    parts.clock.advance(60_000);
    await again.expectNothing();
  });

  it("goes with it, if the session was one that ends with its connection", async () => {
    const { parts, again } = await crashedWith({ clientId: "c", will: will("gone", "bye", { qos: 1 }) });
    parts.clock.advance(60_000);
    await again.expectNothing();
  });
});

it("a session that has expired while no broker was there does not wait for a client that is back at once [MQTT-4.1.0-2]", async () => {
  const parts = stores();
  const first = await startBroker(parts);
  const client = await TestClient.connect(first.port, SUBJECT);
  const other = await TestClient.connect(first.port);
  client.destroy();
  while (first.broker.counters.clientsConnected > 1) await other.expectNothing();
  await crash(first, parts);
  parts.clock.advance(100_000);
  const second = await startBroker(parts);
  expect((await TestClient.connect(second.port, SUBJECT)).connack.sessionPresent).toBe(false);
  expect(second.broker.counters.sessionsExpired).toBe(1);
});
