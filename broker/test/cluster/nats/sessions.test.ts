import { beforeEach, describe, expect, it, vi } from "vitest";
import { OwnerSubjects } from "../../../src/cluster/nats/owner-records.js";
import { encodeRecord } from "../../../src/cluster/nats/route-records.js";
import { PacketType, type Qos } from "../../../src/codec/packet.js";
import { ReasonCode } from "../../../src/codec/reason-code.js";
import { startNatsServer } from "../../support/nats-server.js";
import { TcpProxy } from "../../support/tcp-proxy.js";
import { TestClient } from "../../support/test-client.js";
import { ack, connectPacket, disconnectPacket, textOf, will } from "../../support/test-client-packets.js";
import { type ClusterBroker, TestCluster } from "./test-cluster.js";

/** Above what the slowest of them takes on a busy machine: a death is noticed after two seconds. */
const SLOW = { timeout: 60_000 };
const LASTING = { sessionExpiryIntervalSeconds: 3_600 };

/** A client whose session outlives its connection. */
function lasting(broker: ClusterBroker, clientId: string, fields: Parameters<typeof TestClient.connect>[1] = {}): Promise<TestClient> {
  return TestClient.connect(broker.port, { clientId, cleanStart: false, properties: LASTING, ...fields });
}

async function publishAll(client: TestClient, topic: string, payloads: readonly string[], qos: Qos = 1): Promise<void> {
  for (const [index, payload] of payloads.entries()) client.publish(topic, { payload, qos, packetId: index + 1 });
  for (const _ of payloads) {
    const answer = await client.receive(qos === 1 ? PacketType.Puback : PacketType.Pubrec);
    expect(answer.reasonCode).toBeLessThan(0x80);
  }
  if (qos < 2) return;
  for (const index of payloads.keys()) client.send(ack(PacketType.Pubrel, index + 1));
  for (const _ of payloads) await client.receive(PacketType.Pubcomp);
}

async function receiveAll(client: TestClient, count: number): Promise<string[]> {
  const messages = await client.receiveMessages(count);
  for (const { packetId, qos } of messages) if (qos === 1) client.send(ack(PacketType.Puback, packetId));
  return messages.map(({ payload }) => textOf(payload));
}

/** Receives that many messages at QoS 2 and completes each; messages that come again are not counted again. */
async function take(client: TestClient, into: string[], count: number): Promise<void> {
  const open = new Set<number>();
  for (let left = count; left > 0 || open.size > 0; ) {
    const packet = await client.receive();
    if (packet.type === PacketType.Publish) {
      if (!open.has(packet.packetId)) {
        open.add(packet.packetId);
        into.push(textOf(packet.payload));
        left--;
      }
      client.send(ack(PacketType.Pubrec, packet.packetId));
    } else if (packet.type === PacketType.Pubrel) {
      open.delete(packet.packetId);
      client.send(ack(PacketType.Pubcomp, packet.packetId));
    } else throw new Error(`packet of type ${packet.type}`);
  }
}

const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, index) => `${from + index}`);

