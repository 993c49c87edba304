import { randomBytes } from "node:crypto";
import { type AckType, type Packet, PacketType, type ProtocolVersion, type PublishPacket, type Qos } from "../../src/codec/packet.js";
import { PacketSocket } from "./packet-socket.js";

/** Messages on their way at most. */
const WINDOW = 16;
const PAYLOAD_BYTES = 64;

/**
 * Two clients that behave, one that publishes numbered messages and one that gets them, on a topic nobody guesses. They tell `problem` when
 * a message is lost, comes twice or out of order, or when one of them is disconnected.
 */
export class Witness {
  readonly #name: string;
  readonly #topic: string;
  readonly #qos: Qos;
  readonly #problem: (text: string) => void;
  readonly #acknowledging = new Set<number>();
  readonly #waiting: (() => void)[] = [];
  #publisher!: PacketSocket;
  #subscriber!: PacketSocket;
  #sent = 0;
  #received = 0;
  #packetId = 0;
  #hasEnded = false;

  private constructor(version: ProtocolVersion, qos: Qos, problem: (text: string) => void) {
    this.#name = `witness of version ${version} at QoS ${qos}`;
    this.#topic = `witness-${randomBytes(16).toString("hex")}/q`;
    this.#qos = qos;
    this.#problem = problem;
  }

  static async start(port: number, version: ProtocolVersion, qos: Qos, problem: (text: string) => void): Promise<Witness> {
    const witness = new Witness(version, qos, problem);
    const client = (role: string, onPacket: (packet: Packet) => void) =>
      PacketSocket.connect(port, version, `witness-${randomBytes(8).toString("hex")}`, {
        onPacket,
        onClose: () => witness.#closed(role),
      });
    witness.#publisher = await client("publisher", (packet) => witness.#atPublisher(packet));
    let subscribed = () => {};
    const suback = new Promise<void>((resolve) => {
      subscribed = resolve;
    });
    witness.#subscriber = await client("subscriber", (packet) =>
      packet.type === PacketType.Suback ? subscribed() : witness.#atSubscriber(packet),
    );
    const options = { noLocal: false, retainAsPublished: false, retainHandling: 0 } as const;
    const subscriptions = [{ topicFilter: witness.#topic, qos, ...options }];
    witness.#subscriber.send({ type: PacketType.Subscribe, packetId: 1, properties: {}, subscriptions });
    await suback;
    return witness;
  }

  /** Messages that have come. */
  get received(): number {
    return this.#received;
  }

  /** Publishes up to `count` messages more, fewer if many are on their way. */
  publish(count: number): void {
    for (let i = 0; i < count && !this.#hasEnded; i++) {
      if (this.#sent - this.#received >= WINDOW || this.#acknowledging.size >= WINDOW) return;
      const packetId = this.#qos === 0 ? 0 : this.#nextPacketId();
      const payload = Buffer.alloc(PAYLOAD_BYTES);
      payload.writeDoubleBE(this.#sent++);
      if (packetId > 0) this.#acknowledging.add(packetId);
      this.#publisher.send({
        type: PacketType.Publish,
        dup: false,
        qos: this.#qos,
        retain: false,
        topic: this.#topic,
        packetId,
        properties: {},
        payload,
      });
    }
  }

  /** Resolves once everything that was published has come and is acknowledged, or never will, since a client was disconnected. */
  drained(): Promise<void> {
    if (this.#isDrained) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  toString(): string {
    return `${this.#name}: ${this.#sent} sent, ${this.#received} received, ${this.#acknowledging.size} unacknowledged`;
  }

  end(): void {
    this.#hasEnded = true;
    this.#publisher.destroy();
    this.#subscriber.destroy();
  }

  get #isDrained(): boolean {
    return this.#hasEnded || (this.#received >= this.#sent && this.#acknowledging.size === 0);
  }

  #atPublisher(packet: Packet): void {
    if (packet.type === PacketType.Pubrec) {
      this.#publisher.send(ack(PacketType.Pubrel, packet.packetId));
      return;
    }
    const isLast = packet.type === (this.#qos === 1 ? PacketType.Puback : PacketType.Pubcomp);
    if (isLast && this.#acknowledging.delete((packet as { packetId: number }).packetId)) this.#progress();
    else this.#problem(`${this.#name}: its publisher was sent ${JSON.stringify(packet)}`);
  }

  #atSubscriber(packet: Packet): void {
    if (packet.type === PacketType.Publish) this.#take(packet);
    else if (packet.type === PacketType.Pubrel) this.#subscriber.send(ack(PacketType.Pubcomp, packet.packetId));
    else this.#problem(`${this.#name}: its subscriber was sent ${JSON.stringify(packet)}`);
  }

  #take({ topic, qos, dup, packetId, payload }: PublishPacket): void {
    const number = Buffer.from(payload).readDoubleBE();
    if (topic !== this.#topic || qos !== this.#qos || dup || payload.length !== PAYLOAD_BYTES || number !== this.#received) {
      this.#problem(`${this.#name}: expected message ${this.#received}, got ${number} (topic ${topic}, QoS ${qos}, dup ${dup})`);
    }
    this.#received = number + 1;
    if (qos === 1) this.#subscriber.send(ack(PacketType.Puback, packetId));
    if (qos === 2) this.#subscriber.send(ack(PacketType.Pubrec, packetId));
    this.#progress();
  }

  #progress(): void {
    if (this.#isDrained) for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #closed(role: string): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#problem(`${this.#name}: its ${role} was disconnected`);
    this.#progress();
  }

  #nextPacketId(): number {
    do this.#packetId = (this.#packetId % 65_535) + 1;
    while (this.#acknowledging.has(this.#packetId));
    return this.#packetId;
  }
}

function ack(type: AckType, packetId: number): Packet {
  return { type, packetId, reasonCode: 0, properties: {} };
}
