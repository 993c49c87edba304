import { nativeNetwork } from "../../src/bench/wire.js";
import { decode } from "../../src/codec/codec.js";
import { PacketType } from "../../src/codec/packet.js";
import { Client } from "../generator/client.js";
import { FrameScanner } from "../generator/frame-scanner.js";
import { connectFrame, subscribeFrame } from "../generator/frames.js";

const TOPIC = "$SYS/broker/clients/connected";

/** Asks every broker how many clients it has, through `$SYS`, as one more client of each, who is in the numbers. */
export class BrokerCounts {
  /** By broker, as told last; undefined before the first. */
  readonly counts: (number | undefined)[];
  readonly #clients: Client[] = [];
  #changed = () => {};

  private constructor(brokers: number) {
    this.counts = new Array(brokers).fill(undefined);
  }

  static async open(hosts: readonly string[], port: number): Promise<BrokerCounts> {
    const told = new BrokerCounts(hosts.length);
    const network = await nativeNetwork();
    for (const [index, host] of hosts.entries()) {
      const onDeath = () => {
        told.counts[index] = undefined;
      };
      const dialler = { network, target: { host, port }, version: 4, onDeath } as const;
      const client = await Client.open(dialler, connectFrame(`count-${index}`, 4));
      const scanner = new FrameScanner((bytes, start) => told.#onFrame(index, bytes, start));
      // What it asks for may come before SUBACK does.
      client.receive = (bytes) => scanner.scan(bytes);
      client.write(subscribeFrame(TOPIC, 0, 4));
      told.#clients.push(client);
    }
    return told;
  }

  /** Of all brokers, without those who ask. */
  get total(): number {
    return this.counts.reduce<number>((sum, count) => sum + (count ?? 1) - 1, 0);
  }

  /** Resolves when the total is that, or with false after a time. */
  async reaches(total: number, limitMs: number): Promise<boolean> {
    const deadline = Date.now() + limitMs;
    while (this.total !== total || this.counts.includes(undefined)) {
      const leftMs = deadline - Date.now();
      if (leftMs <= 0) return false;
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([
        new Promise<void>((resolve) => {
          this.#changed = resolve;
        }),
        new Promise<void>((resolve) => {
          timer = setTimeout(resolve, leftMs);
        }),
      ]);
      clearTimeout(timer);
    }
    return true;
  }

  close(): void {
    for (const client of this.#clients) client.leave();
  }

  #onFrame(index: number, bytes: Uint8Array, start: number): void {
    const packet = decode(bytes, start, start + 2 + bytes[start + 1]!, 4);
    if (packet.type !== PacketType.Publish) return;
    this.counts[index] = Number(Buffer.from(packet.payload).toString());
    this.#changed();
  }
}
