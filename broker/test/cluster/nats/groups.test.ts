import { beforeEach, describe, expect, it, vi } from "vitest";
import { PacketType, type Qos } from "../../../src/codec/packet.js";
import { TestClient } from "../../support/test-client.js";
import { ack, textOf } from "../../support/test-client-packets.js";
import { type ClusterBroker, TestCluster } from "./test-cluster.js";

/** Above what the slowest of them takes on a busy machine: a death is noticed after two seconds. */
const SLOW = { timeout: 60_000 };
const LASTING = { sessionExpiryIntervalSeconds: 3_600 };

/** A member of the group whose session outlives its connection. */
function lasting(broker: ClusterBroker, clientId: string): Promise<TestClient> {
  return TestClient.connect(broker.port, { clientId, cleanStart: false, properties: LASTING });
}

/** Publishes and waits for the answer; resolves with the reason. */
async function publishOne(client: TestClient, topic: string, payload: string, qos: Qos): Promise<number> {
  client.publish(topic, { payload, qos });
  const { reasonCode } = await client.receive(qos === 1 ? PacketType.Puback : PacketType.Pubrec);
  if (qos === 1 || reasonCode >= 0x80) return reasonCode;
  client.send(ack(PacketType.Pubrel, 1));
  await client.receive(PacketType.Pubcomp);
  return reasonCode;
}

/** Takes what comes, and acknowledges it, until its connection ends. Messages that come again under their identifier are taken once. */
async function takeAll(client: TestClient, into: string[], open = new Set<number>()): Promise<void> {
  for (;;) {
    const packet = await client.receive().catch(() => undefined);
    if (packet === undefined) return;
    if (packet.type === PacketType.Publish) {
      if (packet.qos === 1) client.send(ack(PacketType.Puback, packet.packetId));
      else client.send(ack(PacketType.Pubrec, packet.packetId));
      if (packet.qos === 1 || !open.has(packet.packetId)) into.push(textOf(packet.payload));
      if (packet.qos === 2) open.add(packet.packetId);
    } else if (packet.type === PacketType.Pubrel) {
      open.delete(packet.packetId);
      client.send(ack(PacketType.Pubcomp, packet.packetId));
    }
  }
}

describe("a shared group over brokers", SLOW, () => {
  let cluster: TestCluster;
  beforeEach(async (context) => {
    cluster = await TestCluster.start(context);
  });

  it.each([1, 2] as const)("gets all that is published at QoS %i while its members move between brokers", async (qos) => {
    const brokers = await cluster.brokers(3);
    for (const clientId of ["m", "n"]) {
      const member = await lasting(brokers[0]!, clientId);
      await member.subscribe([{ topicFilter: "$share/g/a/#", qos: 2 }]);
      member.destroy();
    }
    let isOver = false;
    const publish = async (broker: ClusterBroker, name: string) => {
      const publisher = await TestClient.connect(broker.port);
      const published: string[] = [];
      for (let count = 0; !isOver; count++) {
        const payload = `${name}${count}`;
        expect(await publishOne(publisher, `a/${name}`, payload, qos)).toBe(0);
        published.push(payload);
      }
      return published;
    };
    const publishing = Promise.all(brokers.map((broker, index) => publish(broker, "xyz"[index]!)));
    const received: string[] = [];
    const roam = async (clientId: string, step: number) => {
      const open = new Set<number>();
      for (let move = 0; move < 25; move++) {
        const client = await lasting(brokers[(move * step) % 3]!, clientId);
        expect(client.connack.sessionPresent).toBe(true);
        const taking = takeAll(client, received, open);
        for (let left = received.length + 3; received.length < left; ) await new Promise(setImmediate);
        client.destroy();
        await taking;
      }
      return open;
    };
    const [openM, openN] = await Promise.all([roam("m", 1), roam("n", 2)]);
    isOver = true;
    const published = (await publishing).flat();
    const last = [await lasting(brokers[0]!, "m"), await lasting(brokers[1]!, "n")];
    const taking = [takeAll(last[0]!, received, openM), takeAll(last[1]!, received, openN)];
    await vi.waitFor(() => expect(published.filter((payload) => !received.includes(payload))).toEqual([]), { timeout: 5_000 });
    for (const client of last) client.destroy();
    await Promise.all(taking);
    if (qos === 2) expect([...received].sort()).toEqual([...published].sort());
  });
});
