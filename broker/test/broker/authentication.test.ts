import { describe, expect, it } from "vitest";
import type { AuthenticationRequest, Verdict } from "../../src/auth/authenticator.js";
import type { EnhancedAuthenticator, Step } from "../../src/auth/enhanced-authenticator.js";
import { PacketType } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { TestClient } from "../support/test-client.js";
import { ack, authPacket, bytesOfText, connectPacket, publishPacket, textOf } from "../support/test-client-packets.js";
import { withBroker } from "./support.js";

const { Auth, Connack, Puback, Pubrec, Publish } = PacketType;
const { ContinueAuthentication: CONTINUE, ReAuthenticate: AGAIN, BadUserNameOrPassword, NotAuthorized } = ReasonCode;

/** Lets in "ann" with the password "secret", at once or after a while. */
const PASSWORDS = {
  authenticate({ userName, password }: AuthenticationRequest): Verdict | Promise<Verdict> {
    const allowed = userName?.startsWith("ann") === true && textOf(password) === "secret";
    const verdict: Verdict = allowed ? { allowed } : { allowed: false, reasonCode: BadUserNameOrPassword, reasonString: "try again" };
    return userName?.endsWith("later") === true ? Promise.resolve(verdict) : verdict;
  },
};

/** Asks for the words "one" and "two", in this order, whoever comes; "two" may be wrong once "one" was right. */
const TWO_WORDS: EnhancedAuthenticator = {
  method: "two-words",
  begin: () => {
    let stage = 0;
    return {
      step(data): Step | Promise<Step> {
        const word = data === undefined ? undefined : textOf(data);
        stage++;
        if (stage === 1 && word === "one") return { done: false, data: bytesOfText("more") };
        if (stage === 2 && word === "two") return Promise.resolve({ done: true, verdict: { allowed: true }, data: bytesOfText("proof") });
        return { done: true, verdict: { allowed: false, reasonCode: NotAuthorized } };
      },
    };
  },
};

const credentials = (userName: string, password: string) => ({ userName, password: bytesOfText(password) });
const method = (word?: string) => ({
  properties:
    word === undefined
      ? { authenticationMethod: "two-words" }
      : { authenticationMethod: "two-words", authenticationData: bytesOfText(word) },
});

