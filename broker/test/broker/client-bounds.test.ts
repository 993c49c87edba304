import { describe, expect, it } from "vitest";
import type { EnhancedAuthenticator, Step } from "../../src/auth/enhanced-authenticator.js";
import { PacketType } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { configFrom } from "../../src/config/load-config.js";
import { MemorySessionStore } from "../../src/persistence/memory-session-store.js";
import { DropCause } from "../../src/sys/counters.js";
import { SettableVitals } from "../support/settable-vitals.js";
import { TestClient } from "../support/test-client.js";
import { ack, authPacket, connectPacket, publishPacket, textOf, unsubscribePacket, will } from "../support/test-client-packets.js";
import { VERSIONS, withBroker } from "./support.js";

const { Auth, Connack, Disconnect, Puback, Pubrec, Publish, Unsuback } = PacketType;
const { QuotaExceeded, UnspecifiedError, NotAuthorized } = ReasonCode;
const FOR_EVER = { properties: { sessionExpiryIntervalSeconds: 0xffff_ffff } };

describe("a session's subscriptions", () => {
  it.each(VERSIONS)("end at their bound, in %s: one more is refused, those that are there can be renewed", async (_, version) => {
    const { port, broker } = await withBroker({ mqtt: { maxSubscriptions: 3 } });
    const client = await TestClient.connect(port, { version });
    const refused = version === 5 ? QuotaExceeded : UnspecifiedError;
    expect((await client.subscribe(["a", "b", "c", "d", "a"])).reasonCodes).toEqual([0, 0, 0, refused, 0]);
    expect((await client.subscribe([{ topicFilter: "$share/g/e", qos: 0 }])).reasonCodes).toEqual([refused]);
    expect((await client.subscribe([{ topicFilter: "c", qos: 1 }])).reasonCodes).toEqual([1]);
    expect([broker.counters.subscriptionsOverQuota, broker.counters.subscriptionsRefused]).toEqual([2, 2]);
    const other = await TestClient.connect(port, { version });
    expect((await other.subscribe(["d"])).reasonCodes).toEqual([0]);
  });

  it("are kept by one that has more since before; unsubscribing makes room", async () => {
    const sessions = new MemorySessionStore();
    const before = await withBroker({}, { sessions });
    const first = await TestClient.connect(before.port, { clientId: "c", ...FOR_EVER });
    await first.subscribe(["a", "b", "c"]);
    await before.stop();

    const { port } = await withBroker({ mqtt: { maxSubscriptions: 2 } }, { sessions });
    const client = await TestClient.connect(port, { clientId: "c", cleanStart: false, ...FOR_EVER });
    client.publish("c", { payload: "1" });
    expect(await client.receiveTexts(1)).toEqual(["1"]);
    for (const [gone, expected] of [["a", QuotaExceeded] as const, ["b", 0] as const]) {
      client.send(unsubscribePacket([gone]));
      await client.receive(Unsuback);
      expect((await client.subscribe(["d"])).reasonCodes).toEqual([expected]);
    }
  });
});

describe("the sessions of a broker", () => {
  it.each(VERSIONS)("end at their bound, in %s: a client without one is refused, one that has one comes back", async (_, version) => {
    const { port, broker } = await withBroker({ mqtt: { maxSessions: 2 } });
    const fields = { version, cleanStart: version === 5, ...(version === 5 ? FOR_EVER : {}) };
    const [first, second] = [await TestClient.connect(port, { ...fields, clientId: "1" }), await TestClient.connect(port, { version })];
    first.destroy();
    await first.closed;

    const third = await TestClient.open(port, version);
    third.send(connectPacket(version, { ...fields, clientId: "3" }));
    expect((await third.receive(Connack)).reasonCode).not.toBe(0);
    await third.expectClosed();
    expect([broker.counters.sessionsOverQuota, broker.counters.connectsRefused[QuotaExceeded]]).toEqual([1, 1]);

    await TestClient.connect(port, { ...fields, cleanStart: false, clientId: "1" });
    await second.expectNothing();
    second.destroy(); // its session ends with its connection, which makes room
    await second.closed;
    while (broker.counters.clientsConnected > 1) await new Promise(setImmediate);
    await TestClient.connect(port, { ...fields, clientId: "3" });
  });
});

