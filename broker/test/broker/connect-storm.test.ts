import { describe, expect, it } from "vitest";
import { PacketType } from "../../src/codec/packet.js";
import { startBroker } from "../support/start-broker.js";
import { TestClient } from "../support/test-client.js";
import { connectPacket, subscribePacket } from "../support/test-client-packets.js";

const CLIENTS = 200;

describe("clients that all come in one instant", () => {
  it("are let in a few at a time, and what each has sent behind its CONNECT is handled after it", async () => {
    const { port, broker } = await startBroker();
    const clients = await Promise.all(Array.from({ length: CLIENTS }, () => TestClient.open(port)));
    for (const [index, client] of clients.entries()) {
      client.send(connectPacket(5, { clientId: `c${index}` }), subscribePacket([`t/${index}`]));
    }
    await Promise.all(
      clients.map(async (client) => {
        expect((await client.receive(PacketType.Connack)).reasonCode).toBe(0);
        await client.receive(PacketType.Suback);
      }),
    );
    expect(broker.counters.connectsPaced).toBeGreaterThan(0);
    expect(broker.counters.clientsConnected).toBe(CLIENTS);
  });

  it("are all forgotten that go before it is their turn", async () => {
    const { port, broker } = await startBroker();
    const clients = await Promise.all(Array.from({ length: CLIENTS }, () => TestClient.open(port)));
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
