import { PacketType, type Qos } from "../../src/codec/packet.js";
import { Client } from "./client.js";
import type { Ends } from "./ends.js";
import { FrameScanner } from "./frame-scanner.js";
import { publishFrames } from "./frames.js";
import type { PairsLoad } from "./job.js";
import type { Pair } from "./pairs.js";

const ACK_BYTES = 4;
/** Where PUBLISH has the length of its topic. */
const TOPIC_LENGTH_AT = 2;
const FIRST_BYTE = { puback: 0x40, pubrec: 0x50, pubrel: 0x62, pubcomp: 0x70 } as const;

/**
 * QoS 1 and 2. A message is on its way until the broker has completed it with the publisher and the subscriber has it, so that the
 * window bounds what the broker has to hold. All acknowledgements that one read asks for leave in one write.
 */
export class AckedPair implements Pair {
  readonly #publisher: Client;
  readonly #subscriber: Client;
  readonly #qos: Qos;
  readonly #window: number;
  /** Frames with packet ids 1 to `window` twice, so that any run of up to `window` is contiguous. */
  readonly #frames: Uint8Array;
  readonly #frameBytes: number;
  readonly #publisherScanner = new FrameScanner((bytes, start) => this.#onPublisherFrame(bytes, start));
  readonly #subscriberScanner = new FrameScanner((bytes, start) => this.#onSubscriberFrame(bytes, start));
  /** What leaves in one write. */
  readonly #out: Uint8Array;
  #outEnd = 0;
  #completed = 0;
  #stopped = false;
  sent = 0;
  delivered = 0;

  private constructor(publisher: Client, subscriber: Client, frames: Uint8Array, qos: Qos, window: number) {
    this.#publisher = publisher;
    this.#subscriber = subscriber;
    this.#qos = qos;
    this.#window = window;
    this.#frames = Buffer.concat([frames, frames]);
    this.#frameBytes = frames.length / window;
    // A read brings at most a PUBLISH and a PUBREL of each message on its way.
    this.#out = new Uint8Array(window * (2 * ACK_BYTES + this.#frameBytes));
    publisher.receive = (bytes) => {
      this.#publisherScanner.scan(bytes);
      this.#refill();
    };
    subscriber.receive = (bytes) => {
      this.#subscriberScanner.scan(bytes);
      this.#flush(this.#subscriber);
      this.#refill();
    };
  }

  static async open({ atSubscriber, atPublisher }: Ends, topic: string, { qos, window, isShared }: PairsLoad): Promise<AckedPair> {
    const subscriber = await Client.connect(atSubscriber, `sub-${topic}`);
    await subscriber.subscribe(isShared ? `$share/g/${topic}` : topic, qos);
    const publisher = await Client.connect(atPublisher, `pub-${topic}`);
    return new AckedPair(publisher, subscriber, publishFrames(topic, qos, window, atPublisher.version), qos, window);
  }

  start(): void {
    this.#refill();
  }

  stop(): void {
    this.#stopped = true;
  }

  #onSubscriberFrame(bytes: Uint8Array, start: number): void {
    const type = bytes[start]! >> 4;
    if (type === PacketType.Publish) {
      this.delivered++;
      const topicAt = start + TOPIC_LENGTH_AT;
      const idAt = topicAt + 2 + ((bytes[topicAt]! << 8) | bytes[topicAt + 1]!);
      this.#acknowledge(this.#qos === 1 ? FIRST_BYTE.puback : FIRST_BYTE.pubrec, bytes, idAt);
    } else if (type === PacketType.Pubrel) {
      this.#acknowledge(FIRST_BYTE.pubcomp, bytes, start + 2);
    } else throw new Error(`subscriber received a packet of type ${type}`);
  }

  #onPublisherFrame(bytes: Uint8Array, start: number): void {
    const type = bytes[start]! >> 4;
    if (type === PacketType.Puback || type === PacketType.Pubcomp) this.#completed++;
    else if (type === PacketType.Pubrec) this.#acknowledge(FIRST_BYTE.pubrel, bytes, start + 2);
    else throw new Error(`publisher received a packet of type ${type}`);
  }

  #acknowledge(firstByte: number, bytes: Uint8Array, idAt: number): void {
    const at = this.#outEnd;
    this.#out[at] = firstByte;
    this.#out[at + 1] = 2;
    this.#out[at + 2] = bytes[idAt]!;
    this.#out[at + 3] = bytes[idAt + 1]!;
    this.#outEnd = at + ACK_BYTES;
  }

  /** Sends what the publisher has to acknowledge, and the messages for which there is room. */
  #refill(): void {
    const messages = this.#stopped ? 0 : this.#window - (this.sent - Math.min(this.#completed, this.delivered));
    if (messages > 0) {
      const first = (this.sent % this.#window) * this.#frameBytes;
      const frames = this.#frames.subarray(first, first + messages * this.#frameBytes);
      this.sent += messages;
      if (this.#outEnd === 0) {
        this.#publisher.write(frames);
        return;
      }
      this.#out.set(frames, this.#outEnd);
      this.#outEnd += frames.length;
    }
    this.#flush(this.#publisher);
  }

  #flush(client: Client): void {
    if (this.#outEnd === 0) return;
    client.write(this.#out.subarray(0, this.#outEnd));
    this.#outEnd = 0;
  }
}
