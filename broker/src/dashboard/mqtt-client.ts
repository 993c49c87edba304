import { decode, encode } from "../codec/codec.js";
import { INCOMPLETE, packetLength } from "../codec/frame.js";
import { type AckType, type ConnackPacket, type Packet, PacketType, type PublishPacket, type Qos } from "../codec/packet.js";
import { ReasonCode } from "../codec/reason-code.js";

const KEEP_ALIVE_SECONDS = 60;
const LAST_PACKET_ID = 65_535;
const FAILURE = 0x80;

export interface MqttClientOptions {
  readonly url: string;
  readonly version: 4 | 5;
  readonly clientId: string;
  readonly cleanStart: boolean;
  readonly userName?: string | undefined;
  readonly password?: string | undefined;
  onMessage(message: PublishPacket): void;
  /** The connection is there no more, for which `why` says the reason; not called if it never was. */
  onEnd(why: string): void;
}

interface Waiting {
  resolve(packet: Packet): void;
  reject(error: Error): void;
}

/** An MQTT client by WebSocket, with the broker's own codec, for people to try things with. */
export class MqttClient {
  readonly #options: MqttClientOptions;
  readonly #socket: WebSocket;
  /** For the answer to a packet, by its identifier; 0 for the CONNACK. */
  readonly #waiting = new Map<number, Waiting>();
  /** QoS 2 messages that have come and are not released. */
  readonly #received = new Set<number>();
  #bytes = new Uint8Array(0);
  #nextId = 1;
  #ping: ReturnType<typeof setInterval> | undefined;
  #isConnected = false;
  #why = "the connection is closed";

  constructor(options: MqttClientOptions) {
    this.#options = options;
    this.#socket = new WebSocket(options.url, "mqtt");
    this.#socket.binaryType = "arraybuffer";
    this.#socket.addEventListener("message", ({ data }) => this.#take(new Uint8Array(data as ArrayBuffer)));
    this.#socket.addEventListener("close", () => this.#ended());
  }

