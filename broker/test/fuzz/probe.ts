import { randomBytes } from "node:crypto";
import { PacketType } from "../../src/codec/packet.js";
import { PacketSocket } from "./packet-socket.js";

const PREFIX = "$SYS/broker/";
/** What clients leave behind in a broker, by the names under `$SYS/broker/`. */
const NAMES = [
  "clients/total",
  "clients/connected",
  "subscriptions/count",
  "shared_subscriptions/count",
  "retained messages/count",
  "store/messages/count",
] as const;

/** A client that reads in `$SYS` what the broker holds. */
export class Probe {
  readonly #values = new Map<string, string>();
  #socket!: PacketSocket;

  static async start(port: number): Promise<Probe> {
    const probe = new Probe();
    probe.#socket = await PacketSocket.connect(port, 5, `probe-${randomBytes(8).toString("hex")}`, {
      onPacket: (packet) => {
        if (packet.type === PacketType.Publish) probe.#values.set(packet.topic, Buffer.from(packet.payload).toString());
      },
      onClose: () => probe.#values.clear(),
    });
    const options = { qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const;
    const subscriptions = NAMES.map((name) => ({ topicFilter: PREFIX + name, ...options }));
    probe.#socket.send({ type: PacketType.Subscribe, packetId: 1, properties: {}, subscriptions });
    return probe;
  }

  /** As far as the broker has told yet. */
  get holdings(): string {
    return NAMES.map((name) => `${name} ${this.#values.get(PREFIX + name)}`).join(", ");
  }

  get isComplete(): boolean {
    return this.#values.size === NAMES.length;
  }

  end(): void {
    this.#socket.destroy();
  }
}