describe("user name and password", () => {
  it.each(["ann", "ann later"])("let in who knows them: %s", async (userName) => {
    const { port } = await withBroker({}, { authenticator: PASSWORDS });
    for (const version of [3, 4, 5] as const) await TestClient.connect(port, { version, ...credentials(userName, "secret") });
  });

  it.each([
    ["ann", 5],
    ["ann", 4],
    ["ann", 3],
    ["ann later", 5],
    ["ann later", 4],
  ] as const)(
    "keep out who does not: %s, version %i [MQTT-3.1.4-2] [MQTT-3.2.2-6] [MQTT-3.2.2-7], 3.1.1 [MQTT-3.2.2-4] [MQTT-3.2.2-5]",
    async (userName, version) => {
      const { port } = await withBroker({}, { authenticator: PASSWORDS });
      const client = await TestClient.open(port, version);
      client.send(connectPacket(version, credentials(userName, "wrong")));
      expect(await client.receive(Connack)).toMatchObject({ reasonCode: BadUserNameOrPassword, sessionPresent: false });
      await client.expectClosed();
    },
  );

  it(
    "keep packets waiting that came with CONNECT, until they are checked " + "[MQTT-3.2.0-1] [MQTT-3.1.4-6], 3.1.1 [MQTT-3.1.4-5]",
    async () => {
      const { port } = await withBroker({}, { authenticator: PASSWORDS });
      const good = await TestClient.open(port);
      good.send(connectPacket(5, credentials("ann later", "secret")), publishPacket("a", { qos: 1, retain: true, payload: "good" }));
      await good.receive(Connack);
      await good.receive(Puback);

      const bad = await TestClient.open(port);
      bad.send(connectPacket(5, credentials("ann later", "wrong")), publishPacket("a", { qos: 1, retain: true, payload: "bad" }));
      await bad.receive(Connack);
      await bad.expectClosed();
      await good.subscribe(["a"]);
      expect(await good.receiveTexts(1)).toEqual(["good"]);
    },
  );

  it("that cannot be checked keep everyone out, and the server up", async () => {
    const failing = [
      () => {
        throw new Error("out of order");
      },
      () => Promise.reject(new Error("out of order")),
    ];
    for (const authenticate of failing) {
      const { port } = await withBroker({}, { authenticator: { authenticate } });
      for (const version of [4, 5] as const) {
        const client = await TestClient.open(port, version);
        client.send(connectPacket(version));
        expect((await client.receive(Connack)).reasonCode).toBe(ReasonCode.ServerUnavailable);
        await client.expectClosed();
      }
    }
  });

  it(
    "refused with a reason that does not fit the client's Maximum Packet Size are refused without it " + "[MQTT-3.2.2-19] [MQTT-3.1.2-24]",
    async () => {
      const { port } = await withBroker({}, { authenticator: PASSWORDS });
      for (const [maximumPacketSizeBytes, reasonString] of [
        [100, "try again"],
        [10, undefined],
      ] as const) {
        const client = await TestClient.open(port);
        client.send(connectPacket(5, { ...credentials("ann", "wrong"), properties: { maximumPacketSizeBytes } }));
        const { reasonCode, properties } = await client.receive(Connack);
        expect({ reasonCode, ...properties }).toEqual({ reasonCode: BadUserNameOrPassword, ...(reasonString && { reasonString }) });
      }
    },
  );

  it("may take long: a client that leaves meanwhile leaves nothing behind", async () => {
    let admit: (verdict: Verdict) => void = () => {};
    const authenticator = {
      authenticate: ({ clientId }: AuthenticationRequest): Verdict | Promise<Verdict> =>
        clientId === "slow" ? new Promise((resolve) => (admit = resolve)) : { allowed: true },
    };
    const { port } = await withBroker({}, { authenticator });
    const slow = await TestClient.open(port);
    slow.send(connectPacket(5, { clientId: "slow", properties: { sessionExpiryIntervalSeconds: 60 } }));
    await (await TestClient.connect(port)).expectNothing();
    slow.destroy();
    await slow.closed;
    const other = await TestClient.connect(port);
    await other.expectNothing();
    admit({ allowed: true });
    await other.expectNothing();
  });
});