describe("a session that outlives its connection, in a cluster", SLOW, () => {
  let cluster: TestCluster;
  beforeEach(async (context) => {
    cluster = await TestCluster.start(context);
  });

  it("is there for its client on another broker: subscriptions, and what was queued, in order", async () => {
    const [here, there, third] = await cluster.brokers(3);
    const client = await lasting(here!, "c");
    await client.subscribe([{ topicFilter: "a/#", qos: 1 }]);
    client.send(disconnectPacket());
    await client.closed;
    const publisher = await TestClient.connect(third!.port);
    await publishAll(publisher, "a/b", numbers(50));

    const again = await lasting(there!, "c");
    expect(again.connack.sessionPresent).toBe(true);
    expect(await receiveAll(again, 50)).toEqual(numbers(50));
    await publishAll(publisher, "a/c", numbers(10, 50));
    expect(await receiveAll(again, 10)).toEqual(numbers(10, 50));
    await vi.waitFor(() => expect([here!.store.sessions.size, there!.store.sessions.size]).toEqual([0, 1]));
    await vi.waitFor(() => expect(here!.backplane.counters).toMatchObject({ sessionsReceived: 0, sessionsHandedOver: 1 }));
    expect(there!.backplane.counters).toMatchObject({ sessionsReceived: 1, sessionsHandedOver: 0 });
  });

  it("loses and repeats nothing that is published while it moves back and forth, at QoS 2", async () => {
    const brokers = await cluster.brokers(3);
    const first = await lasting(brokers[0]!, "c");
    await first.subscribe([{ topicFilter: "a/#", qos: 2 }]);
    first.destroy();
    let isOver = false;
    const publish = async (broker: ClusterBroker, name: string) => {
      const publisher = await TestClient.connect(broker.port);
      let count = 0;
      for (; !isOver; count++) await publishAll(publisher, `a/${name}`, [`${name}${count}`], 2);
      return count;
    };
    const publishers = brokers.map((broker, index) => publish(broker, "xyz"[index]!));
    const received: string[] = [];
    for (let move = 0; move < 30; move++) {
      const client = await lasting(brokers[move % 3]!, "c");
      expect(client.connack.sessionPresent).toBe(true);
      await take(client, received, 12);
      client.destroy();
    }
    isOver = true;
    const counts = await Promise.all(publishers);
    const last = await lasting(brokers[1]!, "c");
    await take(last, received, counts.reduce((a, b) => a + b) - received.length);
    await last.expectNothing();
    const expected = counts.flatMap((count, index) => numbers(count).map((number) => "xyz"[index] + number));
    expect([...received].sort()).toEqual(expected.sort());
    for (const name of "xyz") {
      const own = received.filter((text) => text.startsWith(name));
      expect(own).toEqual(numbers(own.length).map((number) => name + number));
    }
  });

  it("survives the death of its broker, with what is queued, in flight and half released", async () => {
    const [here, there, third] = await cluster.brokers(3);
    const client = await lasting(here!, "c");
    await client.subscribe([
      { topicFilter: "a", qos: 1 },
      { topicFilter: "b", qos: 2 },
    ]);
    const publisher = await TestClient.connect(third!.port);
    await publishAll(publisher, "a", ["sent"]);
    await publishAll(publisher, "b", ["released", "received"], 2);
    const [sent, released] = await client.receiveMessages(3);
    client.send(ack(PacketType.Pubrec, released!.packetId));
    await client.receive(PacketType.Pubrel);
    // Its own message, taken and not released.
    client.publish("own", { payload: "x", qos: 2, packetId: 77 });
    await client.receive(PacketType.Pubrec);
    client.send(disconnectPacket());
    await client.closed;
    await publishAll(publisher, "a", numbers(5));

    await here!.die();
    const again = await lasting(there!, "c");
    expect(again.connack.sessionPresent).toBe(true);
    const repeated = await again.receive(PacketType.Publish);
    expect([repeated.packetId, repeated.dup, textOf(repeated.payload)]).toEqual([sent!.packetId, true, "sent"]);
    expect((await again.receive(PacketType.Pubrel)).packetId).toBe(released!.packetId);
    const received = await again.receive(PacketType.Publish);
    expect([received.dup, textOf(received.payload)]).toEqual([true, "received"]);
    expect(await receiveAll(again, 5)).toEqual(numbers(5));
    again.publish("own", { payload: "x", qos: 2, packetId: 77, dup: true });
    expect((await again.receive(PacketType.Pubrec)).packetId).toBe(77);
    expect(there!.backplane.counters.sessionsInherited + third!.backplane.counters.sessionsInherited).toBe(1);
  });

  it("gets what is published while its broker is dead and nobody has taken it over yet", async () => {
    const [here, there, third] = await cluster.brokers(3);
    const client = await lasting(here!, "c");
    await client.subscribe([{ topicFilter: "a", qos: 2 }]);
    client.destroy();
    await client.closed;
    const publisher = await TestClient.connect(third!.port);
    await publishAll(publisher, "a", numbers(10), 2);
    await here!.die();
    await publishAll(publisher, "a", numbers(50, 10), 2);
    const again = await lasting(there!, "c");
    const received: string[] = [];
    await take(again, received, 60);
    expect(received).toEqual(numbers(60));
    await again.expectNothing();
  });

  it.each([1, 2, 3])("has what its client publishes at QoS 2 delivered once, though the client's broker dies (round %i)", async (round) => {
    const [here, there, third] = await cluster.brokers(3);
    const subscribers: TestClient[] = [];
    for (const [index, broker] of [here!, there!, third!].entries()) {
      const subscriber = await lasting(broker, `subscriber-${index}`);
      await subscriber.subscribe([{ topicFilter: "a", qos: 2 }]);
      subscriber.destroy();
      subscribers.push(subscriber);
    }
    let publisher = await lasting(here!, "publisher");
    const total = 300;
    /** Packet identifiers of messages that may have been taken, and not been released. */
    const open = new Map<number, { readonly payload: string; isReceived: boolean }>();
    let next = 0;
    let death: Promise<void> | undefined;
    const publish = async (client: TestClient) => {
      while (next < total || open.size > 0) {
        while (next < total && open.size < 10) {
          const packetId = (next % 1_000) + 1;
          const payload = `${next++}`;
          open.set(packetId, { payload, isReceived: false });
          client.publish("a", { payload, qos: 2, packetId });
        }
        if (death === undefined && next >= 60 + 20 * round) {
          for (let turn = 0; turn < 8 * round; turn++) await new Promise(setImmediate); // elsewhere between taking and sending each time
          death = here!.die();
          client.destroy(); // as the end of the process would
          await death;
          return;
        }
        const packet = await client.receive();
        if (packet.type === PacketType.Pubrec) {
          open.get(packet.packetId)!.isReceived = true;
          client.send(ack(PacketType.Pubrel, packet.packetId));
        } else if (packet.type === PacketType.Pubcomp) open.delete(packet.packetId);
      }
    };
    await publish(publisher);
    publisher = await lasting(there!, "publisher");
    expect(publisher.connack.sessionPresent).toBe(true);
    for (const [packetId, { payload, isReceived }] of open) {
      if (isReceived) publisher.send(ack(PacketType.Pubrel, packetId));
      else publisher.publish("a", { payload, qos: 2, packetId, dup: true });
    }
    await publish(publisher);
    for (const index of [0, 1, 2]) {
      const subscriber = await lasting(third!, `subscriber-${index}`);
      const received: string[] = [];
      await take(subscriber, received, total);
      expect([...received].sort()).toEqual(numbers(total).sort());
      await subscriber.expectNothing();
    }
  });

  it("gets once what was on its way to it when its broker died, though the publisher's broker dies before anybody has taken over", async () => {
    const [here, there, third, publishers] = await cluster.brokers(4);
    const first = await lasting(here!, "first");
    await first.subscribe([{ topicFilter: "a", qos: 2 }]);
    first.destroy();
    await first.closed;
    // It has what the other one misses.
    const [second, fourth] = await Promise.all([lasting(there!, "second"), lasting(third!, "fourth")]);
    for (const each of [second, fourth]) await each.subscribe([{ topicFilter: "a", qos: 2 }]);
    let publisher = await lasting(publishers!, "publisher");
    await publishAll(publisher, "a", numbers(5), 2);
    await here!.die();
    publisher.publish("a", { payload: "5", qos: 2, packetId: 50 });
    const received: Record<string, string[]> = { second: [], fourth: [] };
    await take(second, received.second!, 6);
    await take(fourth, received.fourth!, 6);
    publisher.destroy();
    await publishers!.die();

    publisher = await lasting(there!, "publisher");
    expect(publisher.connack.sessionPresent).toBe(true);
    publisher.publish("a", { payload: "5", qos: 2, packetId: 50, dup: true });
    await publisher.receive(PacketType.Pubrec);
    const again = await lasting(third!, "first");
    expect(again.connack.sessionPresent).toBe(true);
    received.first = [];
    await take(again, received.first, 6);
    await publishAll(publisher, "a", ["last"], 2);
    await take(again, received.first, 1);
    await take(second, received.second!, 1);
    await take(fourth, received.fourth!, 1);
    for (const each of [again, second, fourth]) await each.expectNothing();
    const expected = [...numbers(6), "last"];
    expect(received).toEqual({ first: expected, second: expected, fourth: expected });
  });

  it("ends when its time is up, and its will is published, though the broker that knew of it is dead", async () => {
    const [here, there, third] = await cluster.brokers(3);
    const watcher = await TestClient.connect(third!.port);
    await watcher.subscribe(["gone/#"]);
    const properties = { sessionExpiryIntervalSeconds: 100 };
    const connected = await lasting(here!, "connected", {
      properties,
      will: will("gone/connected", "bye", { properties: { willDelayIntervalSeconds: 10 } }),
    });
    const away = await lasting(here!, "away", {
      properties,
      will: will("gone/away", "bye", { properties: { willDelayIntervalSeconds: 20 } }),
    });
    away.destroy();
    await away.closed;
    await here!.die();
    const heir = await vi.waitFor(
      () => {
        const found = [there!, third!].find(({ store }) => store.sessions.size === 2);
        expect(found).toBeDefined();
        return found!;
      },
      { timeout: 20_000 },
    );
    heir.clock.advance(12_000);
    expect((await watcher.receive(PacketType.Publish)).topic).toBe("gone/connected");
    heir.clock.advance(10_000);
    expect((await watcher.receive(PacketType.Publish)).topic).toBe("gone/away");
    heir.clock.advance(100_000);
    await vi.waitFor(() => expect(heir.store.sessions.size).toBe(0));
    const again = await lasting(there!, "away");
    expect(again.connack.sessionPresent).toBe(false);
    connected.destroy();
  });

  it("is there though a peer says once more that its broker is dead, after another has taken over what that had", async () => {
    const [here, there, third] = await cluster.brokers(3);
    const client = await lasting(here!, "c");
    await client.subscribe([{ topicFilter: "a", qos: 1 }]);
    client.destroy();
    await client.closed;
    const dead = here!.backplane.brokerId!;
    await here!.die();
    await vi.waitFor(() => expect(there!.store.sessions.size + third!.store.sessions.size).toBe(1), { timeout: 20_000 });
    const engine = await cluster.engine();
    await vi.waitFor(async () => expect(await engine.lastMessage("mqttd_test_routes", `mqttd.test.r.${dead}`)).toBeUndefined(), {
      timeout: 20_000,
    });
    const record = encodeRecord({ type: "left", broker: dead });
    await engine.append("mqttd.test.r.late", record);
    await there!.backplane.subscribed("all have read it");
    const again = await lasting(there!, "c");
    expect(again.connack.sessionPresent).toBe(true);
  });

  it("is handed over when its broker stops", async () => {
    const [here, there] = await cluster.brokers(2);
    const client = await lasting(here!, "c");
    await client.subscribe([{ topicFilter: "a", qos: 1 }]);
    client.destroy();
    await client.closed;
    await publishAll(await TestClient.connect(there!.port), "a", numbers(3));
    await here!.stop();
    const again = await lasting(there!, "c");
    expect([again.connack.sessionPresent, await receiveAll(again, 3)]).toEqual([true, numbers(3)]);
  });

  it("is there when all brokers have stopped and others start", async () => {
    const [here] = await cluster.brokers(1);
    const client = await lasting(here!, "c");
    await client.subscribe([{ topicFilter: "a", qos: 1 }]);
    client.destroy();
    await client.closed;
    await publishAll(await TestClient.connect(here!.port), "a", numbers(3));
    await here!.stop();
    const [next] = await cluster.brokers(1);
    const again = await lasting(next!, "c");
    expect([again.connack.sessionPresent, await receiveAll(again, 3)]).toEqual([true, numbers(3)]);
  });

  it("goes to another broker on request, while its client is away", async () => {
    const [here, there] = await cluster.brokers(2);
    const client = await lasting(here!, "c");
    await client.subscribe([{ topicFilter: "a", qos: 1 }]);
    client.destroy();
    await client.closed;
    const publisher = await TestClient.connect(here!.port);
    await publishAll(publisher, "a", numbers(3));
    await vi.waitFor(() => here!.backplane.handOver("c"), { timeout: 10_000 }); // once the other is known to be ready
    await publishAll(publisher, "a", numbers(3, 3));
    await vi.waitFor(() => expect([here!.store.sessions.size, there!.store.sessions.size]).toEqual([0, 1]));
    const again = await lasting(there!, "c");
    expect([again.connack.sessionPresent, await receiveAll(again, 6)]).toEqual([true, numbers(6)]);
  });

  it("is refused, and not lost, while NATS has no room for it", async (context) => {
    const server = await startNatsServer(context, { jetStreamConfig: "max_file_store: 2MB" });
    const broker = await cluster.broker({}, {}, server.url);
    const away = await lasting(broker, "c");
    await away.subscribe([{ topicFilter: "a", qos: 1 }]);
    away.destroy();
    await away.closed;
    const publisher = await TestClient.connect(broker.port);
    let reasonCode = 0;
    let accepted = 0;
    for (; reasonCode < 0x80 && accepted < 100; accepted++) {
      publisher.publish("a", { payload: Buffer.alloc(100_000, `${accepted}`), qos: 1 });
      ({ reasonCode } = await publisher.receive(PacketType.Puback));
    }
    expect(reasonCode).toBe(ReasonCode.QuotaExceeded);
    const refused = await TestClient.open(broker.port);
    refused.send(connectPacket(5, { clientId: "other", properties: LASTING }));
    const connack = await refused.receive(PacketType.Connack);
    expect(connack.reasonCode).toBeGreaterThanOrEqual(0x80);
    await broker.die(); // there is no room for what it would write at its end
  });

  it("is with another broker when its own was only cut off, which then has nothing of it and writes nothing more", async () => {
    const proxy = await TcpProxy.to(Number(new URL(cluster.server.url).port));
    const here = await cluster.broker({}, {}, `nats://127.0.0.1:${proxy.port}`);
    const [there] = await cluster.brokers(1);
    const client = await lasting(here, "c");
    await client.subscribe([{ topicFilter: "a", qos: 1 }]);
    const before = here.backplane.brokerId;
    proxy.block();
    const again = await lasting(there!, "c");
    expect(again.connack.sessionPresent).toBe(true);
    await publishAll(await TestClient.connect(there!.port), "a", numbers(3));
    expect(await receiveAll(again, 3)).toEqual(numbers(3));
    proxy.unblock();
    // It may be ready still under its old name, until it hears what it has missed.
    const isAnother = () => here.backplane.brokerId !== before;
    await vi.waitFor(() => expect([here.broker.readiness, isAnother()]).toEqual(["ready", true]), { timeout: 20_000 });
    expect([here.store.sessions.size, there!.store.sessions.size]).toEqual([0, 1]);
  });

  it("leaves the claims of clients without one to nobody, once their broker is dead", async () => {
    const [here, there] = await cluster.brokers(2);
    const clean = await TestClient.connect(here!.port, { clientId: "clean" });
    const kept = await lasting(here!, "kept");
    await here!.die();
    await vi.waitFor(() => expect(there!.store.sessions.size).toBe(1), { timeout: 20_000 });
    const engine = await cluster.engine();
    const claimsOf = async (clientId: string) => {
      const { subject, stream } = new OwnerSubjects("mqttd.test", 2).of(clientId);
      return (await engine.lastMessage(stream, subject))?.bytes.length ?? 0;
    };
    await vi.waitFor(async () => expect([await claimsOf("clean"), (await claimsOf("kept")) > 0]).toEqual([0, true]), { timeout: 20_000 });
    for (const each of [clean, kept]) each.destroy();
  });
});