describe("retained messages", () => {
  it("end at their number: 5.0 is told so above QoS 0, and nobody gets the message", async () => {
    const { port, broker } = await withBroker({ mqtt: { maxRetainedMessages: 1 } });
    const client = await TestClient.connect(port);
    await client.subscribe([{ topicFilter: "#", qos: 0 }]);
    client.publish("a", { qos: 1, retain: true, payload: "1" });
    expect([textOf((await client.receive(Publish)).payload), (await client.receive(Puback)).reasonCode]).toEqual(["1", 0]);
    client.publish("b", { qos: 1, retain: true, payload: "2" });
    expect(await client.receive(Puback)).toEqual(ack(Puback, 1, QuotaExceeded));
    client.publish("b", { qos: 2, packetId: 7, retain: true, payload: "3" });
    expect(await client.receive(Pubrec)).toEqual(ack(Pubrec, 7, QuotaExceeded));
    await client.expectNothing();
    expect([broker.counters.retainedRefused, broker.counters.publishOverQuota]).toEqual([2, 2]);

    client.publish("a", { qos: 1, retain: true, payload: "in its place" });
    expect([textOf((await client.receive(Publish)).payload), (await client.receive(Puback)).reasonCode]).toEqual(["in its place", 0]);
    client.publish("a", { qos: 1, retain: true });
    await client.receiveMessages(1);
    expect((await client.receive(Puback)).reasonCode).toBe(0);
    client.publish("b", { qos: 1, retain: true, payload: "there is room now" });
    await client.receiveMessages(1);
    expect((await client.receive(Puback)).reasonCode).toBe(0);
  });

  it.each([
    [3, 1],
    [4, 2],
    [4, 0],
    [5, 0],
  ] as const)("who cannot be told so, in version %i at QoS %i, has the message delivered and not retained", async (version, qos) => {
    const { port, broker } = await withBroker({ mqtt: { maxRetainedBytes: 10 } });
    const client = await TestClient.connect(port, { version });
    await client.subscribe(["#"]);
    client.publish("topic", { qos, retain: true, payload: "123456" });
    expect(await client.receiveTexts(1)).toEqual(["123456"]);
    if (qos > 0) await client.receive(qos === 1 ? Puback : Pubrec);
    const later = await TestClient.connect(port, { version });
    await later.subscribe(["#"]);
    await later.expectNothing();
    expect([broker.counters.retainedRefused, broker.counters.publishOverQuota]).toEqual([1, 0]);
  });

  it("may not be longer than they may be, wills included; $SYS topics are the broker's own", async () => {
    const { port, broker, clock } = await withBroker({
      sysIntervalSeconds: 1,
      mqtt: { maxRetainedMessages: 0, maxRetainedPayloadBytes: 3 },
    });
    const client = await TestClient.connect(port, { will: will("will", "1234", { retain: true }) });
    const other = await TestClient.connect(port);
    await other.subscribe(["will"]);
    client.destroy();
    expect(await other.receiveTexts(1)).toEqual(["1234"]);
    clock.advance(1_000);
    await other.subscribe(["will", "$SYS/broker/version"]);
    expect((await other.receiveMessages(1)).map(({ topic }) => topic)).toEqual(["$SYS/broker/version"]);
    expect(broker.counters.retainedRefused).toBe(1);
  });

  it("come as fast as the client takes them, however often it subscribes", async () => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port);
    for (let i = 0; i < 700; i++) client.publish(`t/${i}`, { retain: true, payload: String(i) });
    await client.expectNothing();
    const subscriber = await TestClient.connect(port, { properties: { receiveMaximum: 10 } });
    client.publish("q/1", { qos: 1, retain: true });
    await client.receive(Puback);
    for (let i = 0; i < 3; i++) {
      await subscriber.subscribe([{ topicFilter: "t/+", qos: 1 }]);
      const topics = new Set((await subscriber.receiveMessages(700)).map(({ topic }) => topic));
      expect(topics.size).toBe(700);
    }
    await subscriber.expectNothing();
  });
});

