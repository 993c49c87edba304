import { describe, expect, it } from "vitest";
import { RecordingAuthenticator } from "../support/foreign-authenticator.js";
import { eventually } from "../support/foreign-inbox.js";
import { MqttJs } from "../support/foreign-mqttjs.js";
import { PAHO_VERSIONS, Paho, type PahoOptions } from "../support/foreign-paho.js";
import { startOnAllTransports, TRANSPORTS, urlOf } from "../support/foreign-transports.js";
import { startBroker } from "../support/start-broker.js";

const MESSAGES = 100;
const HOUR_SECONDS = 3_600;

/** A session that outlives its connection. */
function kept({ version, ...options }: PahoOptions): PahoOptions {
  return { ...options, version, clean: false, ...(version === "5.0" && { properties: { SessionExpiryInterval: HOUR_SECONDS } }) };
}

describe.each(PAHO_VERSIONS)("paho with MQTT %s", (version) => {
  it("publishes and receives in order, at each quality of service", async (context) => {
    const { port } = await startBroker();
    const subscriber = await Paho.connect(context, { version, port, clientId: "subscriber" });
    const publisher = await Paho.connect(context, { version, port, clientId: "publisher" });
    expect(await subscriber.subscribe("qos/#", { qos: 2 })).toEqual([2]);
    for (const qos of [0, 1, 2]) {
      const payloads = Array.from({ length: MESSAGES }, (_, i) => `${i}`);
      for (const payload of payloads) publisher.publish(`qos/${qos}`, payload, { qos });
      await publisher.published.take(MESSAGES);
      const messages = await subscriber.messages.take(MESSAGES);
      expect(messages.map(({ topic, payload }) => `${topic}=${payload}`)).toEqual(payloads.map((payload) => `qos/${qos}=${payload}`));
      expect(new Set(messages.map((message) => message.qos))).toEqual(new Set([qos]));
    }
  });

  it("gets retained messages, until it unsubscribes", async (context) => {
    const { port } = await startBroker();
    const client = await Paho.connect(context, { version, port, clientId: "client" });
    client.publish("lamp", "on", { qos: 1, retain: true });
    await client.published.next();
    await client.subscribe("lamp", { qos: 1 });
    expect(await client.messages.next()).toMatchObject({ topic: "lamp", payload: "on", retain: true });
    await client.unsubscribe("lamp");
    client.publish("lamp", "off", { qos: 1, retain: true });
    await client.subscribe("lamp", { qos: 1 });
    expect(await client.messages.next()).toMatchObject({ payload: "off", retain: true });
  });

  it("has its will published when it crashes, and not when it says goodbye", async (context) => {
    const { port } = await startBroker();
    const watcher = await Paho.connect(context, { version, port, clientId: "watcher" });
    await watcher.subscribe("wills/+", { qos: 1 });
    for (const clientId of ["polite", "broken"]) {
      const will = { topic: `wills/${clientId}`, payload: "gone", qos: 1 };
      const mortal = await Paho.connect(context, { version, port, clientId, will });
      if (clientId === "polite") await mortal.disconnect();
      else await mortal.kill();
    }
    expect(await watcher.messages.next()).toMatchObject({ topic: "wills/broken", payload: "gone", qos: 1 });
  });

  it("finds its session again, with what came while it was away", async (context) => {
    const { port } = await startBroker();
    const sleeper = kept({ version, port, clientId: "sleeper" });
    const first = await Paho.connect(context, sleeper);
    await first.subscribe("news", { qos: 2 });
    await first.disconnect();
    const publisher = await Paho.connect(context, { version, port, clientId: "publisher" });
    for (let i = 0; i < 10; i++) publisher.publish("news", `${i}`, { qos: 2 });
    await publisher.published.take(10);
    const second = await Paho.connect(context, sleeper);
    expect(second.connected.sessionPresent).toBe(version !== "3.1"); // 3.1 has no flag for it
    expect((await second.messages.take(10)).map(({ payload }) => payload)).toEqual(Array.from({ length: 10 }, (_, i) => `${i}`));
  });

  it("receives and publishes exactly once although its connections break", async (context) => {
    const { port } = await startBroker();
    const subscriber = await Paho.connect(context, kept({ version, port, clientId: "subscriber" }));
    const publisher = await Paho.connect(context, kept({ version, port, clientId: "publisher" }));
    await subscriber.subscribe("count", { qos: 2 });
    const payloads: string[] = [];
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 30; i++) {
        const payload = `${round * 30 + i}`;
        payloads.push(payload);
        publisher.publish("count", payload, { qos: 2 });
      }
      publisher.drop();
      subscriber.drop();
      await Promise.all([publisher.connections.next(), subscriber.connections.next()]);
    }
    const received = (await subscriber.messages.take(90)).map(({ payload }) => payload);
    expect(new Set(received)).toEqual(new Set(payloads));
    publisher.publish("count", "end", { qos: 2 });
    expect(await subscriber.messages.next()).toMatchObject({ payload: "end" });
  });

  it.for(TRANSPORTS)("speaks over %s, with MQTT.js", async (transport, context) => {
    const broker = await startOnAllTransports(context);
    const other = await MqttJs.connect(urlOf(broker), { protocolVersion: 5, clientId: "other" });
    await other.subscribe("to/other", 2);
    const isSecure = transport === "tls" || transport === "wss";
    const paho = await Paho.connect(context, {
      version,
      port: broker.ports[transport]!,
      clientId: "paho",
      transport: transport === "ws" || transport === "wss" ? "websockets" : "tcp",
      ...(isSecure && { tls: { ca: broker.certificates.ca.certFile } }),
    });
    await paho.subscribe("to/paho", { qos: 2 });
    const long = "0123456789".repeat(20_000);
    paho.publish("to/other", long, { qos: 2 });
    expect((await other.messages.next()).payload.toString()).toBe(long);
    await other.publish("to/paho", long, { qos: 2 });
    expect((await paho.messages.next()).payload).toBe(long);
  });
});

