import { describe, expect, it } from "vitest";
import { MQTTJS_VERSIONS, MqttJs } from "../support/foreign-mqttjs.js";
import { startOnAllTransports, TRANSPORTS, trusting, urlOf } from "../support/foreign-transports.js";

const MESSAGES = 200;
/** MQTT.js tries again after so many milliseconds. */
const RECONNECT_MS = 10;
const LARGE_BYTES = 900_000;

describe.each(TRANSPORTS)("MQTT.js over %s", (transport) => {
  describe.each(MQTTJS_VERSIONS)("with MQTT %s", (_, version) => {
    it("receives what it asked for once and in order, at each quality of service", async (context) => {
      const broker = await startOnAllTransports(context);
      const options = { ...version, ...trusting(broker) };
      const publisher = await MqttJs.connect(urlOf(broker, transport), { ...options, clientId: "publisher" });
      for (const qos of [0, 1, 2] as const) {
        const subscriber = await MqttJs.connect(urlOf(broker, transport), { ...options, clientId: `subscriber-${qos}` });
        await subscriber.subscribe(`qos/${qos}/#`, qos);
        const texts = Array.from({ length: MESSAGES }, (_, i) => `qos/${qos}/${i % 3}=m${i}`);
        await Promise.all(texts.map((text) => publisher.publish(...(text.split("=") as [string, string]), { qos })));
        expect(await subscriber.texts(MESSAGES)).toEqual(texts);
      }
    });

    it("goes on where it was when its connection breaks", async (context) => {
      const broker = await startOnAllTransports(context);
      const options = { ...version, ...trusting(broker) };
      const subscriber = await MqttJs.connect(urlOf(broker, transport), {
        ...options,
        clientId: "subscriber",
        clean: false,
        reconnectPeriod: RECONNECT_MS,
        resubscribe: false,
        ...(version.protocolVersion === 5 && { properties: { sessionExpiryInterval: 3_600 } }),
      });
      await subscriber.subscribe("a", 2);
      const publisher = await MqttJs.connect(urlOf(broker, transport), { ...options, clientId: "publisher" });
      for (let i = 0; i < 3; i++) {
        subscriber.cut();
        await publisher.publish("a", `${i}`, { qos: 2 });
        await subscriber.connacks.next();
        expect(await subscriber.texts(1)).toEqual([`a=${i}`]);
      }
    });

    it("sends and receives large messages as they are", async (context) => {
      const broker = await startOnAllTransports(context);
      const client = await MqttJs.connect(urlOf(broker, transport), { ...version, ...trusting(broker) });
      await client.subscribe("large", 1);
      const payload = Buffer.from(Uint32Array.from({ length: LARGE_BYTES / 4 }, (_, i) => i * 2_654_435_761).buffer);
      await Promise.all([1, 2, 3].map(() => client.publish("large", payload, { qos: 1 })));
      for (const message of await client.messages.take(3)) expect(payload.equals(message.payload as Buffer)).toBe(true);
    });
  });
});

it("reaches subscribers of every transport and version from each", async (context) => {
  const broker = await startOnAllTransports(context);
  const clients: MqttJs[] = [];
  for (const transport of TRANSPORTS) {
    for (const [name, version] of MQTTJS_VERSIONS) {
      const clientId = `${transport}-${name}`;
      const client = await MqttJs.connect(urlOf(broker, transport), { ...version, ...trusting(broker), clientId });
      await client.subscribe("all/+", 2);
      clients.push(client);
    }
  }
  const texts: string[] = [];
  for (const { client } of clients) {
    await client.publishAsync(`all/${client.options.clientId}`, "hello", { qos: 2 });
    texts.push(`all/${client.options.clientId}=hello`);
  }
  for (const client of clients) expect(await client.texts(clients.length)).toEqual(texts);
});
