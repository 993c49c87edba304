import { describe, expect, it } from "vitest";
import { PacketType } from "../../src/codec/packet.js";
import { TestClient } from "../support/test-client.js";
import { textOf } from "../support/test-client-packets.js";
import { withBroker } from "./support.js";

const { Puback, Publish } = PacketType;

/** More than the kernel holds for a connection of the loopback interface. */
const MESSAGES = 200;
const PADDING = " ".repeat(128 * 1024);

describe("a client that does not read", () => {
  it("gets QoS 1 messages when it does, all and in order", async () => {
    const { port } = await withBroker({ mqtt: { maxQueuedBytes: 64 * 1024 * 1024, maxInflightBytes: 64 * 1024 * 1024 } });
    const slow = await TestClient.connect(port);
    await slow.subscribe([{ topicFilter: "a", qos: 1 }]);
    slow.pause();
    const publisher = await TestClient.connect(port);
    for (let i = 1; i <= MESSAGES; i++) {
      publisher.publish("a", { qos: 1, packetId: i, payload: `${i}${PADDING}` });
      await publisher.receive(Puback);
    }
    slow.resume();
    const numbers: number[] = [];
    for (const { payload } of await slow.receiveMessages(MESSAGES)) numbers.push(Number(textOf(payload)));
    expect(numbers).toEqual(Array.from({ length: MESSAGES }, (_, i) => i + 1));
  });

  it("misses QoS 0 messages, which others get, and nothing worse happens to it", async () => {
    const { port, broker } = await withBroker();
    const slow = await TestClient.connect(port);
    const quick = await TestClient.connect(port);
    await slow.subscribe(["a"]);
    await quick.subscribe(["a"]);
    slow.pause();
    for (let i = 1; i <= MESSAGES; i++) {
      quick.publish("a", { payload: `${i}${PADDING}` });
      expect(Number(textOf((await quick.receive(Publish)).payload))).toBe(i);
    }
    slow.resume();
    slow.send({ type: PacketType.Pingreq });
    let last = 0;
    for (let packet = await slow.receive(); packet.type !== PacketType.Pingresp; packet = await slow.receive()) {
      if (packet.type !== Publish) throw new Error("not a PUBLISH");
      const number = Number(textOf(packet.payload));
      expect(number).toBeGreaterThan(last);
      last = number;
    }
    expect(last).toBeGreaterThan(0);
    expect(broker.counters.publishDropped.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
    quick.publish("a", { payload: "again" });
    expect(textOf((await slow.receive(Publish)).payload)).toBe("again");
  });

  it("and does not read its acknowledgements either is read from no more", async () => {
    const { port, broker } = await withBroker({ mqtt: { maxOutputBytes: 65_536 } });
    const client = await TestClient.connect(port);
    await client.subscribe(["a"]);
    client.pause();
    const other = await TestClient.connect(port);
    for (let i = 0; i < MESSAGES; i++) client.publish("a", { payload: PADDING });
    await other.expectNothing();
    for (let i = 0; i < 100 && broker.counters.publishReceived[0]! < MESSAGES; i++) await other.expectNothing();
    expect(broker.counters.publishReceived[0]).toBeLessThan(MESSAGES);
    client.resume();
    while (broker.counters.publishReceived[0]! < MESSAGES) await other.expectNothing();
  });
});