describe("a full queue", () => {
  it("disconnects its client if it is told to, which finds what it had when it comes back; others are unharmed", async () => {
    const { port, broker } = await withBroker({ mqtt: { queueOverflow: "disconnect", maxQueuedMessages: 2, maxInflight: 1 } });
    const slow = await TestClient.connect(port, { clientId: "slow", ...FOR_EVER });
    const quick = await TestClient.connect(port);
    await slow.subscribe([{ topicFilter: "a", qos: 1 }]);
    await quick.subscribe(["a"]);
    quick.send(...["1", "2", "3", "4", "5"].map((payload, i) => publishPacket("a", { qos: 1, packetId: i + 1, payload })));
    const received = [];
    for (let i = 0; i < 10; i++) received.push((await quick.receive()).type);
    expect(received.filter((type) => type === Publish).length).toBe(5);
    expect(await slow.receiveTexts(1)).toEqual(["1"]);
    expect((await slow.receive(Disconnect)).reasonCode).toBe(QuotaExceeded);
    await slow.expectClosed();
    expect([broker.counters.queueOverflows, broker.counters.publishDropped[DropCause.QueueFull]]).toEqual([1, 2]);

    const again = await TestClient.connect(port, { clientId: "slow", cleanStart: false, ...FOR_EVER });
    const texts: string[] = [];
    for (let i = 0; i < 3; i++) {
      const message = await again.receive(Publish);
      texts.push(textOf(message.payload));
      again.send(ack(Puback, message.packetId));
    }
    expect(texts).toEqual(["1", "2", "3"]);
    await again.expectNothing();
  });

  it("of a client that is away keeps the latest if it is told to, QoS 0 among them", async () => {
    const { port, broker } = await withBroker({ mqtt: { queueOverflow: "drop-oldest", maxQueuedMessages: 2, queueQos0: true } });
    const away = await TestClient.connect(port, { clientId: "away", ...FOR_EVER });
    await away.subscribe([{ topicFilter: "a", qos: 1 }]);
    away.destroy();
    const publisher = await TestClient.connect(port);
    while (broker.counters.clientsConnected > 1) await publisher.expectNothing();
    for (const [i, qos] of ([0, 1, 0, 1] as const).entries()) publisher.publish("a", { qos, payload: String(i) });
    await publisher.receive(Puback);
    await publisher.receive(Puback);
    const again = await TestClient.connect(port, { clientId: "away", cleanStart: false, ...FOR_EVER });
    expect(await again.receiveTexts(2)).toEqual(["1", "3"]);
    expect(broker.counters.publishDropped[DropCause.QueueFullQos0]).toBe(2);
  });
});

describe("short memory", () => {
  it("keeps from growing what is kept: subscriptions, retained messages, queues; 5.0 is told so, and who is there is served", async () => {
    const vitals = new SettableVitals();
    const { port, broker, clock } = await withBroker({}, { vitals });
    const client = await TestClient.connect(port);
    await client.subscribe(["a"]);
    Object.assign(vitals, { memoryPercent: 99 });
    clock.advance(3_000);
    expect(broker.counters.memoryOverloads).toBe(1);

    expect((await client.subscribe(["a", "b"])).reasonCodes).toEqual([0, QuotaExceeded]);
    client.publish("a", { qos: 1, payload: "1" });
    expect(await client.receive(Puback)).toEqual(ack(Puback, 1, QuotaExceeded));
    client.publish("a", { retain: true, payload: "2" });
    expect(await client.receiveTexts(1)).toEqual(["2"]);
    expect(broker.counters.retainedRefused).toBe(1);

    Object.assign(vitals, { memoryPercent: 10 });
    clock.advance(3_000);
    expect((await client.subscribe(["b"])).reasonCodes).toEqual([0]);
    client.publish("a", { qos: 1, payload: "3" });
    expect([(await client.receive()).type, (await client.receive()).type].sort()).toEqual([Publish, Puback]);
  });
});

