import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { AclRule } from "../../src/auth/acl-rule.js";
import type { Authorizer, ClientIdentity, Decision } from "../../src/auth/authorizer.js";
import { PacketType, type Qos } from "../../src/codec/packet.js";
import { configFrom } from "../../src/config/load-config.js";
import { DropCause } from "../../src/sys/counters.js";
import { TestClient } from "../support/test-client.js";
import { ack, publishPacket, will } from "../support/test-client-packets.js";
import { writtenFile } from "../support/written-file.js";
import { type RunningBroker, VERSIONS, withBroker } from "./support.js";

const NOT_AUTHORIZED = 0x87;
const RULES = "allow all own/%c/#\nallow publish open/#\nallow subscribe open/#\nallow all user=admin #\n";

/** An authoriser that keeps what it was asked; `decide` may be changed. */
class RecordingAuthorizer implements Authorizer {
  readonly asked: string[] = [];
  readonly cacheSeconds: number;
  decide: (client: ClientIdentity, topic: string) => Decision | Promise<Decision>;

  constructor(decide: RecordingAuthorizer["decide"], cacheSeconds = Number.POSITIVE_INFINITY) {
    this.decide = decide;
    this.cacheSeconds = cacheSeconds;
  }

  mayPublish(client: ClientIdentity, topic: string, qos: Qos, retain: boolean): Decision | Promise<Decision> {
    this.asked.push(`${topic} ${qos}${retain ? " retain" : ""}`);
    return this.decide(client, topic);
  }

  maySubscribe(client: ClientIdentity, filter: string): Decision | Promise<Decision> {
    return this.decide(client, filter);
  }
}

/** Sends at QoS 1 and takes the reason code of PUBACK. */
async function publish(client: TestClient, topic: string, retain = false): Promise<number> {
  client.publish(topic, { qos: 1, payload: "x", retain });
  return (await client.receive(PacketType.Puback)).reasonCode;
}

describe("a file of rules", () => {
  it.each(VERSIONS)(
    "holds back what a client of %s may not publish, and tells it where it can, 3.1.1 [MQTT-3.3.5-2]",
    async (_, version) => {
      const { broker, port } = await withBroker({ aclFile: writtenFile(RULES) });
      const watcher = await TestClient.connect(port, { userName: "admin" });
      await watcher.subscribe(["#"]);
      const client = await TestClient.connect(port, { version, clientId: "me" });
      client.publish("elsewhere", { payload: "no" });
      client.send(publishPacket("elsewhere", { qos: 1, packetId: 1 }), publishPacket("elsewhere", { qos: 2, packetId: 2 }));
      const refused = version === 5 ? NOT_AUTHORIZED : 0;
      expect(await client.receive(PacketType.Puback)).toMatchObject({ packetId: 1, reasonCode: refused });
      expect(await client.receive(PacketType.Pubrec)).toMatchObject({ packetId: 2, reasonCode: refused });
      client.publish("own/me/x", { payload: "yes" });
      expect(await watcher.receiveTexts(1)).toEqual(["yes"]);
      expect(broker.counters.publishDropped[DropCause.NotAuthorized]).toBe(3);
    },
  );

  it.each(VERSIONS)(
    "refuses filters that cover more than a client of %s may have, and grants the others [MQTT-3.9.3-2]",
    async (_, version) => {
      const { broker, port } = await withBroker({ aclFile: writtenFile(RULES) });
      const client = await TestClient.connect(port, { version, clientId: "me" });
      const { reasonCodes } = await client.subscribe(["own/+/x", "own/me/#", "#", "open/+", "own/you/x"]);
      const refused = version === 5 ? NOT_AUTHORIZED : 0x80;
      expect(reasonCodes).toEqual([refused, 0, refused, 0, refused]);
      expect(broker.counters.subscriptionsRefused).toBe(3);
    },
  );

  it("looks at the filter inside a shared subscription", async () => {
    const { port } = await withBroker({ aclFile: writtenFile(RULES) });
    const client = await TestClient.connect(port, { clientId: "me" });
    expect((await client.subscribe(["$share/g/open/#", "$share/g/#"])).reasonCodes).toEqual([0, NOT_AUTHORIZED]);
  });

  it("keeps retained messages from who may not subscribe to them", async () => {
    const { port } = await withBroker({ aclFile: writtenFile(RULES) });
    const admin = await TestClient.connect(port, { userName: "admin" });
    await publish(admin, "secret", true);
    const client = await TestClient.connect(port, { clientId: "me" });
    await client.subscribe(["secret", "#"]);
    await client.expectNothing();
  });

  it("refuses a client whose will it forbids", async () => {
    const { port } = await withBroker({ aclFile: writtenFile(RULES) });
    await expect(
      TestClient.connect(port, { will: { topic: "elsewhere", payload: new Uint8Array(), qos: 0, retain: false, properties: {} } }),
    ).rejects.toThrow("0x87");
  });

  it("is told by which of several files, where the first says nothing, and by the default at the end", async () => {
    const authorization = ["deny publish a/#", "allow publish a/# b/#"].map((text) => ({ type: "acl-file", file: writtenFile(text) }));
    for (const [authorizationDefault, last] of [
      ["deny", NOT_AUTHORIZED],
      ["allow", 0x10],
    ] as const) {
      const { port } = await withBroker({ authorization, authorizationDefault });
      const client = await TestClient.connect(port);
      expect([await publish(client, "a/1"), await publish(client, "b/1"), await publish(client, "c")]).toEqual([
        NOT_AUTHORIZED,
        0x10,
        last,
      ]);
    }
  });
});

