import { expect, it, vi } from "vitest";
import { baseFrame, groupFrames } from "../../../src/cluster/nats/journal-frames.js";
import { decodeFrame } from "../../../src/cluster/nats/peer-frames.js";
import { readJournal } from "../../../src/cluster/nats/read-journal.js";
import { decodeRecord, encodeRecord, routeText } from "../../../src/cluster/nats/route-records.js";
import { journalOf } from "../../../src/cluster/nats/session-streams.js";
import { PacketType } from "../../../src/codec/packet.js";
import { Deferred } from "../../../src/journal/deferred.js";
import { encodeSession } from "../../../src/persistence/session-records.js";
import type { StoredSession } from "../../../src/persistence/session-store.js";
import { Delivery } from "../../../src/session/delivery.js";
import type { SubscriptionOptions } from "../../../src/session/subscription.js";
import { messageOf } from "../../session/support.js";
import { TestClient } from "../../support/test-client.js";
import { ack } from "../../support/test-client-packets.js";
import { type ClusterBroker, TestCluster } from "./test-cluster.js";

const SLOW = { timeout: 60_000 };
const LASTING = { clientId: "m", cleanStart: false, properties: { sessionExpiryIntervalSeconds: 3_600 } };
const SHARED = { topicFilter: "$share/g/t", shared: { shareName: "g", filter: "t" } };
const GROUP: SubscriptionOptions = { ...SHARED, qos: 2, noLocal: false, retainAsPublished: false, retainHandling: 0 };
const PLACE = "place-00000000";
const PUBLISHED = ["1", "2", "3", "4", "5", "6"];

/** In the order in which they take over from others: that in which they have joined. */
async function heirs(cluster: TestCluster, count: number): Promise<ClusterBroker[]> {
  const brokers: ClusterBroker[] = [];
  while (brokers.length < count) brokers.push(await cluster.broker());
  return brokers;
}

/** Resolves when a broker has taken over from another that is dead, and is about to say so; it comes to say it or not. */
function takesOver({ engine }: ClusterBroker, dead: string, says: boolean): Promise<void> {
  const append = engine.append.bind(engine);
  return new Promise((resolve) => {
    vi.spyOn(engine, "append").mockImplementation((subject, bytes, options) => {
      const record = subject.includes(".r.") ? decodeRecord(bytes) : undefined;
      const isIt = record?.type === "adopted" && record.broker === dead;
      if (isIt) resolve();
      return isIt && !says ? new Promise(() => {}) : append(subject, bytes, options);
    });
  });
}

/** A broker has a session, and is dead. */
async function leave(
  cluster: TestCluster,
  broker: string,
  state: Partial<StoredSession>,
  deliveries: readonly Delivery[] = [],
): Promise<void> {
  const engine = await cluster.engine();
  const session = { clientId: "m", userName: undefined, will: undefined, expirySeconds: 3_600, disconnectedAtMs: Date.now(), ...state };
  const records = encodeSession({ session, subscriptions: [GROUP], messages: { deliveries, received: [] } });
  const { subject } = journalOf("mqttd.test", 2, broker);
  for (const frame of [baseFrame(0), ...groupFrames(1, records, 100_000)]) await engine.append(subject, frame);
  for (const [writer, record] of [
    [broker, { type: "joined" }],
    [broker, { type: "routes", added: [routeText("t", "g")], removed: [] }],
    ["stranger", { type: "left", broker }],
  ] as const)
    await engine.append(`mqttd.test.r.${writer}`, encodeRecord(record));
}

it(
  "what came for a shared group to a place for a member comes once, though its broker dies, and whoever was taking over from that too [MQTT-4.3.3-10]",
  SLOW,
  async (context) => {
    const cluster = await TestCluster.start(context);
    const [heir, second, third] = (await heirs(cluster, 3)) as [ClusterBroker, ClusterBroker, ClusterBroker];
    const before = await TestClient.connect(heir.port, LASTING);
    await before.subscribe([{ topicFilter: "$share/g/t", qos: 2 }]);
    before.destroy();
    // The session goes to a broker that makes a place for it, and does not come there.
    const publish = heir.engine.publish.bind(heir.engine);
    vi.spyOn(heir.engine, "publish").mockImplementation(
      (subject, bytes) => decodeFrame(bytes)?.type === "batch" || publish(subject, bytes),
    );
    const coming = TestClient.connect(third.port, LASTING).catch(() => undefined);
    await vi.waitFor(() => expect(third.store.sessions.size).toBe(1));
    await vi.waitFor(() => expect(third.backplane.wants("t") && second.backplane.wants("t")).toBe(true));
    const publisher = await TestClient.connect(second.port);
    for (const payload of PUBLISHED) {
      publisher.publish("t", { payload, qos: 2 });
      await publisher.receive(PacketType.Pubrec);
      publisher.send(ack(PacketType.Pubrel, 1));
      await publisher.receive(PacketType.Pubcomp);
    }
    const isTaken = takesOver(heir, third.backplane.brokerId!, false);
    await third.die();
    await isTaken;
    await coming;
    await heir.die();
    const member = await TestClient.connect(second.port, LASTING);
    expect(member.connack.sessionPresent).toBe(true);
    expect((await member.receiveTexts(PUBLISHED.length)).sort()).toEqual(PUBLISHED);
    await member.expectNothing();
  },
);

