import { describe, expect, it } from "vitest";
import { PacketType } from "../../src/codec/packet.js";
import { TestClient } from "../support/test-client.js";
import { textOf } from "../support/test-client-packets.js";
import { withBroker } from "./support.js";

const { Publish } = PacketType;

describe("$SYS", () => {
  it("tells about the broker, retained, to who asks for it [MQTT-4.7.2-1], 3.1.1 [MQTT-4.7.2-1]", async () => {
    const { port, clock } = await withBroker({ sysIntervalSeconds: 10 });
    const client = await TestClient.connect(port);
    clock.advance(11_000);
    await client.subscribe(["#", "+/broker/version"]);
    await client.expectNothing();
    await client.subscribe(["$SYS/broker/clients/connected", "$SYS/broker/version"]);
    const messages = await client.receiveMessages(2);
    expect(messages.every(({ retain }) => retain)).toBe(true);
    expect(messages.map(({ topic, payload }) => [topic, textOf(payload)])).toContainEqual(["$SYS/broker/clients/connected", "1"]);
  });

  it("is published anew at every interval, where something has changed", async () => {
    const { port, clock } = await withBroker({ sysIntervalSeconds: 10 });
    const client = await TestClient.connect(port);
    clock.advance(11_000);
    await client.subscribe([{ topicFilter: "$SYS/broker/clients/connected", retainHandling: 2 }]);
    const other = await TestClient.connect(port);
    await other.expectNothing();
    clock.advance(11_000);
    expect(textOf((await client.receive(Publish)).payload)).toBe("2");
  });

  it("is the broker's own: clients do not publish there", async () => {
    const { port, clock } = await withBroker({ sysIntervalSeconds: 10 });
    const client = await TestClient.connect(port);
    clock.advance(11_000);
    client.publish("$SYS/broker/version", { qos: 1, retain: true, payload: "mine" });
    expect((await client.receive(PacketType.Puback)).reasonCode).toBeGreaterThanOrEqual(0x80);
    await client.subscribe(["$SYS/broker/version"]);
    expect(await client.receiveTexts(1)).not.toEqual(["mine"]);
  });

  it("can be switched off", async () => {
    const { port, clock } = await withBroker({ sysIntervalSeconds: 0 });
    const client = await TestClient.connect(port);
    clock.advance(60_000);
    await client.subscribe(["$SYS/#"]);
    await client.expectNothing();
  });
});
