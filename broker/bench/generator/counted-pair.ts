import { Client } from "./client.js";
import type { Ends } from "./ends.js";
import { publishFrame, publishFrames } from "./frames.js";
import type { Pair } from "./pairs.js";

/** QoS 0: all deliveries of a pair have one size, so that counting bytes counts messages. */
export class CountedPair implements Pair {
  readonly #publisher: Client;
  readonly #frames: Uint8Array;
  readonly #sentFrameBytes: number;
  readonly #receivedFrameBytes: number;
  readonly #window: number;
  #bytes = 0;
  #stopped = false;
  sent = 0;
  delivered = 0;

  private constructor(publisher: Client, subscriber: Client, frames: Uint8Array, window: number, receivedFrameBytes: number) {
    this.#publisher = publisher;
    this.#frames = frames;
    this.#sentFrameBytes = frames.length / window;
    this.#receivedFrameBytes = receivedFrameBytes;
    this.#window = window;
    subscriber.receive = (bytes) => this.#onBytes(bytes.length);
  }

  static async open({ atSubscriber, atPublisher }: Ends, topic: string, window: number, payloadBytes?: number): Promise<CountedPair> {
    const subscriber = await Client.connect(atSubscriber, `sub-${topic}`);
    await subscriber.subscribe(topic, 0);
    const publisher = await Client.connect(atPublisher, `pub-${topic}`);
    const first = subscriber.nextFrame();
    publisher.write(publishFrame(topic, 0, 0, atPublisher.version, payloadBytes));
    const frames = publishFrames(topic, 0, window, atPublisher.version, payloadBytes);
    return new CountedPair(publisher, subscriber, frames, window, (await first).length);
  }

  start(): void {
    this.#send(this.#window);
  }

  stop(): void {
    this.#stopped = true;
  }

  #onBytes(length: number): void {
    const bytes = this.#bytes + length;
    const messages = Math.floor(bytes / this.#receivedFrameBytes);
    this.#bytes = bytes - messages * this.#receivedFrameBytes;
    this.delivered += messages;
    if (messages > 0 && !this.#stopped) this.#send(messages);
  }

  #send(messages: number): void {
    this.sent += messages;
    this.#publisher.write(this.#frames.subarray(0, messages * this.#sentFrameBytes));
  }
}
