import type { IClientOptions } from "mqtt";
import { describe, expect, it } from "vitest";
import { MQTTJS_VERSIONS, MqttJs, type Version } from "../support/foreign-mqttjs.js";
import { urlOf } from "../support/foreign-transports.js";
import { startBroker } from "../support/start-broker.js";

/** MQTT.js tries again after so many milliseconds. */
const RECONNECT_MS = 10;
const ROUNDS = 5;
const HOUR_SECONDS = 3_600;

/** A session that outlives its connection. */
function kept(version: Version, clientId: string): IClientOptions {
  const properties = version.protocolVersion === 5 ? { sessionExpiryInterval: HOUR_SECONDS } : undefined;
  return { ...version, clientId, clean: false, ...(properties && { properties }) };
}

/** MQTT.js takes PUBCOMP with Packet Identifier Not Found for a failure; after a reconnect it is none (MQTT 5, 3.7.2.1). */
function unlessUnknown(error: { code?: number }): void {
  if (error.code !== 0x92) throw error;
}

describe.each(MQTTJS_VERSIONS)("MQTT.js with MQTT %s", (_, version) => {
  it("gets the retained message of a topic until that is emptied", async () => {
    const url = urlOf(await startBroker());
    const client = await MqttJs.connect(url, version);
    await client.publish("door", "open", { retain: true, qos: 1 });
    await client.publish("door", "closed", { retain: true, qos: 1 });
    await client.subscribe("door", 1);
    expect(await client.messages.next()).toMatchObject({ payload: Buffer.from("closed"), retain: true });
    await client.publish("door", "", { retain: true, qos: 1 });
    expect(await client.messages.next()).toMatchObject({ payload: Buffer.from(""), retain: false });
    await client.client.unsubscribeAsync("door");
    await client.subscribe("door", 1);
    await client.publish("door", "live", { qos: 1 });
    expect(await client.messages.next()).toMatchObject({ payload: Buffer.from("live"), retain: false });
  });

  it("has its will published when its connection breaks, and not when it says goodbye", async () => {
    const url = urlOf(await startBroker());
    const watcher = await MqttJs.connect(url, { ...version, clientId: "watcher" });
    await watcher.subscribe("will/#", 2);
    const mortal = (clientId: string) => {
      const will = { topic: `will/${clientId}`, payload: Buffer.from("gone"), qos: 2, retain: true } as const;
      return MqttJs.connect(url, { ...version, clientId, will });
    };
    const [polite, broken] = [await mortal("polite"), await mortal("broken")];
    await polite.end();
    broken.cut();
    expect(await watcher.messages.next()).toMatchObject({ topic: "will/broken", payload: Buffer.from("gone"), qos: 2 });
    const late = await MqttJs.connect(url, { ...version, clientId: "late" });
    await late.subscribe("will/#", 0);
    expect(await late.messages.next()).toMatchObject({ topic: "will/broken", retain: true });
  });

  it("finds its session again, with what came while it was away", async () => {
    const url = urlOf(await startBroker());
    const first = await MqttJs.connect(url, kept(version, "sleeper"));
    await first.subscribe("news/+", 2);
    await first.end();
    const publisher = await MqttJs.connect(url, { ...version, clientId: "publisher" });
    for (const qos of [1, 2] as const) {
      for (let i = 0; i < 50; i++) await publisher.publish(`news/${qos}`, `${i}`, { qos });
    }
    const second = await MqttJs.connect(url, kept(version, "sleeper"));
    expect(second.connack?.sessionPresent).toBe(version.protocolVersion !== 3); // 3.1 has no flag for it
    const numbers = Array.from({ length: 50 }, (_, i) => i);
    expect(await second.texts(100)).toEqual([...numbers.map((i) => `news/1=${i}`), ...numbers.map((i) => `news/2=${i}`)]);
  });

  it("is sent again what it had not acknowledged when its connection broke", async () => {
    const url = urlOf(await startBroker());
    const options = { ...kept(version, "subscriber"), reconnectPeriod: RECONNECT_MS, resubscribe: false };
    const subscriber = await MqttJs.connect(url, options);
    subscriber.client.handleMessage = () => {
      subscriber.client.handleMessage = (_packet, acknowledge) => acknowledge();
      subscriber.cut();
    };
    await subscriber.subscribe("a", 2);
    const publisher = await MqttJs.connect(url, { ...version, clientId: "publisher" });
    await Promise.all([publisher.publish("a", "1", { qos: 1 }), publisher.publish("a", "2", { qos: 2 })]);
    const [first, again, second] = await subscriber.messages.take(3);
    expect(first).toMatchObject({ payload: Buffer.from("1"), dup: false });
    expect(again).toMatchObject({ payload: Buffer.from("1"), dup: true, messageId: first?.messageId });
    expect(second).toMatchObject({ payload: Buffer.from("2"), qos: 2 });
  });

  it.each(["publish", "pubrec", "pubcomp"])("publishes exactly once although its connection breaks at each %s", async (at) => {
    let passed: (cmd: string) => void = () => {};
    const mayPublish = () => {
      passed("publish"); // the broker has it, and has not acknowledged it
      return true;
    };
    const url = urlOf(await startBroker({ authorizer: { mayPublish, maySubscribe: () => true } }));
    const subscriber = await MqttJs.connect(url, { ...version, clientId: "subscriber" });
    await subscriber.subscribe("count", 2);
    const publisher = await MqttJs.connect(url, { ...kept(version, "publisher"), reconnectPeriod: RECONNECT_MS });
    publisher.client.on("packetreceive", ({ cmd }) => passed(cmd));
    const texts: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      passed = (cmd) => {
        if (cmd !== at) return;
        passed = () => {};
        publisher.cut();
      };
      const numbers = Array.from({ length: 20 }, (_, i) => round * 20 + i);
      await Promise.all(numbers.map((number) => publisher.publish("count", `${number}`, { qos: 2 }).catch(unlessUnknown)));
      await publisher.connacks.next();
      texts.push(...numbers.map((number) => `count=${number}`));
    }
    expect((await subscriber.texts(texts.length)).sort()).toEqual(texts.sort());
    await publisher.publish("count", "end", { qos: 2 });
    expect(await subscriber.texts(1)).toEqual(["count=end"]);
  });

  it("is disconnected by another client that takes its name", async () => {
    const url = urlOf(await startBroker());
    const first = await MqttJs.connect(url, { ...version, clientId: "one" });
    await MqttJs.connect(url, { ...version, clientId: "one" });
    await first.closed;
    if (version.protocolVersion === 5) expect(await first.disconnects.next()).toMatchObject({ reasonCode: 0x8e });
  });
});