  /** @throws Error that says why the broker does not want it, or is not reached */
  async connect(): Promise<ConnackPacket> {
    const { version, clientId, cleanStart, userName, password, url } = this.#options;
    await new Promise((resolve, reject) => {
      this.#socket.addEventListener("open", resolve);
      const why = `${url} is not reached: is the listener running, and does it take this page's origin (allowedOrigins)?`;
      this.#socket.addEventListener("close", () => reject(new Error(why)));
    });
    const answer = this.#answerTo(0);
    this.#send({
      type: PacketType.Connect,
      ...{ version, cleanStart, clientId, userName },
      keepAliveSeconds: KEEP_ALIVE_SECONDS,
      password: password === undefined ? undefined : new TextEncoder().encode(password),
      properties: {},
    });
    const connack = (await answer) as ConnackPacket;
    if (connack.reasonCode >= FAILURE) {
      this.#socket.close();
      throw new Error(`refused: ${reasonText(connack.reasonCode)}${explained(connack.properties.reasonString)}`);
    }
    this.#isConnected = true;
    this.#ping = setInterval(() => this.#send({ type: PacketType.Pingreq }), (KEEP_ALIVE_SECONDS * 1_000) / 2);
    return connack;
  }

  /** @throws Error that says why the broker does not want it */
  async subscribe(topicFilter: string, qos: Qos): Promise<void> {
    const packetId = this.#newId();
    const subscription = { topicFilter, qos, noLocal: false, retainAsPublished: true, retainHandling: 0 } as const;
    const answer = this.#answerTo(packetId);
    this.#send({ type: PacketType.Subscribe, packetId, properties: {}, subscriptions: [subscription] });
    check(await answer);
  }

  async unsubscribe(topicFilter: string): Promise<void> {
    const packetId = this.#newId();
    const answer = this.#answerTo(packetId);
    this.#send({ type: PacketType.Unsubscribe, packetId, properties: {}, topicFilters: [topicFilter] });
    check(await answer);
  }

  /** Resolves when the broker has the message; at QoS 0, when it is sent. */
  async publish(topic: string, payload: Uint8Array, qos: Qos, retain: boolean): Promise<void> {
    const packetId = qos === 0 ? 0 : this.#newId();
    const answer = qos === 0 ? undefined : this.#answerTo(packetId);
    this.#send({ type: PacketType.Publish, dup: false, qos, retain, topic, packetId, properties: {}, payload });
    if (answer === undefined) return;
    check(await answer);
    if (qos < 2) return;
    const released = this.#answerTo(packetId);
    this.#acknowledge(PacketType.Pubrel, packetId);
    check(await released);
  }

  disconnect(): void {
    this.#why = "disconnected";
    if (this.#isConnected) this.#send({ type: PacketType.Disconnect, reasonCode: ReasonCode.NormalDisconnection, properties: {} });
    this.#socket.close();
  }

  #send(packet: Packet): void {
    const bytes = encode(packet, this.#options.version);
    if (this.#socket.readyState !== WebSocket.OPEN) throw new Error("there is no connection");
    this.#socket.send(bytes as Uint8Array<ArrayBuffer>);
  }

  #acknowledge(type: AckType, packetId: number): void {
    this.#send({ type, packetId, reasonCode: ReasonCode.Success, properties: {} });
  }

  #answerTo(packetId: number): Promise<Packet> {
    return new Promise((resolve, reject) => this.#waiting.set(packetId, { resolve, reject }));
  }

  #newId(): number {
    while (this.#waiting.has(this.#nextId)) this.#nextId = (this.#nextId % LAST_PACKET_ID) + 1;
    const id = this.#nextId;
    this.#nextId = (this.#nextId % LAST_PACKET_ID) + 1;
    return id;
  }

  /** A WebSocket's messages need not be packets. */
  #take(given: Uint8Array): void {
    const bytes = new Uint8Array(this.#bytes.length + given.length);
    bytes.set(this.#bytes);
    bytes.set(given, this.#bytes.length);
    let start = 0;
    try {
      for (;;) {
        const length = packetLength(bytes, start, bytes.length);
        if (length === INCOMPLETE || start + length > bytes.length) break;
        this.#handle(decode(bytes, start, start + length, this.#options.version));
        start += length;
      }
    } catch (error) {
      this.#why = `what the broker sent cannot be read: ${(error as Error).message}`;
      this.#socket.close();
    }
    this.#bytes = bytes.slice(start);
  }

  #handle(packet: Packet): void {
    switch (packet.type) {
      case PacketType.Connack:
        this.#answer(0, packet);
        break;
      case PacketType.Publish:
        this.#receive(packet);
        break;
      case PacketType.Pubrel:
        this.#received.delete(packet.packetId);
        this.#acknowledge(PacketType.Pubcomp, packet.packetId);
        break;
      case PacketType.Disconnect:
        this.#why = `the broker ends it: ${reasonText(packet.reasonCode)}${explained(packet.properties.reasonString)}`;
        break;
      default:
        if ("packetId" in packet) this.#answer(packet.packetId, packet);
    }
  }

  #receive(message: PublishPacket): void {
    const { qos, packetId } = message;
    if (qos < 2 || !this.#received.has(packetId)) this.#options.onMessage(message);
    if (qos === 1) this.#acknowledge(PacketType.Puback, packetId);
    if (qos < 2) return;
    this.#received.add(packetId);
    this.#acknowledge(PacketType.Pubrec, packetId);
  }

  #answer(packetId: number, packet: Packet): void {
    const waiting = this.#waiting.get(packetId);
    this.#waiting.delete(packetId);
    waiting?.resolve(packet);
  }

  #ended(): void {
    clearInterval(this.#ping);
    for (const { reject } of this.#waiting.values()) reject(new Error(this.#why));
    this.#waiting.clear();
    if (this.#isConnected) this.#options.onEnd(this.#why);
    this.#isConnected = false;
  }
}

/** Of SUBACK, UNSUBACK and what acknowledges a message. */
function check(packet: Packet): void {
  const codes = "reasonCodes" in packet ? packet.reasonCodes : "reasonCode" in packet ? [packet.reasonCode] : [];
  const failure = codes.find((code) => code >= FAILURE);
  if (failure === undefined) return;
  const why =
    "reasonString" in (packet as { properties: object }).properties ? (packet as ConnackPacket).properties.reasonString : undefined;
  throw new Error(`refused: ${reasonText(failure)}${explained(why)}`);
}

function explained(reasonString: string | undefined): string {
  return reasonString === undefined ? "" : ` (${reasonString})`;
}

/** 0x87: "not authorized" */
function reasonText(code: number): string {
  const name = Object.entries(ReasonCode).find(([, value]) => value === code)?.[0];
  return name?.replaceAll(/(?<!^)[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).toLowerCase() ?? `reason code 0x${code.toString(16)}`;
}
