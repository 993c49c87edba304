import { describe, expect, it, vi } from "vitest";
import { PacketType } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { type Behaviour, HookServer, json, stall } from "../auth/hook-server.js";
import { TestClient } from "../support/test-client.js";
import { bytesOfText, connectPacket, will } from "../support/test-client-packets.js";
import { withBroker } from "./support.js";

const { Connack, Puback } = PacketType;

const tcp = (name: string, settings: object = {}) => ({ name, host: "127.0.0.1", port: 0, transport: "tcp", ...settings });
const CREDENTIALS = { userName: "alice", password: bytesOfText("s3cr3t") };

async function refusal(port: number, version: 4 | 5 = 5): Promise<number> {
  const client = await TestClient.open(port, version);
  client.send(connectPacket(version, CREDENTIALS));
  const { reasonCode } = await client.receive(Connack);
  await client.closed;
  return reasonCode;
}

/** A broker with two listeners, on one of which a hook decides. */
async function hooked(behaviour: Behaviour, settings: object = {}) {
  const server = await HookServer.start(behaviour);
  const authentication = [{ type: "http", url: server.url, ...settings }];
  const broker = await withBroker({ listeners: [tcp("hooked", { authentication }), tcp("open")] });
  return { server, ...broker, hookedPort: broker.ports.hooked!, openPort: broker.ports.open! };
}

describe("a hook that decides who may connect", () => {
  it("is asked about each client of its listener, and of no other", async () => {
    const { server, hookedPort, openPort } = await hooked(json({ result: "allow" }));
    await TestClient.connect(hookedPort, { clientId: "a", ...CREDENTIALS });
    await TestClient.connect(hookedPort, { clientId: "b" });
    await TestClient.connect(openPort);
    expect(server.bodies.map((body) => JSON.parse(body))).toMatchObject([
      { clientid: "a", username: "alice", password: "s3cr3t", peerhost: "127.0.0.1", listener: "hooked" },
      { clientid: "b", username: null, password: null },
    ]);
  });

  it("keeps out whom it denies, and whom nobody knows", async () => {
    const { server, hookedPort } = await hooked(json({ result: "deny" }));
    expect(await refusal(hookedPort)).toBe(ReasonCode.NotAuthorized);
    server.behaviour = json({ result: "ignore" });
    expect(await refusal(hookedPort)).toBe(ReasonCode.BadUserNameOrPassword);
  });

  it("gives rights, and a time to stay", async () => {
    const acl = [{ permission: "allow", action: "publish", topic: "of/${clientid}" }];
    const { hookedPort, clock } = await hooked((...exchange) =>
      json({ result: "allow", acl, expire_at: clock.now() / 1_000 + 60 })(...exchange),
    );
    const client = await TestClient.connect(hookedPort, { clientId: "a", ...CREDENTIALS });
    for (const [topic, granted] of [["of/a", true] as const, ["of/b", false] as const]) {
      client.publish(topic, { qos: 1 });
      expect((await client.receive(Puback)).reasonCode === ReasonCode.NotAuthorized).toBe(!granted);
    }
    clock.advance(62_000);
    await client.expectDisconnect(ReasonCode.MaximumConnectTime);
  });

  it("that stalls holds up 500 clients on few connections, then refuses them; those of other listeners go on", async () => {
    const settings = { timeoutSeconds: 1, maxConnections: 4, maxWaiting: 50 };
    const { server, hookedPort, openPort, broker } = await hooked(stall, settings);
    const watcher = await TestClient.connect(openPort);
    await watcher.subscribe(["a"]);

    const storm = Promise.all(Array.from({ length: 500 }, (_, i) => refusal(hookedPort, i % 2 === 0 ? 5 : 4)));
    await vi.waitFor(() => expect(server.bodies).toHaveLength(4));
    for (let i = 0; i < 20; i++) {
      watcher.publish("a", { payload: String(i) });
      expect(await watcher.receiveTexts(1)).toEqual([String(i)]);
    }
    await TestClient.connect(openPort);

    const codes = new Set(await storm);
    expect(codes).toEqual(new Set([ReasonCode.ServerUnavailable, ReasonCode.ServerBusy]));
    const { hookQuestions, hookBusy, hookFailures, clientsConnected } = broker.counters;
    expect({ hookQuestions, clientsConnected }).toEqual({ hookQuestions: 500, clientsConnected: 2 });
    expect(hookBusy + hookFailures).toBe(500);
    expect(hookFailures).toBeGreaterThanOrEqual(54);
    expect(server.mostOpen).toBe(4);

    server.behaviour = json({ result: "allow" });
    await TestClient.connect(hookedPort, CREDENTIALS);
    expect(broker.counters.connectsRefused[ReasonCode.ServerBusy]).toBe(hookBusy);
  });

  it("that answers slowly about a client that has gone leaves nothing behind", async () => {
    let answer = () => {};
    const { server, hookedPort, openPort, broker } = await hooked((...exchange) => {
      answer = () => json({ result: "allow" })(...exchange);
    });
    const client = await TestClient.open(hookedPort);
    client.send(connectPacket(5, CREDENTIALS));
    await vi.waitFor(() => expect(server.bodies).toHaveLength(1));
    client.destroy();
    await client.closed;
    answer();
    await (await TestClient.connect(openPort)).expectNothing();
    await vi.waitFor(() => expect([broker.counters.connectionsOpen, broker.counters.clientsConnected]).toEqual([1, 1]));
  });

  it("is let go of when the broker stops", async () => {
    const { server, hookedPort, stop } = await hooked(json({ result: "allow" }));
    await TestClient.connect(hookedPort, CREDENTIALS);
    expect(server.sockets.size).toBe(1);
    await stop();
    await vi.waitFor(() => expect(server.sockets.size).toBe(0));
  });
});