describe("paho with MQTT 5", () => {
  it("sends and receives properties, and is told its subscription", async (context) => {
    const { port } = await startBroker();
    const client = await Paho.connect(context, { version: "5.0", port, clientId: "client" });
    await client.subscribe("a/+", { qos: 1, properties: { SubscriptionIdentifier: 9 } });
    const properties = {
      PayloadFormatIndicator: 1,
      MessageExpiryInterval: HOUR_SECONDS,
      ContentType: "text/plain",
      ResponseTopic: "answers",
      CorrelationData: "no. 5",
      UserProperty: [
        ["unit", "celsius"],
        ["unit", "kelvin"],
      ],
    };
    client.publish("a/b", "x", { qos: 1, properties });
    expect((await client.messages.next()).properties).toEqual({ ...properties, SubscriptionIdentifier: [9] });
  });

  it("subscribes with No Local, Retain As Published and Retain Handling", async (context) => {
    const { port } = await startBroker();
    const client = await Paho.connect(context, { version: "5.0", port, clientId: "client" });
    const other = await Paho.connect(context, { version: "5.0", port, clientId: "other" });
    other.publish("a", "before", { qos: 1, retain: true });
    await other.published.next();
    await client.subscribe("a", { qos: 1, options: { noLocal: true, retainAsPublished: true, retainHandling: 2 } });
    client.publish("a", "own", { qos: 1 });
    await client.published.next();
    other.publish("a", "after", { qos: 1, retain: true });
    expect(await client.messages.next()).toMatchObject({ payload: "after", retain: true });
  });

  it("is told a name, the broker's limits and reason codes", async (context) => {
    const { port } = await startBroker({ authorizer: { mayPublish: () => true, maySubscribe: (_client, filter) => filter !== "secret" } });
    const client = await Paho.connect(context, { version: "5.0", port, clientId: "" });
    expect(client.connected.properties).toMatchObject({ AssignedClientIdentifier: expect.stringMatching(/^auto-/), ReceiveMaximum: 1_024 });
    expect(await client.subscribe("secret", { qos: 1 })).toEqual([0x87]);
    expect(await client.unsubscribe("never/subscribed")).toEqual([0x11]);
  });

  it("has its will published with its properties, after its delay", async (context) => {
    const broker = await startBroker();
    const { port } = broker;
    const watcher = await Paho.connect(context, { version: "5.0", port, clientId: "watcher" });
    await watcher.subscribe("wills", { qos: 1 });
    const will = { topic: "wills", payload: "gone", qos: 1, properties: { WillDelayInterval: 30, ContentType: "text/plain" } };
    const mortal = await Paho.connect(context, { ...kept({ version: "5.0", port, clientId: "mortal" }), will });
    await mortal.kill();
    await eventually(() => broker.broker.counters.clientsConnected === 1, "the broker did not miss the client");
    broker.clock.advance(32_000);
    expect(await watcher.messages.next()).toMatchObject({ payload: "gone", properties: { ContentType: "text/plain" } });
  });

  it("is told that another client has taken its name", async (context) => {
    const { port } = await startBroker();
    const first = await Paho.connect(context, { version: "5.0", port, clientId: "one" });
    await Paho.connect(context, { version: "5.0", port, clientId: "one" });
    expect(await first.disconnections.next()).toEqual({ code: 0x8e });
    await first.kill(); // or the two would take it from each other for ever
  });

  it("is refused with a reason", async (context) => {
    const { port } = await startBroker({ authenticator: { authenticate: () => ({ allowed: false, reasonCode: 0x87 }) } });
    expect(await Paho.open(context, { version: "5.0", port, clientId: "client" }).connections.next()).toMatchObject({ code: 0x87 });
    expect(await Paho.open(context, { version: "3.1.1", port, clientId: "client" }).connections.next()).toMatchObject({ code: 5 });
  });
});

it.for([{ version: "1.2" }, { version: "1.3" }] as const)(
  "paho's certificate reaches the authenticator, by TLS $version",
  async ({ version }, context) => {
    const authenticator = new RecordingAuthenticator();
    const broker = await startOnAllTransports(context, { authenticator, clientCertificate: "require" });
    const { ca, client } = broker.certificates;
    const tls = { ca: ca.certFile, cert: client.certFile, key: client.keyFile, version };
    await Paho.connect(context, { version: "3.1.1", port: broker.ports.tls!, clientId: "paho", tls });
    const { peer } = await authenticator.requests.next();
    expect(peer.tls).toMatchObject({ version: `TLSv${version}`, certificate: { commonName: "device-1" } });
  },
);
