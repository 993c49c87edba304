import { performance } from "node:perf_hooks";
import { Client } from "./client.js";
import type { Ends } from "./ends.js";
import { FrameScanner } from "./frame-scanner.js";
import { PAYLOAD_BYTES, publishFrame } from "./frames.js";

/** The number in messages of the warm-up. */
const WARM_UP = 0xffff_ffff;

/** A publisher and its subscriber, whose messages carry a number in the first four bytes of the payload. */
export class PacedPair {
  readonly #publisher: Client;
  readonly #frame: Buffer;
  /** When the message of each number was read. */
  readonly #receivedMs: Float64Array;
  /** Where a delivery has the number. */
  readonly #numberAt: number;
  #nowMs = 0;
  /** Called when the last message of the warm-up is there. */
  #warmedUp: (() => void) | undefined;
  received = 0;

  private constructor(publisher: Client, subscriber: Client, frame: Buffer, deliveryBytes: number, receivedMs: Float64Array) {
    this.#publisher = publisher;
    this.#frame = frame;
    this.#receivedMs = receivedMs;
    this.#numberAt = deliveryBytes - PAYLOAD_BYTES;
    const scanner = new FrameScanner((bytes, start) => this.#onDelivery(bytes, start + this.#numberAt));
    subscriber.receive = (bytes) => {
      this.#nowMs = performance.now();
      scanner.scan(bytes);
    };
  }

  static async open({ atSubscriber, atPublisher }: Ends, topic: string, receivedMs: Float64Array): Promise<PacedPair> {
    const subscriber = await Client.connect(atSubscriber, `sub-${topic}`);
    await subscriber.subscribe(topic, 0);
    const publisher = await Client.connect(atPublisher, `pub-${topic}`);
    const frame = Buffer.from(publishFrame(topic, 0, 0, atPublisher.version));
    const first = subscriber.nextFrame();
    publisher.write(frame);
    return new PacedPair(publisher, subscriber, frame, (await first).length, receivedMs);
  }

  send(number: number): void {
    this.#frame.writeUInt32BE(number, this.#frame.length - PAYLOAD_BYTES);
    this.#publisher.write(this.#frame);
  }

  /** Sends a message whenever one has arrived. */
  startWarmUp(): void {
    this.send(WARM_UP);
  }

  /** Resolves when nothing is on its way any more. */
  endWarmUp(): Promise<void> {
    return new Promise((resolve) => {
      this.#warmedUp = resolve;
    });
  }

  #onDelivery(bytes: Uint8Array, at: number): void {
    const number = ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
    if (number !== WARM_UP) {
      this.#receivedMs[number] = this.#nowMs;
      this.received++;
    } else if (this.#warmedUp === undefined) this.send(WARM_UP);
    else this.#warmedUp();
  }
}
