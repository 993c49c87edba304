import { beforeEach, describe, expect, it, vi } from "vitest";
import { decodeFrame } from "../../../src/cluster/nats/peer-frames.js";
import { PacketType, type Qos } from "../../../src/codec/packet.js";
import { ReasonCode } from "../../../src/codec/reason-code.js";
import { messageOf } from "../../session/support.js";
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

  it.each([1, 2] as const)("gets what comes at QoS %i for a member that has gone to a broker that is about to go too", async (qos) => {
    const [here, there] = await cluster.brokers(2);
    const member = await lasting(there!, "m");
    await member.subscribe([{ topicFilter: "$share/g/a", qos: 2 }]);
    await vi.waitFor(() => expect(here!.backplane.wants("a")).toBe(true));
    const stopped = here!.backplane.stop(); // peers are yet to hear of it
    expect(here!.backplane.handOn(messageOf("late", { topic: "a", qos }), { shareName: "g", filter: "a" })).toBe(true);
    await stopped;
    expect((await member.receiveMessages(1)).map(({ payload }) => textOf(payload))).toEqual(["late"]);
    await member.expectNothing();
  });

  it("gets what comes for it to a broker that goes until the last peer knows: that has written it by then", async () => {
    const [here, there] = await cluster.brokers(2);
    await vi.waitFor(() => expect(there!.backplane.peers).toEqual([here!.backplane.brokerId]));
    const { journal } = here!.store;
    const flush = journal.flush.bind(journal);
    const peersThen: number[] = [];
    journal.flush = async () => {
      peersThen.push(there!.backplane.peers.length);
      await flush();
    };
    await here!.backplane.stop();
    expect(peersThen.at(-1)).toBe(0);
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

  describe("whose member, of a clean session, dies with its broker", () => {
    let here: ClusterBroker;
    let there: ClusterBroker;
    let publisher: TestClient;

    /** A member on the broker that is to die, and a publisher on another; members elsewhere are there later only. */
    const memberThere = async (properties = {}) => {
      [here, there] = (await cluster.brokers(2)) as [ClusterBroker, ClusterBroker];
      const member = await TestClient.connect(there.port, { properties });
      await member.subscribe([{ topicFilter: "$share/g/t", qos: 2 }]);
      publisher = await TestClient.connect(here.port);
      return member;
    };

    /** Says nothing of that kind to peers any more. */
    const mute = ({ engine }: ClusterBroker, type: "batch" | "acknowledgement") => {
      const publish = engine.publish.bind(engine);
      vi.spyOn(engine, "publish").mockImplementation((subject, bytes) => decodeFrame(bytes)?.type === type || publish(subject, bytes));
    };

    const memberElsewhere = async (broker: ClusterBroker, clientId?: string) => {
      const member = clientId === undefined ? await TestClient.connect(broker.port) : await lasting(broker, clientId);
      await member.subscribe([{ topicFilter: "$share/g/t", qos: 2 }]);
      return member;
    };

    it.each([false, true])(
      "has another get at QoS 1 what the member has not acknowledged; if the publisher has heard that it was accepted: %s",
      async (isHeard) => {
        const member = await memberThere();
        if (!isHeard) mute(there, "acknowledgement");
        publisher.publish("t", { payload: "x", qos: 1 });
        expect(textOf((await member.receive(PacketType.Publish)).payload)).toBe("x");
        if (isHeard) expect((await publisher.receive(PacketType.Puback)).reasonCode).toBe(ReasonCode.Success);
        const other = await memberElsewhere(await cluster.broker());
        await there.die();
        expect(textOf((await other.receive(PacketType.Publish)).payload)).toBe("x");
        if (!isHeard) expect((await publisher.receive(PacketType.Puback)).reasonCode).toBe(ReasonCode.Success);
      },
    );

    it("has nobody else get what the member has been sent at QoS 2 [MQTT-4.8.2-5], lasting member or not; and all else", async () => {
      const member = await memberThere({ receiveMaximum: 1 });
      mute(there, "acknowledgement");
      for (const [index, payload] of ["x", "y"].entries()) publisher.publish("t", { payload, qos: 2, packetId: index + 1 });
      expect(textOf((await member.receive(PacketType.Publish)).payload)).toBe("x");
      const other = await memberElsewhere(here, "m");
      await there.die();
      expect(textOf((await other.receive(PacketType.Publish)).payload)).toBe("y");
      const answers = [await publisher.receive(PacketType.Pubrec), await publisher.receive(PacketType.Pubrec)];
      expect(answers.map(({ reasonCode }) => reasonCode)).toEqual([ReasonCode.Success, ReasonCode.Success]);
      await other.expectNothing();
    });

    it("has a lasting member of its own broker get it", async () => {
      const member = await memberThere({ receiveMaximum: 2 });
      const publishing = await TestClient.connect(there.port);
      for (const payload of ["x", "y"]) expect(await publishOne(publishing, "t", payload, 1)).toBe(ReasonCode.Success);
      await member.receiveTexts(2);
      (await memberElsewhere(there, "m")).destroy();
      await there.die();
      const again = await lasting(here, "m");
      expect((await again.receiveTexts(2)).sort()).toEqual(["x", "y"]);
    });

    it("has a member get at QoS 2 what never came to that broker", async () => {
      await memberThere();
      mute(here, "batch");
      publisher.publish("t", { payload: "x", qos: 2 });
      await publisher.expectNothing();
      const other = await memberElsewhere(here);
      await there.die();
      expect(textOf((await other.receive(PacketType.Publish)).payload)).toBe("x");
      await other.expectNothing();
    });

    it("has nobody get what the member has acknowledged", async () => {
      const member = await memberThere();
      expect(await publishOne(publisher, "t", "x", 1)).toBe(ReasonCode.Success);
      member.send(ack(PacketType.Puback, (await member.receive(PacketType.Publish)).packetId));
      await vi.waitFor(() => expect(there.store.messages.size).toBe(0));
      await there.store.journal.commit();
      const other = await memberElsewhere(here);
      await there.die();
      expect(await publishOne(publisher, "t", "y", 1)).toBe(ReasonCode.Success);
      expect(await other.receiveTexts(1)).toEqual(["y"]);
      await other.expectNothing();
    });
  });

  it("has a message at QoS 2 that never came to a lasting member's broker, which has died, go to a member", async () => {
    const [here, there] = (await cluster.brokers(2)) as [ClusterBroker, ClusterBroker];
    const member = await lasting(there, "m");
    await member.subscribe([{ topicFilter: "$share/g/t", qos: 2 }]);
    const publish = here.engine.publish.bind(here.engine);
    vi.spyOn(here.engine, "publish").mockImplementation(
      (subject, bytes) => decodeFrame(bytes)?.type === "batch" || publish(subject, bytes),
    );
    const publisher = await TestClient.connect(here.port);
    publisher.publish("t", { payload: "x", qos: 2 });
    await publisher.expectNothing();
    await there.die();
    member.destroy();
    const again = await lasting(here, "m");
    expect(again.connack.sessionPresent).toBe(true);
    expect(textOf((await again.receive(PacketType.Publish)).payload)).toBe("x");
    expect((await publisher.receive(PacketType.Pubrec)).reasonCode).toBe(ReasonCode.Success);
  });

  it("gets what is published while a member's broker is dead: what is acknowledged comes to one member, and nothing to two", async () => {
    const [here, there, third] = await cluster.brokers(3);
    const members = await Promise.all([there!, third!].map(({ port }) => TestClient.connect(port)));
    for (const member of members) await member.subscribe([{ topicFilter: "$share/g/t", qos: 2 }]);
    const received: string[] = [];
    const taking = members.map((member) => takeAll(member, received));
    const publisher = await TestClient.connect(here!.port);
    const accepted: string[] = [];
    const publishSome = async (from: number, count: number) => {
      for (let number = from; number < from + count; number++)
        if ((await publishOne(publisher, "t", `${number}`, 2)) < 0x80) accepted.push(`${number}`);
    };
    await publishSome(0, 100);
    await vi.waitFor(() => expect(received.length).toBe(100));
    members[0]!.destroy();
    await there!.die();
    await publishSome(100, 100);
    await vi.waitFor(() => expect(accepted.filter((payload) => !received.includes(payload))).toEqual([]));
    expect(new Set(received).size).toBe(received.length);
    expect(accepted.length).toBeGreaterThanOrEqual(198); // at most what was on its way: one, and that in a group of two by turns
    members[1]!.destroy();
    await Promise.all(taking);
  });

  it("gives what a member leaves unacknowledged at QoS 1 to a member on another broker, and so on", async () => {
    const [here, there, third] = await cluster.brokers(3);
    const leaving = await TestClient.connect(here!.port);
    await leaving.subscribe([{ topicFilter: "$share/g/t", qos: 1 }]);
    const publisher = await TestClient.connect(here!.port);
    for (let number = 0; number < 10; number++) expect(await publishOne(publisher, "t", `${number}`, 1)).toBe(ReasonCode.Success);
    await leaving.receiveMessages(10);
    const next = await TestClient.connect(there!.port);
    await next.subscribe([{ topicFilter: "$share/g/t", qos: 1 }]);
    leaving.destroy();
    const texts = await next.receiveTexts(10);
    expect(texts.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 10 }, (_, number) => number));
    const last = await TestClient.connect(third!.port);
    await last.subscribe([{ topicFilter: "$share/g/t", qos: 1 }]);
    next.destroy();
    expect((await last.receiveTexts(10)).length).toBe(10);
  });
});
