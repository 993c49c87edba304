import { describe, expect, it, onTestFinished } from "vitest";
import type { Verdict } from "../../src/auth/authenticator.js";
import { Broker } from "../../src/broker.js";
import { PacketType } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { configFrom } from "../../src/config/load-config.js";
import { openLog } from "../../src/log.js";
import { NotAdmittedCause, TurnedOutCause } from "../../src/sys/counters.js";
import { eventually } from "../support/foreign-inbox.js";
import { ManualClock } from "../support/manual-clock.js";
import { SettableVitals } from "../support/settable-vitals.js";
import { startBroker } from "../support/start-broker.js";
import { TestClient } from "../support/test-client.js";
import { connectPacket, disconnectPacket } from "../support/test-client-packets.js";
import { answer, expectNoWord, notAdmitted, tcp, turnedOut } from "./entrance-support.js";

const { Banned, ConnectionRateExceeded, QuotaExceeded, ServerBusy, ServerUnavailable, NotAuthorized } = ReasonCode;

describe("a rate of connections", () => {
  it("of all listeners is answered with 0x9F, or 3 before 5.0, and with nothing far beyond it", async () => {
    const broker = await startBroker({ settings: { limits: { maxConnectRate: 2 } } });
    const { port, clock } = broker;
    expect([await answer(port), await answer(port)]).toEqual([0, 0]);
    expect([await answer(port, 5), await answer(port, 4), await answer(port, 3)]).toEqual([
      ConnectionRateExceeded,
      ServerUnavailable,
      ServerUnavailable,
    ]);
    for (let i = 0; i < 3; i++) expect(await answer(port)).toBe(ConnectionRateExceeded);
    await expectNoWord(port);
    expect([notAdmitted(broker, NotAdmittedCause.Rate), turnedOut(broker, TurnedOutCause.Rate)]).toEqual([6, 1]);

    clock.advance(500);
    expect([await answer(port), await answer(port)]).toEqual([0, ConnectionRateExceeded]);
  });

  it("of one listener leaves the others alone, and may come at once for as long as it was saved up", async () => {
    const listeners = [tcp("slow", { maxConnectRate: 1 }), tcp("quick")];
    const { ports, clock } = await startBroker({ settings: { listeners, limits: { connectBurstSeconds: 2 } } });
    const slow = ports.slow!;
    expect([await answer(slow), await answer(slow), await answer(slow)]).toEqual([0, 0, ConnectionRateExceeded]);
    for (let i = 0; i < 10; i++) expect(await answer(ports.quick!)).toBe(0);
    clock.advance(10_000);
    expect([await answer(slow), await answer(slow), await answer(slow)]).toEqual([0, 0, ConnectionRateExceeded]);
  });

  it("does not disturb who is in", async () => {
    const { port } = await startBroker({ settings: { limits: { maxConnectRate: 1 } } });
    const client = await TestClient.connect(port);
    for (let i = 0; i < 3; i++) expect(await answer(port)).toBe(ConnectionRateExceeded);
    for (let i = 0; i < 5; i++) await expectNoWord(port);
    await client.subscribe(["a"]);
    client.publish("a", { payload: "x" });
    expect(await client.receiveTexts(1)).toEqual(["x"]);
  });
});

describe("maxConnections", () => {
  it("holds also for clients that were authenticated at the same time", async () => {
    const waiting: ((verdict: Verdict) => void)[] = [];
    const authenticator = { authenticate: () => new Promise<Verdict>((resolve) => waiting.push(resolve)) };
    const broker = await startBroker({ settings: { maxConnections: 1 }, authenticator });
    const answers = [answer(broker.port), answer(broker.port)];
    await eventually(() => waiting.length === 2, "both CONNECTs came");
    for (const decide of waiting) decide({ allowed: true });
    expect((await Promise.all(answers)).sort()).toEqual([0, QuotaExceeded]);
    expect(notAdmitted(broker, NotAdmittedCause.Full)).toBe(1);
  });

  it("of a listener counts clients, not connections that send nothing", async () => {
    const { port } = await startBroker({ settings: { listeners: [tcp("tcp", { maxConnections: 1 })] } });
    for (let i = 0; i < 3; i++) await TestClient.open(port);
    expect([await answer(port), await answer(port)]).toEqual([0, QuotaExceeded]);
  });
});

