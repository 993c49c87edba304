import type { IClientOptions } from "mqtt";
import { describe, expect, it } from "vitest";
import { answerOf, ChallengeAuthenticator } from "../auth/challenge-authenticator.js";
import { MqttJs } from "../support/foreign-mqttjs.js";
import { urlOf } from "../support/foreign-transports.js";
import { startBroker, type TestBroker } from "../support/start-broker.js";

const HOUR_SECONDS = 3_600;

/** MQTT.js with MQTT 5. */
function connect(broker: TestBroker, options: IClientOptions = {}): Promise<MqttJs> {
  return MqttJs.connect(urlOf(broker), { protocolVersion: 5, ...options });
}

describe("MQTT.js with MQTT 5", () => {
  it("passes on every property of a message", async () => {
    const broker = await startBroker();
    const client = await connect(broker);
    await client.subscribe("a", 1);
    const properties = {
      payloadFormatIndicator: true,
      messageExpiryInterval: HOUR_SECONDS,
      responseTopic: "answers/7",
      correlationData: Buffer.from([0, 1, 254, 255]),
      userProperties: { unit: "°C", place: ["roof", "cellar"] },
      contentType: "text/plain",
    };
    await client.publish("a", "21.5", { qos: 1, properties });
    expect((await client.messages.next()).properties).toEqual(properties);
  });

  it("receives what is left of a message's life, and nothing after its end", async () => {
    const broker = await startBroker();
    const options = { clientId: "sleeper", clean: false, properties: { sessionExpiryInterval: HOUR_SECONDS } };
    const first = await connect(broker, options);
    await first.subscribe("a", 1);
    await first.end();
    const publisher = await connect(broker, { clientId: "publisher" });
    for (const messageExpiryInterval of [10, 60]) {
      await publisher.publish("a", `${messageExpiryInterval} s`, { qos: 1, properties: { messageExpiryInterval } });
    }
    broker.clock.advance(20_000);
    const second = await connect(broker, options);
    expect(await second.messages.next()).toMatchObject({ payload: Buffer.from("60 s"), properties: { messageExpiryInterval: 40 } });
  });

  it("uses topic aliases towards the broker, and understands the broker's", async () => {
    const broker = await startBroker();
    const subscriber = await connect(broker, { clientId: "subscriber", properties: { topicAliasMaximum: 4 } });
    const publisher = await connect(broker, { clientId: "publisher", autoAssignTopicAlias: true });
    expect(publisher.connack?.properties?.topicAliasMaximum).toBeGreaterThan(0);
    const sent: { topic: string; alias: number | undefined }[] = [];
    publisher.client.on("packetsend", (packet) => {
      if (packet.cmd === "publish") sent.push({ topic: packet.topic, alias: packet.properties?.topicAlias });
    });
    const received: string[] = [];
    subscriber.client.on("packetreceive", (packet) => {
      if (packet.cmd === "publish") received.push(packet.topic);
    });
    await subscriber.subscribe("long/topic/+", 1);
    const texts = Array.from({ length: 60 }, (_, i) => `long/topic/${i % 3}=${i}`);
    for (const text of texts) await publisher.publish(...(text.split("=") as [string, string]), { qos: 1 });
    expect(await subscriber.texts(60)).toEqual(texts);
    expect(sent.filter(({ topic, alias }) => topic === "" && alias !== undefined).length).toBeGreaterThan(50);
    expect(received.filter((topic) => topic === "").length).toBeGreaterThan(50);
  });

  it("has no more messages in flight than its Receive Maximum", async () => {
    const broker = await startBroker();
    const subscriber = await connect(broker, { clientId: "subscriber", properties: { receiveMaximum: 3 } });
    const held: (() => void)[] = [];
    subscriber.client.options.customHandleAcks = (_topic, _message, _packet, acknowledge) => {
      held.push(() => acknowledge(0, 0));
      if (held.length === 1) queueMicrotask(() => held.shift()?.());
    };
    let inFlight = 0;
    let most = 0;
    subscriber.client.on("packetreceive", ({ cmd }) => {
      if (cmd === "publish") most = Math.max(most, ++inFlight);
    });
    subscriber.client.on("packetsend", ({ cmd }) => {
      if (cmd === "puback") inFlight--;
    });
    await subscriber.subscribe("a", 1);
    const publisher = await connect(broker, { clientId: "publisher" });
    await Promise.all(Array.from({ length: 50 }, (_, i) => publisher.publish("a", `${i}`, { qos: 1 })));
    expect(await subscriber.texts(50)).toEqual(Array.from({ length: 50 }, (_, i) => `a=${i}`));
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(3);
  });

  it("is told the broker's limits, a name of its own and where answers go", async () => {
    const broker = await startBroker({
      settings: { mqtt: { maxQos: 1, receiveMaximum: 20, maxKeepAliveSeconds: 30, maxSessionExpirySeconds: 100, maxPacketBytes: 5_000 } },
    });
    const { connack } = await connect(broker, {
      clientId: "",
      keepalive: 600,
      properties: { requestResponseInformation: true, sessionExpiryInterval: HOUR_SECONDS },
    });
    const { assignedClientIdentifier, ...others } = connack?.properties ?? {};
    expect(assignedClientIdentifier).toMatch(/^auto-/);
    expect(others).toMatchObject({
      maximumQoS: 1,
      receiveMaximum: 20,
      serverKeepAlive: 30,
      sessionExpiryInterval: 100,
      maximumPacketSize: 5_000,
      responseInformation: `response/${assignedClientIdentifier}`,
    });
  });

  it("loses its session when that expires", async () => {
    const broker = await startBroker();
    const options = { clientId: "sleeper", clean: false, properties: { sessionExpiryInterval: 60 } };
    const present: (boolean | undefined)[] = [];
    for (const awaySeconds of [50, 70, 0]) {
      const client = await connect(broker, options);
      present.push(client.connack?.sessionPresent);
      await client.end();
      await client.closed;
      broker.clock.advance(awaySeconds * 1_000);
    }
    expect(present).toEqual([false, true, false]);
  });

  it("changes how long its session is kept when it says goodbye", async () => {
    const broker = await startBroker();
    const options = { clientId: "sleeper", clean: false, properties: { sessionExpiryInterval: 60 } };
    const first = await connect(broker, options);
    await first.end({ properties: { sessionExpiryInterval: 0 } });
    expect((await connect(broker, options)).connack?.sessionPresent).toBe(false);
  });

  it("is told by reason codes what became of its requests", async () => {
    const broker = await startBroker({
      authorizer: { mayPublish: (_client, topic) => topic !== "secret", maySubscribe: (_client, filter) => filter !== "secret" },
    });
    const client = await connect(broker);
    const acknowledged: (number | undefined)[] = [];
    client.client.on("packetreceive", (packet) => {
      if (packet.cmd === "puback" || packet.cmd === "pubrec") acknowledged.push(packet.reasonCode);
    });
    await client.publish("nobody/listens", "", { qos: 1 });
    await expect(client.publish("secret", "", { qos: 1 })).rejects.toMatchObject({ code: 0x87 });
    await expect(client.publish("secret", "", { qos: 2 })).rejects.toMatchObject({ code: 0x87 });
    expect(acknowledged).toEqual([0x10, 0x87, 0x87]);
    await expect(client.subscribe("secret", 1)).rejects.toMatchObject({ packet: { granted: [0x87] } });
    const unsubscribed = (await client.client.unsubscribeAsync("never/subscribed")) as { granted?: number[] } | undefined;
    expect(unsubscribed?.granted).toEqual([0x11]);
  });

  it("is refused with a reason", async () => {
    const broker = await startBroker({
      authenticator: { authenticate: () => ({ allowed: false, reasonCode: 0x86, reasonString: "no such user" }) },
    });
    const client = MqttJs.open(urlOf(broker), { protocolVersion: 5 });
    expect(await client.errors.next()).toMatchObject({ code: 0x86 });
  });

  it("has its will published with its properties, after its delay", async () => {
    const broker = await startBroker();
    const watcher = await connect(broker, { clientId: "watcher" });
    await watcher.subscribe("wills", 1);
    const properties = { contentType: "text/plain", responseTopic: "r", userProperties: { why: "dead" }, payloadFormatIndicator: true };
    const will = { topic: "wills", payload: Buffer.from("gone"), qos: 1, retain: false } as const;
    const mortal = await connect(broker, {
      clientId: "mortal",
      properties: { sessionExpiryInterval: HOUR_SECONDS },
      will: { ...will, properties: { ...properties, willDelayInterval: 30 } },
    });
    mortal.cut();
    await mortal.closed;
    await watcher.publish("wills", "before", { qos: 1 });
    expect(await watcher.texts(1)).toEqual(["wills=before"]);
    broker.clock.advance(32_000);
    expect(await watcher.messages.next()).toMatchObject({ payload: will.payload, properties });
  });

  it("can say goodbye and still have its will published", async () => {
    const broker = await startBroker();
    const watcher = await connect(broker, { clientId: "watcher" });
    await watcher.subscribe("wills", 1);
    const will = { topic: "wills", payload: Buffer.from("gone"), qos: 1, retain: false } as const;
    const client = await connect(broker, { clientId: "mortal", will });
    await client.end({ reasonCode: 0x04 });
    expect(await watcher.texts(1)).toEqual(["wills=gone"]);
  });

  it("proves itself by a challenge", async () => {
    const broker = await startBroker({ enhanced: [new ChallengeAuthenticator(new Map([["meter", "secret"]]))] });
    const authenticationMethod = "TEST-CHALLENGE";
    const attempt = (secret: string) => {
      const properties = { authenticationMethod, authenticationData: Buffer.from("meter") };
      const client = MqttJs.open(urlOf(broker), { protocolVersion: 5, properties });
      client.client.handleAuth = ({ properties }, answer) => {
        const authenticationData = Buffer.from(answerOf(properties?.authenticationData ?? Buffer.alloc(0), secret));
        answer(null as never, { cmd: "auth", reasonCode: 0x18, properties: { authenticationMethod, authenticationData } });
      };
      return client;
    };
    expect((await attempt("secret").connacks.next()).properties?.authenticationData).toBeDefined();
    expect(await attempt("guess").errors.next()).toMatchObject({ code: 0x87 });
  });

  it("is told that the broker shuts down", async () => {
    const broker = await startBroker();
    const client = await connect(broker);
    await broker.stop();
    expect(await client.disconnects.next()).toMatchObject({ reasonCode: 0x8b });
  });
});
