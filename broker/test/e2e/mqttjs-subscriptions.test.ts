import type { IClientOptions } from "mqtt";
import { describe, expect, it } from "vitest";
import { MqttJs } from "../support/foreign-mqttjs.js";
import { urlOf } from "../support/foreign-transports.js";
import { startBroker, type TestBroker } from "../support/start-broker.js";

/** MQTT.js with MQTT 5. */
function connect(broker: TestBroker, clientId: string, options: IClientOptions = {}): Promise<MqttJs> {
  return MqttJs.connect(urlOf(broker), { protocolVersion: 5, clientId, ...options });
}

describe("MQTT.js with MQTT 5", () => {
  it("is told which of its subscriptions a message fits", async () => {
    const broker = await startBroker();
    const client = await connect(broker, "client");
    await client.client.subscribeAsync("a/#", { qos: 1, properties: { subscriptionIdentifier: 7 } });
    await client.client.subscribeAsync("a/b", { qos: 1, properties: { subscriptionIdentifier: 268_435_455 } });
    await client.publish("a/c", "one", { qos: 1 });
    expect((await client.messages.next()).properties?.subscriptionIdentifier).toBe(7);
    await client.publish("a/b", "both", { qos: 1 });
    const identifiers: unknown[] = [];
    while (identifiers.flat().length < 2) identifiers.push((await client.messages.next()).properties?.subscriptionIdentifier);
    expect((identifiers.flat() as number[]).sort((a, b) => a - b)).toEqual([7, 268_435_455]);
  });

  it("does not hear itself with No Local", async () => {
    const broker = await startBroker();
    const [client, other] = [await connect(broker, "client"), await connect(broker, "other")];
    await client.client.subscribeAsync("a", { qos: 1, nl: true });
    await client.publish("a", "own", { qos: 1 });
    await other.publish("a", "other's", { qos: 1 });
    expect(await client.texts(1)).toEqual(["a=other's"]);
  });

  it("sees the retain flag as published if it asks for that", async () => {
    const broker = await startBroker();
    const [plain, asPublished] = [await connect(broker, "plain"), await connect(broker, "as-published")];
    await plain.client.subscribeAsync("a", { qos: 1, rap: false });
    await asPublished.client.subscribeAsync("a", { qos: 1, rap: true });
    await plain.publish("a", "x", { qos: 1, retain: true });
    expect((await plain.messages.next()).retain).toBe(false);
    expect((await asPublished.messages.next()).retain).toBe(true);
  });

  it("gets retained messages as Retain Handling says", async () => {
    const broker = await startBroker();
    const publisher = await connect(broker, "publisher");
    await publisher.publish("a", "kept", { qos: 1, retain: true });
    for (const [rh, expected] of [
      [0, ["kept", "kept", "live"]],
      [1, ["kept", "live"]],
      [2, ["live"]],
    ] as const) {
      const client = await connect(broker, `handling-${rh}`);
      for (let i = 0; i < 2; i++) await client.client.subscribeAsync("a", { qos: 1, rh });
      await publisher.publish("a", "live", { qos: 1 });
      expect(await client.texts(expected.length)).toEqual(expected.map((payload) => `a=${payload}`));
    }
  });

  it("shares a subscription with others, also with one that speaks 3.1.1", async () => {
    const broker = await startBroker();
    const members = await Promise.all([0, 1, 2].map((i) => connect(broker, `member-${i}`, i === 2 ? { protocolVersion: 4 } : {})));
    for (const member of members) await member.subscribe("$share/workers/jobs/#", 1);
    const publisher = await connect(broker, "publisher");
    await Promise.all(Array.from({ length: 90 }, (_, i) => publisher.publish(`jobs/${i}`, "", { qos: 1 })));
    const shares = await Promise.all(members.map((member) => member.texts(30)));
    expect(new Set(shares.flat()).size).toBe(90);
  });

  it("gets the jobs of a member that went away without doing them", async () => {
    const broker = await startBroker();
    const [lazy, busy] = [await connect(broker, "lazy"), await connect(broker, "busy")];
    lazy.client.handleMessage = () => {}; // never acknowledges
    for (const member of [lazy, busy]) await member.subscribe("$share/workers/jobs", 1);
    const publisher = await connect(broker, "publisher");
    await Promise.all(Array.from({ length: 20 }, (_, i) => publisher.publish("jobs", `${i}`, { qos: 1 })));
    const own = await busy.texts(10);
    lazy.cut();
    expect(new Set([...own, ...(await busy.texts(10))]).size).toBe(20);
  });
});