describe("connections of one address", () => {
  const listeners = [tcp("tcp", { proxyProtocol: true })];
  const settings = { listeners, limits: { maxConnectionsPerAddress: 2 } };

  it("are as many as they may be, whatever the others have, and one more when one has gone", async () => {
    const broker = await startBroker({ settings });
    const { port } = broker;
    const first = await TestClient.open(port);
    first.sendBytes(Buffer.from("PROXY TCP4 192.0.2.1 127.0.0.1 4000 1883\r\n"));
    first.send(connectPacket(5));
    await first.receive(PacketType.Connack);
    expect(await answer(port, 4, {}, "::ffff:192.0.2.1")).toBe(0);
    expect(await answer(port, 5, {}, "192.0.2.1")).toBe(QuotaExceeded);
    expect(await answer(port, 4, {}, "192.0.2.1")).toBe(ServerUnavailable);
    expect(await answer(port, 5, {}, "192.0.2.2")).toBe(0);
    expect(notAdmitted(broker, NotAdmittedCause.PerAddress)).toBe(2);

    first.send(disconnectPacket());
    await first.closed;
    expect(await answer(port, 5, {}, "192.0.2.1")).toBe(0);
  });

  it("count by network in IPv6", async () => {
    const { port } = await startBroker({ settings });
    expect(await answer(port, 5, {}, "2001:db8:1:2::1")).toBe(0);
    expect(await answer(port, 5, {}, "2001:db8:1:2:ffff::2")).toBe(0);
    expect(await answer(port, 5, {}, "2001:db8:1:2:3::3")).toBe(QuotaExceeded);
    expect(await answer(port, 5, {}, "2001:db8:1:3::3")).toBe(0);
  });

  it("are not answered beyond four times as many, with or without CONNECT", async () => {
    const broker = await startBroker({ settings: { limits: { maxConnectionsPerAddress: 2 } } });
    const silent = await Promise.all(Array.from({ length: 8 }, () => TestClient.open(broker.port)));
    await eventually(() => broker.broker.counters.connectionsOpen === 8, "all were accepted");
    await expectNoWord(broker.port);
    expect(turnedOut(broker, TurnedOutCause.PerAddress)).toBe(1);
    for (const client of silent.slice(0, 4)) client.destroy();
    await eventually(() => broker.broker.counters.connectionsOpen === 4, "half of them have gone");
    expect(await answer(broker.port)).toBe(0);
  });
});

describe("a client that connects too often", () => {
  const flapping = { enabled: true, maxCount: 3, windowSeconds: 60, banSeconds: 300 };
  const client = { clientId: "client" };

  it("is banned for a time: 0x8A, or 5 before 5.0, with others let in from its address", async () => {
    const broker = await startBroker({ settings: { limits: { flapping } } });
    const { port, clock } = broker;
    for (let i = 0; i < 3; i++) expect(await answer(port, 5, client)).toBe(0);
    expect([await answer(port, 5, client), await answer(port, 4, client)]).toEqual([Banned, NotAuthorized]);
    expect(await answer(port, 5, { clientId: "other" })).toBe(0);
    expect(broker.broker.counters.clientsBanned).toBe(1);
    expect(notAdmitted(broker, NotAdmittedCause.Banned)).toBe(2);

    clock.advance(299_000);
    expect(await answer(port, 5, client)).toBe(Banned);
    clock.advance(1_000);
    expect(await answer(port, 5, client)).toBe(0);
  });

  it("is banned where it is, and not elsewhere", async () => {
    const { port } = await startBroker({ settings: { listeners: [tcp("tcp", { proxyProtocol: true })], limits: { flapping } } });
    for (let i = 0; i < 3; i++) expect(await answer(port, 5, client, "192.0.2.1")).toBe(0);
    expect(await answer(port, 5, client, "192.0.2.1")).toBe(Banned);
    expect(await answer(port, 5, client, "192.0.2.2")).toBe(0);
  });

  it("may do so if nobody watches, and if the broker makes up its identifier", async () => {
    const { port } = await startBroker();
    for (let i = 0; i < 20; i++) expect(await answer(port, 5, client)).toBe(0);
    const watching = await startBroker({ settings: { limits: { flapping } } });
    for (let i = 0; i < 5; i++) expect(await answer(watching.port, 5, { clientId: "" })).toBe(0);
  });
});