describe("authorizationDenyAction disconnect", () => {
  const settings = () => ({ aclFile: writtenFile(RULES), authorizationDenyAction: "disconnect" });

  it.each(VERSIONS)("ends the connection of a client of %s that publishes or subscribes where it may not", async (_, version) => {
    const { port } = await withBroker(settings());
    for (const qos of [0, 1, 2] as const) {
      const client = await TestClient.connect(port, { version });
      client.publish("elsewhere", { qos });
      await client.expectDisconnect(NOT_AUTHORIZED);
    }
    const client = await TestClient.connect(port, { version });
    await expect(client.subscribe(["open/#", "#"])).rejects.toThrow();
    await client.closed;
  });
});

describe("what a client was told", () => {
  it("is not asked for again, yes or no, at once or later, for each topic, QoS and RETAIN", async () => {
    for (const later of [false, true]) {
      const authorizer = new RecordingAuthorizer((__, topic) => (later ? Promise.resolve(topic === "yes") : topic === "yes"));
      const { port } = await withBroker({}, { authorizer });
      const client = await TestClient.connect(port);
      for (let i = 0; i < 5; i++) {
        expect(await publish(client, "yes")).toBe(0x10);
        expect(await publish(client, "no")).toBe(NOT_AUTHORIZED);
        expect(await publish(client, "yes", true)).toBe(0x10);
        client.publish("yes");
      }
      await client.expectNothing();
      expect(authorizer.asked).toEqual(["yes 1", "no 1", "yes 1 retain", "yes 0"]);
    }
  });

  it("is asked for again when the time has passed that the authoriser gives", async () => {
    const authorizer = new RecordingAuthorizer(() => true, 10);
    const { port, clock } = await withBroker({}, { authorizer });
    const client = await TestClient.connect(port);
    await publish(client, "t");
    clock.advance(9_999);
    await publish(client, "t");
    expect(authorizer.asked).toHaveLength(1);
    clock.advance(1);
    await publish(client, "t");
    expect(authorizer.asked).toHaveLength(2);
  });

  it("is no answer if the authoriser failed", async () => {
    const authorizer = new RecordingAuthorizer(() => Promise.reject(new Error("down")));
    const { port } = await withBroker({}, { authorizer });
    const client = await TestClient.connect(port);
    expect(await publish(client, "t")).toBe(NOT_AUTHORIZED);
    authorizer.decide = () => {
      throw new Error("still");
    };
    expect(await publish(client, "t")).toBe(NOT_AUTHORIZED);
    authorizer.decide = () => true;
    expect(await publish(client, "t")).toBe(0x10);
  });
});

