import { expect, it, vi } from "vitest";
import type { HostedSessions } from "../../../src/cluster/hosted-sessions.js";
import { ClusterStore } from "../../../src/cluster/nats/cluster-store.js";
import type { Engine } from "../../../src/cluster/nats/engine.js";
import { EngineUnavailableError } from "../../../src/cluster/nats/engine-errors.js";
import type { NatsBackplane } from "../../../src/cluster/nats/nats-backplane.js";
import { decodeFrame } from "../../../src/cluster/nats/peer-frames.js";
import { encodeRecord } from "../../../src/cluster/nats/route-records.js";
import { journalOf } from "../../../src/cluster/nats/session-streams.js";
import { PacketType } from "../../../src/codec/packet.js";
import { Deferred } from "../../../src/journal/deferred.js";
import { messageOf } from "../../session/support.js";
import { TestClient } from "../../support/test-client.js";
import { ack, textOf } from "../../support/test-client-packets.js";
import { lastingBackplane, SILENT } from "./test-backplane.js";
import { type ClusterBroker, TestCluster } from "./test-cluster.js";

const SLOW = { timeout: 60_000 };
const LASTING = { sessionExpiryIntervalSeconds: 3_600 };

/** Says in the route log that a broker is dead which is not, as a peer does that has not heard of it. */
async function takeForDead(engine: Engine, { brokerId }: NatsBackplane): Promise<void> {
  await engine.append("mqttd.test.r.stranger", encodeRecord({ type: "left", broker: brokerId! }));
}

it("a broker that lives and is taken for dead leaves its sessions whole to whoever takes them over", SLOW, async (context) => {
  const cluster = await TestCluster.start(context);
  const broker = await cluster.broker();
  const before = broker.backplane.brokerId;
  const { standing } = broker.backplane;
  expect([standing.life, await standing.isOver(before!)]).toEqual([before, false]);
  const client = await TestClient.connect(broker.port, { clientId: "c", cleanStart: false, properties: LASTING });
  await client.subscribe([{ topicFilter: "a", qos: 1 }]);
  client.destroy();
  await client.closed;
  const publisher = await TestClient.connect(broker.port);
  publisher.publish("a", { payload: "kept", qos: 1 });
  await publisher.receive(PacketType.Puback);
  await takeForDead(await cluster.engine(), broker.backplane);
  // It finds what it has left itself, under its new name.
  const isAnother = () => broker.backplane.brokerId !== before;
  await vi.waitFor(() => expect([broker.broker.readiness, isAnother()]).toEqual(["ready", true]), { timeout: 20_000 });
  expect([standing.life, await standing.isOver(before!)]).toEqual([broker.backplane.brokerId, true]);
  expect(await standing.hasLeft("c")).toBe(false); // it is with a former self
  const again = await TestClient.connect(broker.port, { clientId: "c", cleanStart: false, properties: LASTING });
  expect(again.connack.sessionPresent).toBe(true);
  const [message] = await again.receiveMessages(1);
  again.send(ack(PacketType.Puback, message!.packetId));
  expect(textOf(message!.payload)).toBe("kept");
});

it("a broker that is taken for dead, and cannot join again as NATS does not answer, tries on", SLOW, async (context) => {
  const cluster = await TestCluster.start(context);
  const broker = await cluster.broker();
  const before = broker.backplane.brokerId;
  const old = journalOf("mqttd.test", 2, before!).subject;
  const append = broker.engine.append.bind(broker.engine);
  const refused = new Set<string>();
  vi.spyOn(broker.engine, "append").mockImplementation((subject, bytes, options) => {
    const isJournal = subject.startsWith("mqttd.test.j.") && subject !== old;
    if (!isJournal || refused.size === 2) return append(subject, bytes, options);
    refused.add(subject);
    return Promise.reject(new EngineUnavailableError("no answer", { isOutcomeUnknown: true }));
  });
  await takeForDead(await cluster.engine(), broker.backplane);
  await vi.waitFor(() => expect([broker.broker.readiness, refused.size]).toEqual(["ready", 2]), { timeout: 20_000 });
  expect(broker.backplane.counters.fenced).toBe(1);
  const client = await TestClient.connect(broker.port);
  await client.subscribe(["a"]);
  client.publish("a", { payload: "x", qos: 1 });
  expect(await client.receiveTexts(1)).toEqual(["x"]);
});