describe("what a client may publish", () => {
  const authorizer = {
    mayPublish: (_: unknown, topic: string) =>
      topic.endsWith("later") ? Promise.resolve(topic.startsWith("open")) : topic.startsWith("open"),
    maySubscribe: () => true,
  };

  it.each(["secret", "secret later"])("is refused in its acknowledgement: %s [MQTT-3.4.2-1] [MQTT-3.5.2-1]", async (topic) => {
    const { port } = await withBroker({}, { authorizer });
    const client = await TestClient.connect(port);
    await client.subscribe(["#"]);
    client.publish(topic);
    client.publish(topic, { qos: 1 });
    expect(await client.receive(Puback)).toMatchObject({ packetId: 1, reasonCode: NotAuthorized });
    client.publish(topic, { qos: 2, packetId: 2 });
    expect(await client.receive(Pubrec)).toMatchObject({ packetId: 2, reasonCode: NotAuthorized });
    await client.expectNothing();
  });

  it("and was refused at QoS 2 frees its identifier for a new message [MQTT-4.3.3-9]", async () => {
    const { port } = await withBroker({}, { authorizer });
    const client = await TestClient.connect(port);
    const watcher = await TestClient.connect(port);
    await watcher.subscribe(["#"]);
    client.publish("secret", { qos: 2, packetId: 2 });
    await client.receive(Pubrec);
    client.publish("open", { qos: 2, packetId: 2 });
    expect(await client.receive(Pubrec)).toMatchObject({ packetId: 2, reasonCode: expect.toSatisfy((code: number) => code < 0x80) });
    expect((await watcher.receive(Publish)).topic).toBe("open");
  });

  it.each([3, 4] as const)(
    "is not told before 5.0: the message is acknowledged and dropped, in version %i, 3.1.1 [MQTT-3.3.5-2]",
    async (version) => {
      const { port } = await withBroker({}, { authorizer });
      const client = await TestClient.connect(port, { version });
      await client.subscribe(["#"]);
      client.publish("secret", { qos: 1 });
      expect(await client.receive(Puback)).toEqual(ack(Puback, 1));
      await client.expectNothing();
    },
  );

  it("is acknowledged in order, even if some answers take longer [MQTT-4.6.0-5], 3.1.1 [MQTT-4.6.0-6]", async () => {
    const { port } = await withBroker({}, { authorizer });
    const client = await TestClient.connect(port);
    const watcher = await TestClient.connect(port);
    await watcher.subscribe(["#"]);
    const topics = Array.from({ length: 20 }, (_, i) => (i % 3 === 0 ? "open later" : "open"));
    client.send(...topics.map((topic, i) => publishPacket(topic, { qos: 1, packetId: i + 1, payload: String(i) })));
    for (let packetId = 1; packetId <= 20; packetId++) expect((await client.receive(Puback)).packetId).toBe(packetId);
    expect(await watcher.receiveTexts(20)).toEqual(topics.map((_, i) => String(i)));
  });
});

describe("enhanced authentication", () => {
  it("goes on by AUTH until CONNACK, which names the method [MQTT-4.12.0-2] [MQTT-4.12.0-5] [MQTT-3.15.2-1] [MQTT-3.2.0-1]", async () => {
    const { port } = await withBroker({}, { enhanced: [TWO_WORDS] });
    const client = await TestClient.open(port);
    client.send(connectPacket(5, method("one")));
    expect(await client.receive(Auth)).toEqual(authPacket(CONTINUE, "two-words", "more"));
    client.send(authPacket(CONTINUE, "two-words", "two"));
    const { reasonCode, properties } = await client.receive(Connack);
    expect(reasonCode).toBe(0);
    expect(properties).toMatchObject({ authenticationMethod: "two-words", authenticationData: bytesOfText("proof") });
    await client.expectNothing();
  });

  it.each([
    ["in CONNECT", "wrong", undefined],
    ["without data", undefined, undefined],
    ["later", "one", "wrong"],
  ])("refuses at any point: %s [MQTT-4.12.0-4]", async (_, first, second) => {
    const { port } = await withBroker({}, { enhanced: [TWO_WORDS] });
    const client = await TestClient.open(port);
    client.send(connectPacket(5, method(first)));
    if (second !== undefined) {
      await client.receive(Auth);
      client.send(authPacket(CONTINUE, "two-words", second));
    }
    expect((await client.receive(Connack)).reasonCode).toBe(NotAuthorized);
    await client.expectClosed();
  });

  it("by a method that is not known is refused [MQTT-4.12.0-1]", async () => {
    for (const enhanced of [[], [TWO_WORDS]]) {
      const { port } = await withBroker({}, { enhanced });
      const client = await TestClient.open(port);
      client.send(connectPacket(5, { properties: { authenticationMethod: "three-words" } }));
      expect((await client.receive(Connack)).reasonCode).toBe(ReasonCode.BadAuthenticationMethod);
      await client.expectClosed();
    }
  });

  it.each([
    ["another method", authPacket(CONTINUE, "three-words", "two")],
    ["another code", authPacket(AGAIN, "two-words", "two")],
    ["another packet", { type: PacketType.Pingreq } as const],
    ["a PUBLISH", publishPacket("a", { retain: true, payload: "x" })],
    ["a second CONNECT", connectPacket(5)],
  ])("does not go on with %s [MQTT-3.1.2-30] [MQTT-4.12.0-3] [MQTT-3.14.0-1]", async (_, packet) => {
    const { port } = await withBroker({}, { enhanced: [TWO_WORDS] });
    const client = await TestClient.open(port);
    client.send(connectPacket(5, method("one")));
    await client.receive(Auth);
    client.send(packet);
    expect((await client.receive(Connack)).reasonCode).toBeGreaterThanOrEqual(0x80);
    await client.expectClosed();

    const other = await TestClient.open(port);
    other.send(connectPacket(5, method("one")));
    await other.receive(Auth);
    other.send(authPacket(CONTINUE, "two-words", "two"));
    await other.receive(Connack);
    await other.subscribe(["#"]);
    await other.expectNothing();
  });

  it("takes no longer than CONNECT may", async () => {
    const { port, clock } = await withBroker({ mqtt: { connectTimeoutSeconds: 10 } }, { enhanced: [TWO_WORDS] });
    const client = await TestClient.open(port);
    client.send(connectPacket(5, method("one")));
    await client.receive(Auth);
    clock.advance(12_000);
    await client.closed;
  });

  it("does not happen to a client that did not ask for it [MQTT-4.12.0-6] [MQTT-4.12.0-7]", async () => {
    const { port } = await withBroker({}, { enhanced: [TWO_WORDS] });
    const client = await TestClient.connect(port);
    expect(client.connack.properties.authenticationMethod).toBeUndefined();
    client.send(authPacket(AGAIN, "two-words", "one"));
    await client.expectDisconnect(ReasonCode.ProtocolError);
  });
});

