import { beforeEach, describe, expect, it, vi } from "vitest";
import { PacketType, type Qos } from "../../../src/codec/packet.js";
import { NEVER } from "../../../src/message.js";
import { TestClient } from "../../support/test-client.js";
import { ack, textOf } from "../../support/test-client-packets.js";
import { type ClusterBroker, TestCluster } from "./test-cluster.js";

/** Above what the slowest of them takes on a busy machine. */
const SLOW = { timeout: 60_000 };
const COUNT = 2_000;
const PAYLOAD_BYTES = 1_024;
const MEMORY_BYTES = 102_400;
/** That there is room for in memory, at most. */
const HELD = MEMORY_BYTES / PAYLOAD_BYTES;
/** Of the messages, the last to be found. */
const END = "z";

const payloadOf = (number: number, round = 0) => `${number}.${round} `.padEnd(PAYLOAD_BYTES, "x");
const topicOf = (number: number) => `t/${number % 10}/${number}`;

/** What is retained after some round for all topics, by topic. */
function expected(round: (number: number) => number = () => 0): Map<string, string> {
  return new Map(Array.from({ length: COUNT }, (_, i) => [topicOf(i), payloadOf(i, round(i))] as const));
}

describe("retained messages of which memory has room for few", SLOW, () => {
  let cluster: TestCluster;
  let broker: ClusterBroker;
  beforeEach(async (context) => {
    cluster = await TestCluster.start(context);
    broker = await lazyBroker({ deadAfterSeconds: 60 });
    for (let i = 0; i < COUNT; i++) retain(topicOf(i), payloadOf(i));
    retain(END, "");
    await stored();
  });

  const lazyBroker = (options = {}) => cluster.broker(options, {}, cluster.server.url, MEMORY_BYTES);

  function retain(topic: string, text: string): void {
    const more = { qos: 1 as const, retain: true, properties: {}, expiresAtMs: NEVER, publisher: "p" };
    broker.retained.set({ topic, payload: Buffer.from(text), ...more });
  }

  /** All that has been retained is in the stream, and what there is no room for nowhere else. */
  async function stored(): Promise<void> {
    await broker.retained.commit();
    await broker.retained.catchUp();
    expect(broker.retained.readings().retainedAbsent).toBeGreaterThan(broker.retained.size - HELD);
  }

  async function subscriber(qos: Qos, port = broker.port): Promise<TestClient> {
    const client = await TestClient.connect(port, { properties: { receiveMaximum: 10 } });
    await client.subscribe([{ topicFilter: "#", qos }]);
    return client;
  }

  /** The next messages, acknowledged; not the one that ends them. */
  async function take(client: TestClient, most = Number.POSITIVE_INFINITY): Promise<(readonly [topic: string, text: string])[]> {
    const taken: (readonly [string, string])[] = [];
    while (taken.length < most) {
      const packet = await client.receive(PacketType.Publish);
      expect(packet.retain).toBe(true);
      if (packet.qos > 0) client.send(ack(PacketType.Puback, packet.packetId));
      if (packet.topic === END) break;
      taken.push([packet.topic, textOf(packet.payload)]);
    }
    return taken;
  }

  it.each([0, 1] as const)(
    "all come to a new subscription, once, at QoS %i, on a broker that was there and on one that joins later",
    async (qos) => {
      for (const { port, retained } of [broker, await lazyBroker()]) {
        expect(retained.readings().retainedMemoryBytes).toBeLessThanOrEqual(MEMORY_BYTES);
        const client = await subscriber(qos, port);
        const taken = await take(client);
        expect([taken.length, new Map(taken)]).toEqual([COUNT, expected()]);
        await client.expectNothing();
        const { retainedFetched, retainedFetchesFailed, retainedMemoryBytes, retainedAbsent } = retained.readings();
        expect(retainedFetched).toBeGreaterThan(COUNT - HELD);
        expect(retainedMemoryBytes).toBeLessThanOrEqual(MEMORY_BYTES);
        expect(retainedAbsent).toBeGreaterThan(COUNT - HELD);
        expect(retainedFetchesFailed).toBe(0);
      }
    },
  );

  it("come to a slow client as they are when it takes them: replaced, or not at all if they were deleted", async () => {
    const client = await subscriber(1);
    const before = await take(client, 20);
    for (let i = 0; i < COUNT; i++) {
      if (i % 4 === 1) broker.retained.delete(topicOf(i));
      if (i % 4 === 2) retain(topicOf(i), payloadOf(i, 1));
    }
    await stored();
    const early = await take(client, 256); // may be among those that were found when it subscribed, and in memory
    const late = await take(client);
    const after = expected((i) => (i % 4 === 2 ? 1 : 0));
    for (let i = 1; i < COUNT; i += 4) after.delete(topicOf(i));
    for (const [topic, text] of late) expect([topic, text]).toEqual([topic, after.get(topic)]);
    const all = new Set([...before, ...early, ...late].map(([topic]) => topic));
    expect([...after.keys()].filter((topic) => !all.has(topic))).toEqual([]);
  });

  it("stop when the client unsubscribes [MQTT-3.10.4-2], and leave nothing behind when it goes", async () => {
    const client = await subscriber(1);
    await take(client, 20);
    client.send({ type: PacketType.Unsubscribe, packetId: 2, topicFilters: ["#"], properties: {} });
    let packet = await client.receive();
    for (; packet.type === PacketType.Publish; packet = await client.receive()) client.send(ack(PacketType.Puback, packet.packetId));
    expect(packet.type).toBe(PacketType.Unsuback);
    for (const gone of await Promise.all([0, 0, 0].map(() => subscriber(1)))) gone.destroy();
    await client.expectNothing();
    expect((await take(await subscriber(0))).length).toBe(COUNT);
    expect(broker.retained.readings().retainedFetchesFailed).toBe(0);
  });

  it("come when NATS is back, to who has subscribed while it was there", async () => {
    const client = await subscriber(1);
    const before = await take(client, 100);
    await cluster.server.stop();
    const rest = take(client);
    await vi.waitFor(() => expect(broker.broker.readiness).not.toBe("ready"));
    await cluster.server.start();
    expect(new Map([...before, ...(await rest)])).toEqual(expected());
    expect(broker.retained.readings().retainedFetchesFailed).toBe(0);
  });
});
