import { createConnection, type Socket } from "node:net";
import { decode, encode } from "../../src/codec/codec.js";
import { INCOMPLETE, packetLength } from "../../src/codec/frame.js";
import { type Packet, PacketType, type ProtocolVersion, type PublishPacket, type Qos, type Will } from "../../src/codec/packet.js";
import { ack, connectPacket, publishPacket, subscribePacket, textOf, unsubscribePacket } from "../support/test-client-packets.js";

const { Publish, Puback, Pubrec, Pubrel, Pubcomp, Connack, Suback, Unsuback, Pingreq, Pingresp, Disconnect } = PacketType;

export interface TortureClientOptions {
  readonly clientId: string;
  readonly version: ProtocolVersion;
  /** 0 for a session that ends with its connection. In 3.x, anything else is for ever. */
  readonly expirySeconds: number;
}

/** What happens to a client. Everything is told when the broker has said it, never before. */
export interface ClientEvents {
  onConnected?(sessionPresent: boolean): void;
  onDisconnected?(): void;
  onMessage?(id: string, qos: Qos, packet: PublishPacket): void;
  /** A message goes out once more, with DUP. */
  onSentAgain?(id: string): void;
  onAcked?(id: string): void;
  onRefused?(id: string): void;
  onSubscribed?(filter: string, reasonCode: number): void;
  onUnsubscribed?(filter: string): void;
  onPong?(): void;
}

interface Outgoing {
  readonly id: string;
  readonly packet: PublishPacket;
  isReleased: boolean;
}

/**
 * A client that keeps to the standard whatever happens to its broker: what it has not had acknowledged it sends again, with DUP, when it is
 * back, QoS 2 where it stopped; and it knows which messages it has had. It never connects by itself.
 */
export class TortureClient {
  readonly clientId: string;
  /** What the session is on this side: messages on their way, in the order of their first sending; QoS 2 identifiers taken and not released. */
  readonly outgoing = new Map<number, Outgoing>();
  readonly incoming = new Set<number>();
  /** In 5.0: it takes one message at a time, and the next so much later; what comes meanwhile waits at the broker. */
  paceMs = 0;
  readonly #options: TortureClientOptions;
  readonly #events: ClientEvents;
  readonly #pending = new Map<number, { readonly filter: string; readonly isSubscribe: boolean }>();
  #socket: Socket | undefined;
  #bytes: Buffer = Buffer.alloc(0);
  #isConnected = false;
  #heardAtMs = 0;
  #nextId = 1;