it(
  "what came for a shared group to a dead broker's place for a session that has moved on goes to one member, though whoever takes over from that dies too",
  SLOW,
  async (context) => {
    const cluster = await TestCluster.start(context);
    const [heir, second] = (await heirs(cluster, 2)) as [ClusterBroker, ClusterBroker];
    const isTaken = takesOver(heir, PLACE, false);
    const isTakenAnew = takesOver(second, PLACE, true);
    await leave(cluster, "whole-00000000", { moves: 5 });
    await leave(cluster, PLACE, { moves: 4, arrivingFrom: "another" }, [
      new Delivery(7, messageOf("1", { topic: "t", qos: 2 }), 2, false, undefined, SHARED),
    ]);
    await isTaken;
    await heir.die();
    await isTakenAnew;
    const member = await TestClient.connect(second.port, LASTING);
    expect(member.connack.sessionPresent).toBe(true);
    expect(await member.receiveTexts(1)).toEqual(["1"]);
    await member.expectNothing();
  },
);

it(
  "what a dead broker's clean session owed of a shared group goes to one member, though whoever takes over dies too [MQTT-4.3.3-10]",
  SLOW,
  async (context) => {
    const cluster = await TestCluster.start(context);
    const [heir, second, dying] = (await heirs(cluster, 3)) as [ClusterBroker, ClusterBroker, ClusterBroker];
    const clean = await TestClient.connect(dying.port, { properties: { receiveMaximum: 1 } });
    await clean.subscribe([{ topicFilter: "$share/g/t", qos: 2 }]);
    const publisher = await TestClient.connect(dying.port);
    for (const [index, payload] of PUBLISHED.entries()) publisher.publish("t", { payload, qos: 2, packetId: index + 1 });
    for (const _ of PUBLISHED) await publisher.receive(PacketType.Pubrec);
    expect(await clean.receiveTexts(1)).toEqual(PUBLISHED.slice(0, 1));
    const member = await TestClient.connect(second.port, LASTING);
    await member.subscribe([{ topicFilter: "$share/g/t", qos: 2 }]);
    const isTaken = takesOver(heir, dying.backplane.brokerId!, false);
    const isTakenAnew = takesOver(second, dying.backplane.brokerId!, true);
    await dying.die();
    await isTaken;
    const some = await member.receiveTexts(2); // the rest waits for whoever has what the dead broker had, as the group has members there for all the heir knows
    await heir.die();
    await isTakenAnew;
    const rest = await member.receiveTexts(PUBLISHED.length - 3);
    expect([...some, ...rest].sort()).toEqual(PUBLISHED.slice(1));
    await member.expectNothing();
    await vi.waitFor(async () => {
      const { stream, subject } = journalOf("mqttd.test", 2, second.backplane.brokerId!);
      const last = await second.engine.lastMessage(stream, subject);
      const { groupNumbers } = await readJournal(second.engine, { stream, subject }, { upTo: last!.sequence });
      expect([...groupNumbers.keys()].filter((origin) => origin.includes(">"))).toEqual([]); // nobody need know any more
    });
  },
);

it(
  "an older copy of a session is no member of a group while a newer one, of another dead broker, is with nobody yet",
  SLOW,
  async (context) => {
    const cluster = await TestCluster.start(context);
    const [elder, heir] = (await heirs(cluster, 2)) as [ClusterBroker, ClusterBroker];
    const append = heir.engine.append.bind(heir.engine);
    const [isAboutToSaySo, maySaySo] = [new Deferred(), new Deferred()];
    vi.spyOn(heir.engine, "append").mockImplementation(async (subject, bytes, options) => {
      const record = subject.includes(".r.") ? decodeRecord(bytes) : undefined;
      if (record?.type === "adopted" && record.broker === "older") {
        isAboutToSaySo.resolve();
        await maySaySo.promise;
      }
      return append(subject, bytes, options);
    });
    await elder.die();
    await leave(cluster, "newer", { moves: 1 });
    await leave(cluster, "older", {});
    await isAboutToSaySo.promise;
    const publisher = await TestClient.connect(heir.port);
    for (const [index, payload] of PUBLISHED.entries()) publisher.publish("t", { payload, qos: 1, packetId: index + 1 });
    setTimeout(maySaySo.resolve, 200);
    for (const _ of PUBLISHED) await publisher.receive(PacketType.Puback);
    const member = await TestClient.connect(heir.port, LASTING);
    expect(member.connack.sessionPresent).toBe(true);
    expect((await member.receiveTexts(PUBLISHED.length)).sort()).toEqual(PUBLISHED);
  },
);