describe("rules that a client came with", () => {
  const rules: AclRule[] = [{ permission: "allow", action: "all", filters: ["own/%u/#"] }];
  const authenticator = {
    authenticate: ({ userName }: { userName?: string | undefined }) => ({ allowed: true as const, ...(userName === "ruled" && { rules }) }),
  };

  it("hold for it though there is no authoriser, and for nobody else", async () => {
    const { port } = await withBroker({}, { authenticator });
    const ruled = await TestClient.connect(port, { userName: "ruled" });
    expect([await publish(ruled, "own/ruled/x"), await publish(ruled, "own/x")]).toEqual([0x10, NOT_AUTHORIZED]);
    expect((await ruled.subscribe(["#", "own/ruled/+"])).reasonCodes).toEqual([NOT_AUTHORIZED, 0]);
    expect(await publish(await TestClient.connect(port, { userName: "free" }), "anywhere")).toBe(0x10);
  });

  it("come before those of a file", async () => {
    const { port } = await withBroker({ aclFile: writtenFile("deny publish own/#\nallow publish open") }, { authenticator });
    const ruled = await TestClient.connect(port, { userName: "ruled" });
    expect([await publish(ruled, "own/ruled/x"), await publish(ruled, "open"), await publish(ruled, "x")]).toEqual([
      0x10,
      0x10,
      NOT_AUTHORIZED,
    ]);
  });
});

/** Puts the settings in force that `file` now makes. */
function reload({ broker }: RunningBroker, settings: object) {
  return broker.reload(() =>
    configFrom(
      {
        listeners: [{ name: "tcp", host: "127.0.0.1", port: 0, transport: "tcp" }],
        sysIntervalSeconds: 0,
        shutdownSeconds: 1,
        ...settings,
      },
      (path) => readFileSync(path, "utf8"),
    ),
  );
}

describe("a reload", () => {
  it("holds connected clients to the new rules, in what they publish and in what they have subscribed to", async () => {
    const file = writtenFile("allow all a/# b/#");
    const running = await withBroker({ aclFile: file });
    const { port, broker } = running;
    const client = await TestClient.connect(port);
    const sender = await TestClient.connect(port);
    await client.subscribe(["a/#", "b/#"]);
    expect(await publish(sender, "a/1")).toBe(0);
    expect(await client.receiveMessages(1)).toMatchObject([{ topic: "a/1" }]);
    expect(await publish(client, "c")).toBe(NOT_AUTHORIZED);

    writeFileSync(file, "allow all user=other a/#\nallow publish a/#\nallow all b/# c");
    await reload(running, { aclFile: file });
    expect(await publish(client, "c")).toBe(0x10);
    sender.publish("a/x", { payload: "a" });
    sender.publish("b/x", { payload: "b" });
    expect(await client.receiveTexts(1)).toEqual(["b"]);
    await client.expectNothing();
    expect(broker.counters.subscriptionsRevoked).toBe(1);

    writeFileSync(file, "deny all #");
    await reload(running, { aclFile: file });
    expect(await publish(client, "c")).toBe(NOT_AUTHORIZED);
    expect(broker.counters.subscriptionsRevoked).toBe(2);
  });

  it("stops retained messages that are on their way to a subscription that goes", async () => {
    const file = writtenFile("allow all #");
    const running = await withBroker({ aclFile: file });
    const { port } = running;
    const sender = await TestClient.connect(port);
    for (const topic of ["a/1", "a/2", "b/1"]) await publish(sender, topic, true);
    const client = await TestClient.connect(port, { properties: { receiveMaximum: 1 } });
    await client.subscribe([
      { topicFilter: "a/#", qos: 1 },
      { topicFilter: "b/#", qos: 1 },
    ]);
    const [first] = await client.receiveMessages(1);
    writeFileSync(file, "allow all b/#");
    await reload(running, { aclFile: file });
    client.send(ack(PacketType.Puback, first!.packetId));
    expect(await client.receiveMessages(1)).toMatchObject([{ topic: "b/1" }]);
    client.send(ack(PacketType.Puback, 2));
    await client.expectNothing();
  });

  it("keeps wills back that are not allowed any more", async () => {
    for (const later of [false, true]) {
      const file = writtenFile("allow all #");
      const authorizer = new RecordingAuthorizer(() => true);
      const running = await withBroker({ aclFile: file }, { authorizer });
      const { port, broker } = running;
      const watcher = await TestClient.connect(port);
      await watcher.subscribe(["wills/#"]);
      const mortals = [
        await TestClient.connect(port, { will: will("wills/no", "no") }),
        await TestClient.connect(port, { will: will("wills/yes", "yes") }),
      ];
      authorizer.decide = (_, topic) => (later ? Promise.resolve(topic !== "wills/no") : topic !== "wills/no");
      writeFileSync(file, "allow all x");
      await reload(running, { aclFile: file });
      for (const mortal of mortals) mortal.destroy();
      expect(await watcher.receiveTexts(1)).toEqual(["yes"]);
      await watcher.expectNothing();
      expect(broker.counters.willsPublished).toBe(1);
    }
  });

  it("lets everyone do everything when there are no rules any more", async () => {
    const file = writtenFile("deny all #");
    const running = await withBroker({ aclFile: file });
    const client = await TestClient.connect(running.port);
    expect(await publish(client, "t")).toBe(NOT_AUTHORIZED);
    await reload(running, {});
    expect(await publish(client, "t")).toBe(0x10);
  });

  it("with a file that is wrong changes nothing", async () => {
    const file = writtenFile("allow all a");
    const running = await withBroker({ aclFile: file });
    const client = await TestClient.connect(running.port);
    writeFileSync(file, "allow everything");
    await expect(reload(running, { aclFile: file })).rejects.toThrow('line 1 has "everything" after allow');
    expect(await publish(client, "a")).toBe(0x10);
  });
});