describe("a process that is overloaded", () => {
  it.each([
    ["memory", { memoryPercent: 90 }, 2, QuotaExceeded, NotAdmittedCause.Memory],
    ["time", { lagMs: 900 }, 3, ServerBusy, NotAdmittedCause.Loop],
  ] as const)("short of %s takes nobody in, and goes on with who is there", async (_, state, seconds, reasonCode, cause) => {
    const vitals = new SettableVitals();
    const broker = await startBroker({ vitals });
    const { port, clock } = broker;
    const client = await TestClient.connect(port);
    await client.subscribe(["a"]);

    Object.assign(vitals, state);
    clock.advance((seconds - 1) * 1_000);
    expect(await answer(port)).toBe(0);
    clock.advance(1_000);
    expect([await answer(port, 5), await answer(port, 4)]).toEqual([reasonCode, ServerUnavailable]);
    expect(notAdmitted(broker, cause)).toBe(2);
    client.publish("a", { payload: "x" });
    expect(await client.receiveTexts(1)).toEqual(["x"]);

    Object.assign(vitals, { memoryPercent: 0, lagMs: 0 });
    clock.advance(1_000);
    expect(await answer(port)).toBe(0);
  });
});

describe("limits.memoryBytes", () => {
  it("is what the process is held against", async () => {
    const config = configFrom({ listeners: [tcp("tcp")], sysIntervalSeconds: 0, limits: { memoryBytes: 1_048_576 } }, () => "");
    const clock = new ManualClock();
    const broker = new Broker(config, { log: openLog({ level: "silent", format: "json" }), clock });
    await broker.start();
    onTestFinished(() => broker.stop());
    const { port } = broker.listeners[0]!.address;
    expect(await answer(port)).toBe(0);
    clock.advance(2_000);
    expect(await answer(port)).toBe(QuotaExceeded);
    expect(broker.counters.memoryOverloads).toBe(1);
  });
});

describe("limits that are read again", () => {
  it("hold from then on, and leave who is in alone", async () => {
    const { broker, port } = await startBroker({ settings: { listeners: [tcp("tcp")] } });
    const reload = (settings: object) =>
      broker.reload(() => configFrom({ listeners: [tcp("tcp")], sysIntervalSeconds: 0, shutdownSeconds: 1, ...settings }, () => ""));
    const client = await TestClient.connect(port);

    expect((await reload({ limits: { denyAddresses: ["127.0.0.1"] } })).needsRestart).toEqual([]);
    await expectNoWord(port);
    await reload({ limits: { maxConnectRate: 1 } });
    expect([await answer(port), await answer(port)]).toEqual([0, ConnectionRateExceeded]);
    expect((await reload({ maxConnections: 2 })).needsRestart).toEqual([]);
    await eventually(() => broker.counters.clientsConnected === 2, "two are in");
    expect(await answer(port)).toBe(QuotaExceeded);
    await reload({ listeners: [tcp("tcp", { maxConnections: 3 })] });
    expect([await answer(port), await answer(port)]).toEqual([0, QuotaExceeded]);
    await client.expectNothing();
  });
});