describe("a hook that decides what clients may do", () => {
  const byTopic: Behaviour = (response, question, request) => {
    const { topic } = question as { topic: string };
    json({ result: topic.startsWith("open") ? "allow" : "deny" })(response, question, request);
  };

  async function guarded(behaviour: Behaviour, settings: object = {}) {
    const server = await HookServer.start(behaviour);
    return { server, ...(await withBroker({ authorization: [{ type: "http", url: server.url, ...settings }] })) };
  }

  it("is asked about what is published, subscribed to and willed", async () => {
    const { server, port } = await guarded(byTopic);
    const client = await TestClient.connect(port, { clientId: "a", userName: "alice" });
    expect((await client.subscribe(["open/#", "closed"])).reasonCodes).toEqual([0, ReasonCode.NotAuthorized]);
    for (const topic of ["open/1", "closed"]) client.publish(topic, { qos: 1, retain: true });
    expect([await client.receive(), await client.receive(), await client.receive()]).toMatchObject([
      { type: PacketType.Publish, topic: "open/1" },
      { type: Puback, reasonCode: 0 },
      { type: Puback, reasonCode: ReasonCode.NotAuthorized },
    ]);
    const other = await TestClient.open(port);
    other.send(connectPacket(5, { will: will("closed", "bye") }));
    expect((await other.receive(Connack)).reasonCode).toBe(ReasonCode.NotAuthorized);
    expect(JSON.parse(server.bodies[2]!)).toEqual({
      clientid: "a",
      username: "alice",
      action: "publish",
      topic: "open/1",
      qos: 1,
      retain: true,
    });
  });

  it("is asked once for many messages, in whose order nothing changes", async () => {
    const { server, port } = await guarded(byTopic);
    const watcher = await TestClient.connect(port);
    await watcher.subscribe(["open"]);
    const client = await TestClient.connect(port);
    for (let i = 0; i < 100; i++) client.publish("open", { payload: String(i) });
    expect(await watcher.receiveTexts(100)).toEqual(Array.from({ length: 100 }, (_, i) => String(i)));
    expect(server.bodies).toHaveLength(2);
  });

  it("that stalls lets nobody do anything, and everybody stay", async () => {
    const { server, port } = await guarded(stall, { timeoutSeconds: 1 });
    const client = await TestClient.connect(port);
    client.publish("open", { qos: 1 });
    expect((await client.receive(Puback)).reasonCode).toBe(ReasonCode.NotAuthorized);
    server.behaviour = byTopic;
    client.publish("open", { qos: 1 });
    expect((await client.receive(Puback)).reasonCode).not.toBe(ReasonCode.NotAuthorized);
  });
});