describe("a session that somebody comes back to", () => {
  const persistent = { cleanStart: false, properties: { sessionExpiryIntervalSeconds: 3_600 } };
  const again = (port: number, userName: string) => TestClient.connect(port, { ...persistent, clientId: "shared", userName });

  it("starts anew for another user, who gets nothing of what waits in it", async () => {
    const { port } = await withBroker({ aclFile: writtenFile("allow all user=alice secret\nallow all t") });
    const alice = await again(port, "alice");
    await alice.subscribe([{ topicFilter: "secret", qos: 1 }]);
    alice.destroy();
    await alice.closed;
    await publish(await TestClient.connect(port, { userName: "alice" }), "secret");
    const mallory = await again(port, "mallory");
    expect(mallory.connack.sessionPresent).toBe(false);
    await mallory.expectNothing();
  });

  it("goes on for another user where everyone may do everything", async () => {
    const { port } = await withBroker();
    const alice = await again(port, "alice");
    alice.destroy();
    await alice.closed;
    expect((await again(port, "bob")).connack.sessionPresent).toBe(true);
  });

  it("loses the subscriptions that its client may not have any more, and what waits because of them", async () => {
    const authorizer = new RecordingAuthorizer(() => true);
    const { port, broker } = await withBroker({}, { authorizer });
    const client = await again(port, "alice");
    await client.subscribe([
      { topicFilter: "a/#", qos: 1 },
      { topicFilter: "b/#", qos: 1 },
      { topicFilter: "a/both", qos: 1 },
    ]);
    const sender = await TestClient.connect(port);
    await publish(sender, "a/sent");
    expect(await client.receiveMessages(1)).toMatchObject([{ topic: "a/sent" }]);
    client.destroy();
    await client.closed;
    for (const topic of ["a/1", "b/1", "a/both"]) await publish(sender, topic);
    authorizer.decide = (_, filter) => Promise.resolve(filter !== "a/#");
    const back = await again(port, "alice");
    expect(back.connack.sessionPresent).toBe(true);
    expect((await back.receiveMessages(2)).map(({ topic }) => topic)).toEqual(["b/1", "a/both"]);
    await publish(sender, "a/2");
    await back.expectNothing();
    expect(broker.counters.subscriptionsRevoked).toBe(1);
  });

  it("stays as it was if it cannot be decided, and its client is turned away", async () => {
    const authorizer = new RecordingAuthorizer(() => true);
    const { port } = await withBroker({}, { authorizer });
    const client = await again(port, "alice");
    await client.subscribe(["a/#"]);
    client.destroy();
    await client.closed;
    for (const fail of [() => Promise.reject(new Error("down")), () => raise()]) {
      authorizer.decide = fail;
      await expect(again(port, "alice")).rejects.toThrow("0x88");
    }
    authorizer.decide = () => true;
    const back = await again(port, "alice");
    expect(back.connack.sessionPresent).toBe(true);
    (await TestClient.connect(port)).publish("a/x", { payload: "still" });
    expect(await back.receiveTexts(1)).toEqual(["still"]);
  });
});

function raise(): never {
  throw new Error("down");
}
