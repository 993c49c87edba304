import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { keptPassword } from "../../src/auth/new-password.js";
import { PacketType } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { configFrom } from "../../src/config/load-config.js";
import { TestClient } from "../support/test-client.js";
import { bytesOfText, publishPacket } from "../support/test-client-packets.js";
import { type RunningBroker, withBroker } from "./support.js";

const TCP = { name: "tcp", host: "127.0.0.1", port: 0, transport: "tcp" };

/** Puts other settings in force, in the place of those that `withBroker` took. */
function reload({ broker }: RunningBroker, settings: object) {
  return broker.reload(() =>
    configFrom({ listeners: [TCP], sysIntervalSeconds: 0, shutdownSeconds: 1, ...settings }, (path) => readFileSync(path, "utf8")),
  );
}

describe("settings that are read again", () => {
  it("hold for the clients that come, and close no connection", async () => {
    const broker = await withBroker();
    const client = await TestClient.connect(broker.port);
    expect(await reload(broker, { maxConnections: 1 })).toEqual({ applied: ["maxConnections"], needsRestart: [] });
    await expect(TestClient.connect(broker.port)).rejects.toThrow(`refused with 0x${ReasonCode.QuotaExceeded.toString(16)}`);
    await client.expectNothing();
    await reload(broker, {});
    await TestClient.connect(broker.port);
    await client.expectNothing();
  });

  it("are told in CONNACK, and what a client was told before it may go on using", async () => {
    const broker = await withBroker({ mqtt: { topicAliasMaximum: 5 } });
    const before = await TestClient.connect(broker.port);
    await reload(broker, { mqtt: { maxQos: 0, topicAliasMaximum: 0, receiveMaximum: 9, retainAvailable: false, maxPacketBytes: 100 } });
    const after = await TestClient.connect(broker.port);
    expect(after.connack.properties).toMatchObject({
      maximumQos: 0,
      receiveMaximum: 9,
      retainAvailable: false,
      maximumPacketSizeBytes: 100,
    });
    expect(after.connack.properties).not.toHaveProperty("topicAliasMaximum");

    before.send(publishPacket("a", { qos: 1, retain: true, payload: "x".repeat(200), properties: { topicAlias: 5 } }));
    expect(await before.receive(PacketType.Puback)).toMatchObject({ packetId: 1 });
    after.send(publishPacket("a", { qos: 1 }));
    await after.expectDisconnect(ReasonCode.QosNotSupported);
  });

  it("bound the queues of sessions that are there already", async () => {
    const broker = await withBroker({ mqtt: { maxQueuedMessages: 100 } });
    const session = { clientId: "c", cleanStart: false, properties: { sessionExpiryIntervalSeconds: 100 } };
    const client = await TestClient.connect(broker.port, session);
    await client.subscribe([{ topicFilter: "a", qos: 1 }]);
    client.destroy();
    await client.closed;
    const publisher = await TestClient.connect(broker.port);
    await reload(broker, { mqtt: { maxQueuedMessages: 2 } });
    publisher.send(...[1, 2, 3].map((packetId) => publishPacket("a", { qos: 1, packetId, payload: String(packetId) })));
    for (let i = 0; i < 3; i++) await publisher.receive(PacketType.Puback);
    const again = await TestClient.connect(broker.port, session);
    expect(await again.receiveTexts(2)).toEqual(["1", "2"]);
    await again.expectNothing();
  });

  it("may allow fewer levels of topics that are known already", async () => {
    const broker = await withBroker();
    const client = await TestClient.connect(broker.port);
    client.publish("a/b/c");
    await client.expectNothing();
    await reload(broker, { mqtt: { maxTopicLevels: 2 } });
    client.publish("a/b/c");
    await client.expectDisconnect(ReasonCode.TopicNameInvalid);
  });

  it("may bring listeners and take others away, whose connections stay", async () => {
    const broker = await withBroker({ listeners: [TCP, { ...TCP, name: "old" }] });
    const onOld = await TestClient.connect(broker.ports.old!);
    const { applied } = await reload(broker, { listeners: [TCP, { ...TCP, name: "new" }] });
    expect(applied).toEqual(["listeners[new]", "listeners[old]"]);
    const bound = new Map(broker.broker.listeners.map(({ name, address }) => [name, address.port]));
    expect([...bound.keys()]).toEqual(["tcp", "new"]);
    expect(bound.get("tcp")).toBe(broker.port);
    await TestClient.connect(bound.get("new")!);
    await expect(TestClient.open(broker.ports.old!)).rejects.toThrow("ECONNREFUSED");
    await onOld.expectNothing();
    await broker.stop();
    await onOld.expectDisconnect(ReasonCode.ServerShuttingDown);
  });

  it("change nothing at all if a listener cannot have its port", async () => {
    const broker = await withBroker();
    const taken = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void taken.close());
    await once(taken, "listening");
    const { port } = taken.address() as { port: number };
    const client = await TestClient.connect(broker.port);
    const listeners = [TCP, { ...TCP, name: "free" }, { ...TCP, name: "busy", port }];
    await expect(reload(broker, { listeners, maxConnections: 1 })).rejects.toThrow(`listener "busy" on 127.0.0.1:${port}: `);
    expect(broker.broker.listeners.map(({ name }) => name)).toEqual(["tcp"]);
    await TestClient.connect(broker.port);
    await client.expectNothing();
    expect(broker.broker.counters.reloadsRefused).toBe(1);
  });

  it("let in the users that the file has by then, and leave those who are in", async () => {
    const users = file(await userLine("alice", "old"));
    const settings = { passwordFile: users };
    const broker = await withBroker(settings);
    const alice = (password: string) => TestClient.connect(broker.port, { userName: "alice", password: bytesOfText(password) });
    const before = await alice("old");

    writeFileSync(users, await userLine("alice", "new"));
    const { applied } = await reload(broker, settings);
    expect(applied).toEqual(["listeners[tcp].authentication"]);
    await expect(alice("old")).rejects.toThrow("refused");
    await alice("new");
    await before.expectNothing();

    writeFileSync(users, "not a line of users");
    await expect(reload(broker, settings)).rejects.toThrow("passwordFile");
    await alice("new");
  });

  it("hold for clients that are in, where they say what clients may do", async () => {
    const acl = file("topic readwrite #");
    const settings = { aclFile: acl };
    const broker = await withBroker(settings);
    const client = await TestClient.connect(broker.port);
    await client.subscribe([{ topicFilter: "b", qos: 1 }]);
    client.send(publishPacket("a", { qos: 1, packetId: 1 }));
    expect(await client.receive(PacketType.Puback)).toMatchObject({ reasonCode: ReasonCode.NoMatchingSubscribers });

    writeFileSync(acl, "topic write b");
    expect((await reload(broker, settings)).applied).toEqual(["authorization.authorizers"]);
    client.send(publishPacket("a", { qos: 1, packetId: 2 }));
    expect(await client.receive(PacketType.Puback)).toMatchObject({ reasonCode: ReasonCode.NotAuthorized });
    // Its subscription has gone as well.
    client.send(publishPacket("b", { qos: 1, packetId: 3 }));
    expect(await client.receive(PacketType.Puback)).toMatchObject({ reasonCode: ReasonCode.NoMatchingSubscribers });
  });

  it("are not read once the broker stops", async () => {
    const broker = await withBroker();
    await broker.stop();
    await expect(reload(broker, {})).rejects.toThrow("the broker is not running");
  });
});

/** A file with this text, which goes with the test. */
function file(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "mqttd-reload-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "file");
  writeFileSync(path, text);
  return path;
}

async function userLine(name: string, password: string): Promise<string> {
  return `${name}:${await keptPassword(password, "pbkdf2-sha512", 101)}\n`;
}
