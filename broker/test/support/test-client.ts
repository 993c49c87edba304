import { createConnection, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { decode, encode } from "../../src/codec/codec.js";
import { INCOMPLETE, packetLength } from "../../src/codec/frame.js";
import {
  type ConnackPacket,
  type ConnectPacket,
  type Packet,
  PacketType,
  type ProtocolVersion,
  type PublishPacket,
  type SubackPacket,
  type SubscribeProperties,
} from "../../src/codec/packet.js";
import { connectPacket, type Filter, type PublishFields, publishPacket, subscribePacket, textOf } from "./test-client-packets.js";

/** How long anything that has to come may take before the test fails; long, because machines that run tests are busy. */
const DEADLINE_MS = 15_000;

/** The member of `Packet` that a type stands for; some stand for one member together. */
type PacketOf<T extends PacketType> = Packet extends infer P
  ? P extends { readonly type: infer U }
    ? T extends U
      ? P
      : never
    : never
  : never;

interface Waiter {
  readonly resolve: (frame: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A client that does nothing by itself: it acknowledges nothing, pings nobody and accepts whatever comes. It speaks raw bytes
 * and packets over TCP, and goes away when the test is over.
 */
export class TestClient {
  readonly version: ProtocolVersion;
  /** Settles when the connection is closed, whoever closed it. */
  readonly closed: Promise<void>;

  readonly #socket: Socket;
  readonly #frames: Uint8Array[] = [];
  readonly #waiters: Waiter[] = [];
  #bytes = Buffer.alloc(0);
  #isClosed = false;
  #connack: ConnackPacket | undefined;

  private constructor(socket: Socket, version: ProtocolVersion) {
    this.#socket = socket;
    this.version = version;
    socket.on("data", (chunk) => this.#take(chunk));
    socket.on("error", () => {}); // a reset is one of the ways to be closed
    this.closed = new Promise((resolve) => {
      socket.on("close", () => {
        this.#isClosed = true;
        for (const waiter of this.#waiters.splice(0)) waiter.reject(this.#ended());
        resolve();
      });
    });
  }

  /** Opens a connection and sends nothing. */
  static async open(port: number, version: ProtocolVersion = 5): Promise<TestClient> {
    const socket = createConnection({ port, host: "127.0.0.1", noDelay: true });
    const client = new TestClient(socket, version);
    onTestFinished(() => client.destroy());
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return client;
  }

  /** Opens a connection, sends CONNECT and takes the CONNACK, which has to accept. */
  static async connect(port: number, fields: Partial<ConnectPacket> = {}): Promise<TestClient> {
    const version = fields.version ?? 5;
    const client = await TestClient.open(port, version);
    client.send(connectPacket(version, fields));
    client.#connack = await client.receive(PacketType.Connack);
    if (client.#connack.reasonCode !== 0) throw new Error(`refused with 0x${client.#connack.reasonCode.toString(16)}`);
    return client;
  }

  /** What accepted the connection. */
  get connack(): ConnackPacket {
    if (this.#connack === undefined) throw new Error("no CONNACK was taken by connect()");
    return this.#connack;
  }

  /** Sends packets in one write. */
  send(...packets: readonly Packet[]): void {
    this.sendBytes(Buffer.concat(packets.map((packet) => encode(packet, this.version))));
  }

  sendBytes(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** The next packet. It has to be of the type, if one is given. */
  async receive(): Promise<Packet>;
  async receive<T extends PacketType>(type: T): Promise<PacketOf<T>>;
  async receive(type?: PacketType): Promise<Packet> {
    const frame = await this.receiveFrame();
    const packet = decode(frame, 0, frame.length, this.version);
    if (type !== undefined && packet.type !== type) {
      throw new Error(`expected packet type ${type}, received ${JSON.stringify(packet)}`);
    }
    return packet;
  }

  /** The bytes of the next packet, for what a decoder does not show. */
  async receiveFrame(): Promise<Uint8Array> {
    const frame = this.#frames.shift();
    if (frame !== undefined) return frame;
    if (this.#isClosed) throw this.#ended();
    return within(new Promise((resolve, reject) => this.#waiters.push({ resolve, reject })), "no packet came");
  }

  /** The next PUBLISH packets. */
  async receiveMessages(count: number): Promise<PublishPacket[]> {
    const messages: PublishPacket[] = [];
    while (messages.length < count) messages.push(await this.receive(PacketType.Publish));
    return messages;
  }

  /** Payloads of the next PUBLISH packets, as text. */
  async receiveTexts(count: number): Promise<string[]> {
    return (await this.receiveMessages(count)).map(({ payload }) => textOf(payload));
  }

  /** Nothing has been sent to this client: the answer to a ping is the next packet. */
  async expectNothing(): Promise<void> {
    this.send({ type: PacketType.Pingreq });
    await this.receive(PacketType.Pingresp);
  }

  /** The server closes the connection and sends nothing before it does. */
  async expectClosed(): Promise<void> {
    await within(this.closed, "the connection is still open");
    const frame = this.#frames.shift();
    if (frame !== undefined) throw new Error(`expected the end, received ${Buffer.from(frame).toString("hex")}`);
  }

  /** The server sends DISCONNECT with this code, nothing before or after it, and closes. Before 5.0 it closes without a word. */
  async expectDisconnect(reasonCode: number): Promise<void> {
    if (this.version === 5) {
      const disconnect = await this.receive(PacketType.Disconnect);
      if (disconnect.reasonCode !== reasonCode) throw new Error(`expected 0x${reasonCode.toString(16)}, got ${JSON.stringify(disconnect)}`);
    }
    await this.expectClosed();
  }

  /** Subscribes, with packet identifier 1, and takes the SUBACK. */
  async subscribe(filters: readonly Filter[], properties: SubscribeProperties = {}): Promise<SubackPacket> {
    this.send(subscribePacket(filters, 1, properties));
    return this.receive(PacketType.Suback);
  }

  publish(topic: string, fields: PublishFields = {}): void {
    this.send(publishPacket(topic, fields));
  }

  /** Closes as an application does that forgets to say goodbye. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Reads no more, so that what the server sends piles up. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  #take(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    let start = 0;
    for (;;) {
      const length = packetLength(this.#bytes, start, this.#bytes.length);
      if (length === INCOMPLETE || start + length > this.#bytes.length) break;
      this.#deliver(this.#bytes.subarray(start, start + length));
      start += length;
    }
    this.#bytes = this.#bytes.subarray(start);
  }

  #deliver(frame: Uint8Array): void {
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#frames.push(frame);
    else waiter.resolve(frame);
  }

  #ended(): Error {
    return new Error("the connection is closed");
  }
}

/** What `promise` gives, or an error when it takes too long. */
async function within<T>(promise: Promise<T>, complaint: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${complaint} within ${DEADLINE_MS} ms`)), DEADLINE_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
