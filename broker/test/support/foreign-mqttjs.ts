import mqtt, { type IClientOptions, type IConnackPacket, type IDisconnectPacket, type IPublishPacket, type MqttClient } from "mqtt";
import { onTestFinished } from "vitest";
import { Inbox, inTime } from "./foreign-inbox.js";

/** The versions of the protocol, as MQTT.js is told them. */
export const MQTTJS_VERSIONS = [
  ["3.1", { protocolVersion: 3, protocolId: "MQIsdp" }],
  ["3.1.1", { protocolVersion: 4 }],
  ["5.0", { protocolVersion: 5 }],
] as const satisfies readonly (readonly [name: string, options: IClientOptions])[];

export type Version = (typeof MQTTJS_VERSIONS)[number][1];

/** MQTT.js over a real socket, in the runtime that runs the tests. It goes away when the test is over. */
export class MqttJs {
  readonly client: MqttClient;
  readonly messages = new Inbox<IPublishPacket>("message");
  /** One for each time it got in. */
  readonly connacks = new Inbox<IConnackPacket>("CONNACK");
  readonly disconnects = new Inbox<IDisconnectPacket>("DISCONNECT");
  readonly errors = new Inbox<Error>("error");
  /** What let it in first. */
  connack: IConnackPacket | undefined;
  readonly #closed: Promise<void>;

  private constructor(url: string, options: IClientOptions) {
    this.client = mqtt.connect(url, { reconnectPeriod: 0, connectTimeout: 20_000, clientId: "mqttjs", ...options });
    this.client.on("message", (topic, _payload, packet) => this.messages.push({ ...packet, topic }));
    this.client.on("connect", (packet) => this.connacks.push(packet));
    this.client.on("disconnect", (packet) => this.disconnects.push(packet));
    this.client.on("error", (error) => this.errors.push(error));
    this.#closed = new Promise((resolve) => this.client.once("close", resolve));
    onTestFinished(() => this.destroy());
  }

  /** Begins to connect, and leaves it to the test to see what comes of it. Does not try again, unless `options` say so. */
  static open(url: string, options: IClientOptions = {}): MqttJs {
    return new MqttJs(url, options);
  }

  /** Connects, and has to get in. */
  static async connect(url: string, options: IClientOptions = {}): Promise<MqttJs> {
    const client = MqttJs.open(url, options);
    const failed = new Promise<never>((_, reject) => client.client.once("error", reject));
    client.connack = await Promise.race([client.connacks.next(), failed]);
    return client;
  }

  /** Settles when its connection has closed for the first time, whoever closed it. */
  get closed(): Promise<void> {
    return inTime(this.#closed, "the connection is still open");
  }

  /** The next messages, as "topic=payload". */
  async texts(count: number): Promise<string[]> {
    return (await this.messages.take(count)).map(({ topic, payload }) => `${topic}=${payload.toString()}`);
  }

  subscribe(filter: string, qos: 0 | 1 | 2 = 0) {
    return this.client.subscribeAsync(filter, { qos });
  }

  publish(topic: string, payload: string | Buffer, options: Parameters<MqttClient["publishAsync"]>[2] = {}) {
    return this.client.publishAsync(topic, payload, options);
  }

  /** Cuts the connection, as a network does. */
  cut(): void {
    this.client.stream.destroy();
  }

  /** Says goodbye. */
  async end(options: Parameters<MqttClient["endAsync"]>[1] = {}): Promise<void> {
    await inTime(this.client.endAsync(false, options), "MQTT.js did not end");
  }

  async destroy(): Promise<void> {
    if (!this.client.disconnected) await inTime(this.client.endAsync(true), "MQTT.js did not end");
  }
}