/** Asks for ever more. */
const ENDLESS: EnhancedAuthenticator = { method: "endless", begin: () => ({ step: (): Step => ({ done: false }) }) };
const endless = { properties: { authenticationMethod: "endless" } };

describe("an exchange of AUTH packets", () => {
  it("ends after 16 steps of the client's", async () => {
    const { port, broker } = await withBroker({}, { enhanced: [ENDLESS] });
    const client = await TestClient.open(port);
    client.send(connectPacket(5, endless));
    for (let step = 1; step <= 16; step++) {
      await client.receive(Auth);
      client.send(authPacket(ReasonCode.ContinueAuthentication, "endless"));
    }
    expect((await client.receive(Connack)).reasonCode).toBe(NotAuthorized);
    await client.expectClosed();
    expect(broker.counters.authenticationsTooLong).toBe(1);
  });

  it("of a client that is connected ends too when it takes longer than CONNECT may", async () => {
    const once: EnhancedAuthenticator = {
      method: "endless",
      begin: ({ reauthentication }) => ({
        step: (): Step => (reauthentication === undefined ? { done: true, verdict: { allowed: true } } : { done: false }),
      }),
    };
    const { port, broker, clock } = await withBroker({ mqtt: { connectTimeoutSeconds: 10 } }, { enhanced: [once] });
    const client = await TestClient.connect(port, endless);
    client.send(authPacket(ReasonCode.ReAuthenticate, "endless"));
    await client.receive(Auth);
    clock.advance(10_001);
    client.send(authPacket(ReasonCode.ContinueAuthentication, "endless"));
    await client.expectDisconnect(NotAuthorized);
    expect(broker.counters.authenticationsTooLong).toBe(1);
  });
});

describe("a topic", () => {
  it.each(VERSIONS)("may have as many levels as it may, as a name and as a filter, and no more, in %s", async (_, version) => {
    const { port } = await withBroker({ mqtt: { maxTopicLevels: 4 } });
    const client = await TestClient.connect(port, { version });
    const refused = version === 5 ? ReasonCode.TopicFilterInvalid : UnspecifiedError;
    expect((await client.subscribe(["a/b/c/d", "a/b/c/d/e", "+/+/+/#", "///", "////"])).reasonCodes).toEqual([0, refused, 0, 0, refused]);
    client.publish("a/b/c/d", { payload: "4" });
    expect(await client.receiveTexts(1)).toEqual(["4"]);
    client.publish("a/b/c/d/e");
    await client.expectDisconnect(ReasonCode.TopicNameInvalid);
  });
});

describe("bounds that are changed while the broker runs", () => {
  it("hold at once, for connections and sessions that are there already", async () => {
    const settings = {
      listeners: [{ name: "tcp", host: "127.0.0.1", port: 0, transport: "tcp" }],
      ...{ sysIntervalSeconds: 0, shutdownSeconds: 1 },
    };
    const { port, broker, clock } = await withBroker();
    const client = await TestClient.connect(port);
    await client.subscribe(["a"]);
    const mqtt = { maxSubscriptions: 1, maxRetainedMessages: 0, maxMessageRate: 1 };
    await broker.reload(() => configFrom({ ...settings, mqtt }, () => ""));
    expect((await client.subscribe(["b"])).reasonCodes).toEqual([QuotaExceeded]);
    client.publish("b", { qos: 1, retain: true, payload: "1" });
    expect((await client.receive(Puback)).reasonCode).toBe(QuotaExceeded);
    client.publish("a", { payload: "2" });
    expect(await client.receiveTexts(1)).toEqual(["2"]);
    expect(broker.counters.ratePauses).toBe(1);

    await broker.reload(() => configFrom(settings, () => ""));
    clock.advance(1_000);
    for (let i = 0; i < 10; i++) client.publish("a", { payload: String(i) });
    await client.receiveTexts(10);
    expect(broker.counters.ratePauses).toBe(1);
  });
});
