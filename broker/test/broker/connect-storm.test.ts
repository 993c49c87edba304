import { describe, expect, it } from "vitest";
import { PacketType } from "../../src/codec/packet.js";
import { startBroker, type TestBroker } from "../support/start-broker.js";
import { TestClient } from "../support/test-client.js";
import { connectPacket, subscribePacket } from "../support/test-client-packets.js";

const CLIENTS = 200;

describe("clients that all come in one instant", () => {
  /** All accepted, so that what they send comes in the same turn. */
  async function openAll({ port, broker }: TestBroker): Promise<TestClient[]> {
    const clients = await Promise.all(Array.from({ length: CLIENTS }, () => TestClient.open(port)));
    await expect.poll(() => broker.counters.connectionsOpen).toBe(CLIENTS);
    return clients;
  }

  it("are let in a few at a time, and what each has sent behind its CONNECT is handled after it", async () => {
    const test = await startBroker();
    const clients = await openAll(test);
    for (const [index, client] of clients.entries()) {
      client.send(connectPacket(5, { clientId: `c${index}` }), subscribePacket([`t/${index}`]));
    }
    await Promise.all(
      clients.map(async (client) => {
        expect((await client.receive(PacketType.Connack)).reasonCode).toBe(0);
        await client.receive(PacketType.Suback);
      }),
    );
    const { counters } = test.broker;
    expect(counters.connectsPaced).toBeGreaterThan(0);
    expect(counters.clientsConnected).toBe(CLIENTS);
  });

  it("are all forgotten that go before it is their turn", async () => {
    const test = await startBroker();
    const { port, broker } = test;
    const clients = await openAll(test);
    for (const client of clients) {
      client.send(connectPacket(5));
      client.destroy();
    }
    const last = await TestClient.connect(port, { clientId: "last" });
    await Promise.all(clients.map(({ closed }) => closed));
    await last.expectNothing();
    await expect.poll(() => broker.counters.connectionsOpen).toBe(1);
    expect(broker.counters.clientsConnected).toBe(1);
  });
});
