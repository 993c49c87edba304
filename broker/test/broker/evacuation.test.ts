import { describe, expect, it } from "vitest";
import { PacketType } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { startBroker } from "../support/start-broker.js";
import { TestClient } from "../support/test-client.js";
import { connectPacket } from "../support/test-client-packets.js";

const AT_ONCE = { waitHealthCheckSeconds: 0, waitTakeoverSeconds: 0 };

async function refusal(port: number): Promise<readonly [number, string | undefined]> {
  const client = await TestClient.open(port);
  client.send(connectPacket(5));
  const { reasonCode, properties } = await client.receive(PacketType.Connack);
  await client.expectClosed();
  return [reasonCode, properties.serverReference];
}

describe("a broker that is evacuated", () => {
  it("is not ready from then on, and goes on serving while load balancers have not noticed", async () => {
    const { broker, port, clock } = await startBroker();
    const client = await TestClient.connect(port);
    broker.rebalance.evacuate();
    expect(broker.readiness).toBe("evacuating");
    clock.advance(59_000);
    await client.expectNothing();
    await TestClient.connect(port);
    clock.advance(2_000);
    await client.expectDisconnect(ReasonCode.ServerShuttingDown);
  });

  it("sends clients of 5.0 to another server, those that come too [MQTT-4.13.2-1]", async () => {
    const { broker, port, clock } = await startBroker();
    const client = await TestClient.connect(port);
    const old = await TestClient.connect(port, { version: 4 });
    broker.rebalance.evacuate({ ...AT_ONCE, redirectTo: "a.example:1883 b.example:1883" });
    clock.advance(1_000);
    const { reasonCode, properties } = await client.receive(PacketType.Disconnect);
    expect([reasonCode, properties.serverReference]).toEqual([ReasonCode.UseAnotherServer, "a.example:1883 b.example:1883"]);
    await client.expectClosed();
    await old.expectClosed();
    expect(await refusal(port)).toEqual([ReasonCode.UseAnotherServer, "a.example:1883 b.example:1883"]);
  });

  it("takes clients again once that is stopped, with the sessions that nobody took", async () => {
    const { broker, port, clock } = await startBroker();
    const session = { clientId: "c", cleanStart: false, properties: { sessionExpiryIntervalSeconds: 600 } };
    const before = await TestClient.connect(port, session);
    broker.rebalance.evacuate(AT_ONCE);
    clock.advance(1_000);
    await before.expectDisconnect(ReasonCode.ServerShuttingDown);
    expect(await refusal(port)).toEqual([ReasonCode.ServerUnavailable, undefined]);
    expect(broker.rebalance.status).toMatchObject({ current: { connected: 0, sessions: 1 }, eviction: { state: "prohibiting" } });
    expect(broker.rebalance.stop()).toBe(true);
    expect(broker.readiness).toBe("ready");
    expect((await TestClient.connect(port, session)).connack.sessionPresent).toBe(true);
  });

  it("stops as usual", async () => {
    const { broker, port, clock, stop } = await startBroker();
    broker.rebalance.evacuate(AT_ONCE);
    clock.advance(1_000);
    await stop();
    expect(broker.readiness).toBe("stopped");
    await expect(TestClient.open(port)).rejects.toThrow("ECONNREFUSED");
  });
});