  constructor(options: TortureClientOptions, events: ClientEvents) {
    this.clientId = options.clientId;
    this.#options = options;
    this.#events = events;
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  get isIdle(): boolean {
    return this.#socket === undefined;
  }

  /** Whether it waits for nothing from the broker. */
  get isSettled(): boolean {
    return this.outgoing.size === 0 && this.#pending.size === 0;
  }

  /** How long the broker has said nothing, whether it had to or not. */
  get silentMs(): number {
    return performance.now() - this.#heardAtMs;
  }

  connect(port: number, { cleanStart = false, will }: { readonly cleanStart?: boolean; readonly will?: Will | undefined } = {}): void {
    const { version, expirySeconds, clientId } = this.#options;
    const socket = createConnection({ port, host: "127.0.0.1", noDelay: true });
    this.#socket = socket;
    this.#heardAtMs = performance.now();
    this.#bytes = Buffer.alloc(0);
    socket.on("error", () => {}); // the end tells
    socket.on("data", (chunk) => this.#socket === socket && this.#take(chunk));
    socket.on("close", () => this.#socket === socket && this.#closed());
    const properties = version === 5 ? { sessionExpiryIntervalSeconds: expirySeconds, ...(this.paceMs > 0 && { receiveMaximum: 1 }) } : {};
    const isClean = cleanStart || expirySeconds === 0;
    this.#send({ ...connectPacket(version, { clientId, cleanStart: isClean, properties }), ...(will && { will }) });
  }

  /** Goes without a word. */
  drop(): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    this.#closed();
    socket.destroy();
  }

  disconnect(): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    if (this.#isConnected) this.#send({ type: Disconnect, reasonCode: 0, properties: {} });
    this.#closed();
    socket.end();
  }

  ping(): void {
    this.#send({ type: Pingreq });
  }

  /** Publishes `id` and padding. At QoS 1 and 2 it is kept until the broker has it; the caller minds the window. */
  publish(id: string, topic: string, qos: Qos, retain: boolean, payload: string): void {
    const packetId = qos === 0 ? 0 : this.#freeId();
    const packet = publishPacket(topic, { qos, retain, packetId, payload });
    if (qos > 0) this.outgoing.set(packetId, { id, packet, isReleased: false });
    if (this.#isConnected) this.#send(packet);
  }

  subscribe(filter: string, qos: Qos): void {
    const packetId = this.#freeId();
    this.#pending.set(packetId, { filter, isSubscribe: true });
    this.#send(subscribePacket([{ topicFilter: filter, qos }], packetId));
  }

  unsubscribe(filter: string): void {
    const packetId = this.#freeId();
    this.#pending.set(packetId, { filter, isSubscribe: false });
    this.#send(unsubscribePacket([filter], packetId));
  }

  #freeId(): number {
    do this.#nextId = this.#nextId === 65_535 ? 1 : this.#nextId + 1;
    while (this.outgoing.has(this.#nextId) || this.#pending.has(this.#nextId));
    return this.#nextId;
  }

  #send(packet: Packet): void {
    this.#socket?.write(encode(packet, this.#options.version));
  }

  #closed(): void {
    this.#socket = undefined;
    this.#isConnected = false;
    this.#pending.clear(); // who asked asks again
    this.#events.onDisconnected?.();
  }

  #take(chunk: Buffer): void {
    this.#heardAtMs = performance.now();
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    let start = 0;
    for (;;) {
      const length = packetLength(this.#bytes, start, this.#bytes.length);
      if (length === INCOMPLETE || start + length > this.#bytes.length) break;
      this.#handle(decode(this.#bytes, start, start + length, this.#options.version));
      start += length;
      if (this.#socket === undefined) return;
    }
    this.#bytes = this.#bytes.subarray(start);
  }

  #handle(packet: Packet): void {
    switch (packet.type) {
      case Connack:
        // 3.1 does not tell; a session that is not clean is taken to be there.
        if (packet.reasonCode === 0) this.#welcomed(packet.sessionPresent || this.#options.version === 3);
        return;
      case Publish:
        this.#received(packet);
        return;
      case Puback:
        this.#settle(packet.packetId, packet.reasonCode);
        return;
      case Pubrec:
        this.#taken(packet.packetId, packet.reasonCode);
        return;
      case Pubrel:
        this.incoming.delete(packet.packetId);
        this.#send(ack(Pubcomp, packet.packetId));
        return;
      case Pubcomp:
        this.outgoing.delete(packet.packetId);
        return;
      case Suback:
      case Unsuback:
        this.#answered(packet.packetId, packet.reasonCodes?.[0] ?? 0);
        return;
      case Disconnect:
        this.drop();
        return;
      case Pingresp:
        this.#events.onPong?.();
        return;
    }
    throw new Error(`a broker must not send ${JSON.stringify(packet)}`);
  }

  /** [MQTT-4.4.0-1]. A session that has gone takes its messages with it [MQTT-4.1.0-2]. */
  #welcomed(sessionPresent: boolean): void {
    this.#isConnected = true;
    if (!sessionPresent) {
      this.outgoing.clear();
      this.incoming.clear();
    }
    for (const [packetId, { id, packet, isReleased }] of this.outgoing) {
      this.#send(isReleased ? ack(Pubrel, packetId) : { ...packet, dup: true });
      if (!isReleased) this.#events.onSentAgain?.(id);
    }
    this.#events.onConnected?.(sessionPresent);
  }

  #received(packet: PublishPacket): void {
    const { packetId, qos } = packet;
    const isNew = qos !== 2 || !this.incoming.has(packetId);
    if (isNew) {
      this.#events.onMessage?.(textOf(packet.payload).split(" ")[0]!, qos, packet);
      this.#rest();
    }
    if (qos === 1) this.#send(ack(Puback, packetId));
    if (qos !== 2) return;
    this.incoming.add(packetId);
    this.#send(ack(Pubrec, packetId));
  }

  #rest(): void {
    const socket = this.#socket;
    if (this.paceMs === 0) return;
    socket?.pause();
    setTimeout(() => socket?.resume(), this.paceMs);
  }

  #settle(packetId: number, reasonCode: number): void {
    const outgoing = this.outgoing.get(packetId);
    if (outgoing === undefined) return;
    this.outgoing.delete(packetId);
    if (reasonCode < 0x80) this.#events.onAcked?.(outgoing.id);
    else this.#events.onRefused?.(outgoing.id);
  }

  #taken(packetId: number, reasonCode: number): void {
    const outgoing = this.outgoing.get(packetId);
    if (outgoing === undefined || reasonCode >= 0x80) {
      this.#settle(packetId, reasonCode);
      return;
    }
    outgoing.isReleased = true;
    this.#events.onAcked?.(outgoing.id);
    this.#send(ack(Pubrel, packetId));
  }

  #answered(packetId: number, reasonCode: number): void {
    const asked = this.#pending.get(packetId);
    if (asked === undefined) return;
    this.#pending.delete(packetId);
    if (asked.isSubscribe) this.#events.onSubscribed?.(asked.filter, reasonCode);
    else this.#events.onUnsubscribed?.(asked.filter);
  }
}
