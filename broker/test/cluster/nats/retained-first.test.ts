import { expect, it, vi } from "vitest";
import { EngineUnavailableError } from "../../../src/cluster/nats/engine-errors.js";
import { retainedSubject } from "../../../src/cluster/nats/retained-records.js";
import { PacketType } from "../../../src/codec/packet.js";
import { TestClient } from "../../support/test-client.js";
import { ack } from "../../support/test-client-packets.js";
import { type ClusterBroker, TestCluster } from "./test-cluster.js";

const LASTING = { clientId: "p", cleanStart: false, properties: { sessionExpiryIntervalSeconds: 3_600 } };
/** As long as a journal takes to be written many times over. */
const LONG_ENOUGH_MS = 500;

/** Keeps what is retained from being written until the broker dies; resolves when it was to be. */
function keepsBack({ engine }: ClusterBroker, topic: string): Promise<void> {
  const append = engine.append.bind(engine);
  return new Promise((resolve) => {
    vi.spyOn(engine, "append").mockImplementation((subject, bytes, options) => {
      if (subject !== retainedSubject("mqttd.test", topic)) return append(subject, bytes, options);
      resolve();
      return new Promise(() => {});
    });
  });
}

it("a retained message is not known as received before it is retained, so that it is when its publisher sends it to another broker [MQTT-3.3.1-5]", async (context) => {
  const cluster = await TestCluster.start(context);
  const [first, second] = (await cluster.brokers(2)) as [ClusterBroker, ClusterBroker];
  const publisher = await TestClient.connect(first.port, LASTING);
  const { groupsWritten } = first.store.journal;
  const isAtIt = keepsBack(first, "t");
  publisher.publish("t", { payload: "new", qos: 2, retain: true, packetId: 7 });
  await isAtIt;
  await new Promise((resolve) => setTimeout(resolve, LONG_ENOUGH_MS));
  expect(first.store.journal.groupsWritten).toBe(groupsWritten);
  await first.die();
  const again = await TestClient.connect(second.port, LASTING);
  again.publish("t", { payload: "new", qos: 2, retain: true, packetId: 7, dup: true });
  await again.receive(PacketType.Pubrec);
  again.send(ack(PacketType.Pubrel, 7));
  await again.receive(PacketType.Pubcomp);
  const subscriber = await TestClient.connect(second.port);
  await subscriber.subscribe([{ topicFilter: "t", qos: 2 }]);
  expect(await subscriber.receiveTexts(1)).toEqual(["new"]);
}, 60_000);

it("a retained message that its broker could not store does not come back over a newer one [MQTT-3.3.1-5]", async (context) => {
  const cluster = await TestCluster.start(context);
  const [first, second] = (await cluster.brokers(2)) as [ClusterBroker, ClusterBroker];
  const append = first.engine.append.bind(first.engine);
  const spy = vi.spyOn(first.engine, "append").mockImplementation((subject, bytes, options) => {
    if (subject !== retainedSubject("mqttd.test", "t")) return append(subject, bytes, options);
    return Promise.reject(new EngineUnavailableError("cut off", { isOutcomeUnknown: true }));
  });
  const publish = async (client: TestClient, topic: string, payload: string) => {
    client.publish(topic, { payload, qos: 1, retain: true, packetId: 7 });
    return (await client.receive(PacketType.Puback)).reasonCode;
  };
  expect(await publish(await TestClient.connect(first.port, { clientId: "p" }), "t", "old")).toBeGreaterThanOrEqual(0x80);
  const elsewhere = await TestClient.connect(second.port, { clientId: "p" });
  for (const payload of ["old", "new"]) expect(await publish(elsewhere, "t", payload)).toBeLessThan(0x80);
  spy.mockRestore();
  const other = await TestClient.connect(first.port);
  expect(await publish(other, "u", "1")).toBeLessThan(0x80);
  for (const { port } of [first, second]) {
    const subscriber = await TestClient.connect(port);
    await subscriber.subscribe([{ topicFilter: "t", qos: 1 }]);
    expect(await subscriber.receiveTexts(1)).toEqual(["new"]);
  }
}, 60_000);
