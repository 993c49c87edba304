import { describe, expect, it } from "vitest";
import { PacketType } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { DropCause } from "../../src/sys/counters.js";
import { TestClient } from "../support/test-client.js";
import { textOf } from "../support/test-client-packets.js";
import { type RunningBroker, withBroker } from "./support.js";

const { Puback, Publish, Pingreq, Pingresp } = PacketType;

/** More than the kernel holds for a connection of the loopback interface. */
const MESSAGES = 120;
const PADDING = " ".repeat(128 * 1024);
const KEPT = { properties: { sessionExpiryIntervalSeconds: 600 } };

/** Publishes until the broker drops messages for the one that does not read, and has `quick` get every one. */
async function flood({ broker }: RunningBroker, publisher: TestClient, quick: TestClient): Promise<number> {
  let sent = 0;
  while (broker.counters.publishDropped[DropCause.SlowConnection] === 0 || sent < MESSAGES) {
    publisher.publish("a", { payload: `${sent}${PADDING}` });
    expect(Number(textOf((await quick.receive(Publish)).payload))).toBe(sent++);
  }
  return sent;
}

describe("a client that reads nothing", () => {
  it("is disconnected in the end; its session stays, and those who read miss nothing", async () => {
    const parts = await withBroker({ mqtt: { slowConsumerSeconds: 30, maxOutputBytes: 65_536 } });
    const { port, broker, clock } = parts;
    const slow = await TestClient.connect(port, { clientId: "slow", ...KEPT });
    const quick = await TestClient.connect(port);
    await slow.subscribe([{ topicFilter: "a", qos: 1 }]);
    await quick.subscribe(["a"]);
    slow.pause();
    await flood(parts, quick, quick);

    clock.advance(29_000);
    await quick.expectNothing();
    expect([broker.counters.slowConsumers, broker.counters.clientsConnected]).toEqual([0, 2]);
    clock.advance(2_000);
    expect([broker.counters.slowConsumers, broker.counters.disconnects[ReasonCode.QuotaExceeded]]).toEqual([1, 1]);
    expect(broker.counters.clientsConnected).toBe(1);
    clock.advance(6_000);
    while (broker.counters.connectionsOpen > 1) await quick.expectNothing();

    quick.publish("a", { qos: 1, payload: "later" });
    await quick.receive();
    await quick.receive();
    const again = await TestClient.connect(port, { clientId: "slow", cleanStart: false, ...KEPT });
    expect(again.connack.sessionPresent).toBe(true);
    expect(textOf((await again.receive(Publish)).payload)).toBe("later");
  });

  it("is not disconnected for silence while the broker does not read from it", async () => {
    const { port, broker, clock } = await withBroker({ mqtt: { slowConsumerSeconds: 1_000, maxOutputBytes: 65_536 } });
    const client = await TestClient.connect(port, { keepAliveSeconds: 10 });
    await client.subscribe(["a"]);
    const other = await TestClient.connect(port);
    client.pause();
    for (let i = 0; i < MESSAGES; i++) client.publish("a", { payload: PADDING });
    client.send({ type: Pingreq });
    // It is read from no more when nothing more comes of it for a while.
    for (let before = -1; before !== broker.counters.publishesReceived; ) {
      before = broker.counters.publishesReceived;
      for (let i = 0; i < 20; i++) await other.expectNothing();
    }
    expect(broker.counters.publishReceived[0]).toBeLessThan(MESSAGES);
    clock.advance(60_000);
    await other.expectNothing();
    expect(broker.counters.clientsConnected).toBe(2);

    client.resume();
    for (let packet = await client.receive(); packet.type !== Pingresp; ) packet = await client.receive();
    clock.advance(14_000);
    await client.expectNothing();
    clock.advance(17_000);
    expect(broker.counters.disconnects[ReasonCode.KeepAliveTimeout]).toBe(1);
  });
});

describe("a client that sends more than its listener's rate", () => {
  /** Has `client` send so many messages at once, which `inbox` gets as the broker takes them. */
  function send(client: TestClient, count: number): void {
    for (let i = 0; i < count; i++) client.publish("a", { payload: String(i) });
  }

  it("is read from at that rate; nothing is lost, nobody is disconnected, and others are not held up", async () => {
    const { port, broker, clock } = await withBroker({ mqtt: { maxMessageRate: 100 } });
    const inbox = await TestClient.connect(port);
    await inbox.subscribe(["a", "b"]);
    const eager = await TestClient.connect(port, { keepAliveSeconds: 1 });
    const calm = await TestClient.connect(port);
    send(eager, 100);
    await inbox.receiveTexts(100);
    eager.publish("a", { payload: "one too many" });
    await inbox.receiveTexts(1);
    send(eager, 250);
    calm.publish("b", { qos: 1, payload: "calm" });
    expect(textOf((await inbox.receive(Publish)).payload)).toBe("calm");
    await calm.receive(Puback);
    expect([broker.counters.ratePauses, broker.counters.publishReceived[0]]).toEqual([1, 101]);

    const texts: string[] = [];
    while (texts.length < 250) {
      clock.advance(100);
      for (let i = 0; i < 20; i++) await calm.expectNothing();
      const taken = broker.counters.publishReceived[0]! - 101;
      while (texts.length < taken) texts.push(...(await inbox.receiveTexts(1)));
    }
    expect(texts).toEqual(Array.from({ length: 250 }, (_, i) => String(i)));
    expect(broker.counters.clientsConnected).toBe(3);
  });

  it("may send more by a listener that has no such rate", async () => {
    const listeners = [
      { name: "limited", host: "127.0.0.1", port: 0, transport: "tcp", maxMessageRate: 10 },
      { name: "open", host: "127.0.0.1", port: 0, transport: "tcp", maxMessageRate: "off" },
      { name: "bytes", host: "127.0.0.1", port: 0, transport: "tcp", maxMessageRate: "off", maxByteRate: 1_000 },
    ];
    const { ports, broker } = await withBroker({ listeners, mqtt: { maxMessageRate: 50 } });
    const inbox = await TestClient.connect(ports.open!);
    await inbox.subscribe(["a"]);
    send(await TestClient.connect(ports.open!), 200);
    await inbox.receiveTexts(200);
    expect(broker.counters.ratePauses).toBe(0);
    send(await TestClient.connect(ports.limited!), 11);
    await inbox.receiveTexts(11);
    expect(broker.counters.ratePauses).toBe(1);
    (await TestClient.connect(ports.bytes!)).publish("a", { payload: "x".repeat(2_000) });
    await inbox.receiveTexts(1);
    expect(broker.counters.ratePauses).toBe(2);
  });
});