describe("a client that is not who it says", () => {
  const refusing = (reasonCode: ReasonCode) => ({ authenticate: () => ({ allowed: false as const, reasonCode }) });
  const limits = { failedAuthenticationDelayMs: 60_000 };
  const OWN = { listeners: [tcp("tcp")], sysIntervalSeconds: 0, shutdownSeconds: 1 };

  it.each([ReasonCode.BadUserNameOrPassword, NotAuthorized])(
    "is told so after a while, and counts as half-open until then (%s)",
    async (reasonCode) => {
      const { port, broker, stop } = await startBroker({
        settings: { limits: { ...limits, maxHalfOpen: 1 } },
        authenticator: refusing(reasonCode),
      });
      const client = await TestClient.open(port);
      client.send(connectPacket(5));
      await eventually(() => broker.counters.packetsReceived[PacketType.Connect] === 1, "its CONNECT has come");
      await expectNoWord(port);
      expect(broker.counters.packetsSent[PacketType.Connack]).toBe(0);
      await stop();
      expect((await client.receive(PacketType.Connack)).reasonCode).toBe(ServerUnavailable); // of a broker that stops
      await client.expectClosed();
    },
  );

  it("is told so at once if the delay is off", async () => {
    const broker = await startBroker({ settings: { limits }, authenticator: refusing(NotAuthorized) });
    await broker.broker.reload(() => configFrom({ ...OWN, limits: { failedAuthenticationDelayMs: "off" } }, () => ""));
    expect(await answer(broker.port)).toBe(NotAuthorized);
  });

  it("is told so at once if nothing was decided", async () => {
    const { port } = await startBroker({ settings: { limits }, authenticator: refusing(ServerBusy) });
    expect(await answer(port)).toBe(ServerBusy);
  });

  it("may leave before it is told", async () => {
    const settings = { limits: { failedAuthenticationDelayMs: 50 } };
    const { port, broker } = await startBroker({ settings, authenticator: refusing(NotAuthorized) });
    const client = await TestClient.open(port);
    client.send(connectPacket(5));
    await eventually(() => broker.counters.packetsReceived[PacketType.Connect] === 1, "its CONNECT has come");
    client.destroy();
    await eventually(() => broker.counters.connectionsOpen === 0, "it has gone");
    expect(await answer(port)).toBe(NotAuthorized);
    await eventually(() => broker.counters.connectionsOpen === 0, "all have gone");
  });
});

describe("half-open connections", () => {
  it("beyond their bound take the place of the oldest", async () => {
    const broker = await startBroker({ settings: { limits: { maxHalfOpen: 3 } } });
    const { port } = broker;
    const silent: TestClient[] = [];
    for (let i = 0; i < 4; i++) {
      silent.push(await TestClient.open(port));
      await eventually(() => broker.broker.counters.connectionsAccepted === i + 1, "it was accepted");
    }
    await silent[0]!.expectClosed();
    expect(turnedOut(broker, TurnedOutCause.HalfOpen)).toBe(1);
    expect(await answer(port)).toBe(0);
    await silent[1]!.expectClosed();
    for (const client of silent.slice(2)) {
      client.send(connectPacket(5));
      await client.receive(PacketType.Connack);
    }
  });

  it("do not keep others out, are closed when their time is over, and leave nothing behind", async () => {
    const { broker, port, clock } = await startBroker();
    const { counters } = broker;
    const witness = await TestClient.connect(port);
    await witness.subscribe(["a"]);
    const silent = await Promise.all(Array.from({ length: 300 }, () => TestClient.open(port)));
    await eventually(() => counters.connectionsOpen === 301, "all were accepted");
    for (const [index, client] of silent.entries()) if (index % 2 === 0) client.sendBytes(Buffer.from([0x10, 0xff]));
    witness.publish("a", { payload: "x" });
    expect(await witness.receiveTexts(1)).toEqual(["x"]);
    expect(await answer(port)).toBe(0);

    clock.advance(15_000);
    await Promise.all(silent.map((client) => client.expectClosed()));
    await eventually(() => counters.connectionsOpen === 2, "the broker has let go of them");
    expect(counters.connectTimeouts).toBe(300);
    await witness.expectNothing();
  });
});
