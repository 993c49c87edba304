import { describe, expect, it, vi } from "vitest";
import { NatsEngine } from "../../../src/cluster/nats/nats-engine.js";
import { PacketType } from "../../../src/codec/packet.js";
import { startNatsCluster } from "../../support/nats-server.js";
import { startBroker } from "../../support/start-broker.js";
import { TestClient } from "../../support/test-client.js";
import { ack, textOf } from "../../support/test-client-packets.js";
import { natsBackplane, SILENT } from "./test-backplane.js";

describe("brokers on three NATS servers", { timeout: 90_000 }, () => {
  it("lose nothing that was acknowledged while one server after another is killed and comes back, and take no broker for dead", async (context) => {
    const servers = await startNatsCluster(context);
    const urls = servers.map(({ url }) => url);
    const brokers = await Promise.all(
      urls.map(async (url, index) => {
        const others = [url, ...urls.filter((other) => other !== url)];
        const connect = (name: string) =>
          NatsEngine.connect({ servers: others, credentials: undefined, tls: undefined, name, inboxPrefix: "mqttd.test.i", log: SILENT });
        const backplane = natsBackplane(urls, { connect, storage: "file", replicas: 3, deadAfterSeconds: 15, hostName: `b${index}` });
        return { ...(await startBroker({ backplane })), backplane };
      }),
    );
    const subscribers = await Promise.all(brokers.map(({ port }) => TestClient.connect(port)));
    for (const subscriber of subscribers) await subscriber.subscribe([{ topicFilter: "t", qos: 1 }]);
    const receiving = subscribers.map(async (subscriber) => {
      const got = new Set<string>();
      while (!got.has("end")) {
        const { payload, packetId } = await subscriber.receive(PacketType.Publish);
        subscriber.send(ack(PacketType.Puback, packetId));
        got.add(textOf(payload));
      }
      return got;
    });

    let isOver = false;
    let published = 0;
    const acknowledged: string[] = [];
    const publishing = brokers.map(async ({ port }) => {
      const publisher = await TestClient.connect(port);
      while (!isOver) {
        const payload = `${published++}`;
        publisher.publish("t", { payload, qos: 1 });
        if ((await publisher.receive(PacketType.Puback)).reasonCode < 0x80) acknowledged.push(payload);
      }
    });
    const goOn = async () => {
      const goal = acknowledged.length + 300;
      await vi.waitFor(() => expect(acknowledged.length).toBeGreaterThan(goal), { timeout: 30_000 });
    };
    for (const server of servers.slice(0, 2)) {
      await goOn();
      await server.kill();
      await goOn();
      await server.start();
      await vi.waitFor(() => expect(brokers.map(({ broker }) => broker.readiness)).toEqual(brokers.map(() => "ready")), {
        timeout: 30_000,
      });
    }
    isOver = true;
    await Promise.all(publishing);
    const last = await TestClient.connect(brokers[0]!.port);
    last.publish("t", { payload: "end", qos: 1 });
    await last.receive(PacketType.Puback);
    for (const got of await Promise.all(receiving)) expect(acknowledged.filter((text) => !got.has(text))).toEqual([]);
    expect(brokers.map(({ backplane }) => [backplane.counters.fenced, backplane.peers.length])).toEqual(brokers.map(() => [0, 2]));
  });
});