describe("re-authentication", () => {
  async function authenticated(port: number): Promise<TestClient> {
    const client = await TestClient.open(port);
    client.send(connectPacket(5, method("one")));
    await client.receive(Auth);
    client.send(authPacket(CONTINUE, "two-words", "two"));
    await client.receive(Connack);
    return client;
  }

  it("ends with AUTH and success, while other packets go on [MQTT-4.12.0-5] [MQTT-3.15.2-1]", async () => {
    const { port } = await withBroker({}, { enhanced: [TWO_WORDS] });
    const client = await authenticated(port);
    await client.subscribe(["a"]);
    client.send(authPacket(AGAIN, "two-words", "one"));
    expect(await client.receive(Auth)).toEqual(authPacket(CONTINUE, "two-words", "more"));
    client.publish("a", { payload: "meanwhile" });
    expect(await client.receiveTexts(1)).toEqual(["meanwhile"]);
    client.send(authPacket(CONTINUE, "two-words", "two"));
    expect(await client.receive(Auth)).toEqual(authPacket(0, "two-words", "proof"));
    await client.expectNothing();
  });

  it("that fails ends the connection with the reason [MQTT-4.12.1-2]", async () => {
    const { port } = await withBroker({}, { enhanced: [TWO_WORDS] });
    const client = await authenticated(port);
    client.send(authPacket(AGAIN, "two-words", "wrong"));
    await client.expectDisconnect(NotAuthorized);
  });

  it.each([
    ["another method", authPacket(AGAIN, "three-words", "one")],
    ["the code of an exchange that is not under way", authPacket(CONTINUE, "two-words", "two")],
    ["the code that only a server sends", authPacket(0, "two-words")],
  ])("does not start with %s [MQTT-4.12.1-1]", async (_, packet) => {
    const { port } = await withBroker({}, { enhanced: [TWO_WORDS] });
    const client = await authenticated(port);
    client.send(packet);
    const { reasonCode } = await client.receive(PacketType.Disconnect);
    expect([ReasonCode.ProtocolError, ReasonCode.BadAuthenticationMethod]).toContain(reasonCode);
    await client.expectClosed();
  });
});