it("a broker that is taken for dead while it hands a client over does not say that it has nothing of it", SLOW, async (context) => {
  const cluster = await TestCluster.start(context);
  const engine = await cluster.engine();
  const [asked, handedOver, fenced, adopted] = [new Deferred(), new Deferred(), new Deferred(), new Deferred()];
  const sessions: Partial<HostedSessions> = {
    ...{ outline: () => undefined, commit: () => undefined, settled: () => [], takeIn: () => undefined, isChanging: () => false },
    dealOut: () => {},
    adopt: () => adopted.promise, // whoever of the two does it
  };
  const started = async () => {
    const backplane = lastingBackplane([cluster.server.url], { store: new ClusterStore({ log: SILENT }) });
    await backplane.start({
      onMessage: () => {},
      onTakenOver: () => {
        asked.resolve();
        return handedOver.promise;
      },
      onFenced: () => fenced.resolve(),
      onCutOff: () => {},
      sessions: sessions as HostedSessions,
    });
    return backplane;
  };
  const here = await started();
  const there = await started();
  await here.claim("c");
  let isClaimed = false;
  const claim = there.claim("c").then(() => {
    isClaimed = true;
  });
  await asked.promise;
  await takeForDead(engine, here);
  await fenced.promise;
  handedOver.resolve();
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(isClaimed).toBe(false);
  adopted.resolve();
  await claim;
});

it(
  "a broker that was taken for dead has clients' QoS 2 messages refused until it is back: they send them by others",
  SLOW,
  async (context) => {
    const cluster = await TestCluster.start(context);
    const [fenced, ended] = [new Deferred(), new Deferred()];
    const backplane = lastingBackplane([cluster.server.url]);
    const onFenced = () => {
      fenced.resolve();
      return ended.promise;
    };
    await backplane.start({ onMessage: () => {}, onTakenOver: () => {}, onFenced, onCutOff: () => {} });
    expect(backplane.isOutOfReach).toBe(false);
    await takeForDead(await cluster.engine(), backplane);
    await fenced.promise;
    expect([backplane.isOutOfReach, backplane.wants("t")]).toEqual([true, true]);
    await expect(backplane.refuse(messageOf("m", { qos: 2 }))).rejects.toThrow();
    ended.resolve();
    await vi.waitFor(() => expect([backplane.isReady, backplane.isOutOfReach]).toEqual([true, false]), { timeout: 20_000 });
  },
);

it(
  "a broker that was taken for dead does not say, when it is back under another name, that it has what came to it before",
  SLOW,
  async (context) => {
    const cluster = await TestCluster.start(context);
    const [here, there] = (await cluster.brokers(2)) as [ClusterBroker, ClusterBroker];
    const before = there.backplane.brokerId!;
    const member = await TestClient.connect(there.port, { clientId: "c", cleanStart: false, properties: LASTING });
    await member.subscribe([{ topicFilter: "a", qos: 2 }]);
    await vi.waitFor(() => expect(here.backplane.wants("a")).toBe(true));
    const { subject } = journalOf("mqttd.test", 2, before);
    const append = there.engine.append.bind(there.engine);
    vi.spyOn(there.engine, "append").mockImplementation((to, ...rest) =>
      to === subject ? Promise.reject(new EngineUnavailableError("it is busy", { isOutcomeUnknown: false })) : append(to, ...rest),
    );
    let [received, accepted] = [0, 0];
    const say = there.engine.publish.bind(there.engine);
    vi.spyOn(there.engine, "publish").mockImplementation((to, bytes) => {
      const frame = decodeFrame(bytes);
      if (frame?.type === "acknowledgement" && frame.from === before) ({ received, accepted } = frame);
      return say(to, bytes);
    });
    const publisher = await TestClient.connect(here.port);
    publisher.publish("a", { payload: "x", qos: 2 });
    await vi.waitFor(() => expect(received).toBeGreaterThan(0));
    await takeForDead(await cluster.engine(), there.backplane);
    const isAnother = () => there.backplane.brokerId !== before;
    await vi.waitFor(() => expect([there.broker.readiness, isAnother()]).toEqual(["ready", true]), { timeout: 20_000 });
    expect((await publisher.receive(PacketType.Pubrec)).reasonCode).toBeLessThan(0x80);
    await new Promise((resolve) => setTimeout(resolve, 1_000)); // it would try again meanwhile
    expect(accepted).toBeLessThan(received);
  },
);
