import { expect, it, vi } from "vitest";
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
