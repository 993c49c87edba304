import { PacketType } from "../../src/codec/packet.js";
import { Client, type Dialler } from "./client.js";
import { FrameScanner } from "./frame-scanner.js";
import { persistentConnectFrame, publishFrames } from "./frames.js";
import type { Job, Measured, StoredLoad } from "./job.js";
import { drained, overWindow } from "./window.js";

/** Messages a second that the broker acknowledges for clients that are away, and so has stored as well as it ever does. */
export async function runStored(job: Job, load: StoredLoad, dialler: Dialler): Promise<Measured> {
  const publishers: StoringPublisher[] = [];
  for (let index = 0; index < load.publishers; index++) publishers.push(await StoringPublisher.open(dialler, `s/${index}`, load.window));
  for (const publisher of publishers) publisher.send(load.window);
  const acknowledged = () => publishers.reduce((sum, publisher) => sum + publisher.acknowledged, 0);
  const { perSecond, processor } = await overWindow(job, acknowledged);
  for (const publisher of publishers) publisher.isStopped = true;
  await drained(() => publishers.reduce((sum, { sent }) => sum + sent, 0) - acknowledged());
  return { value: perSecond, details: { messagesStored: acknowledged() }, processor };
}

class StoringPublisher {
  readonly #client: Client;
  /** Frames with packet ids 1 to `window` twice, so that any run of up to `window` is contiguous. */
  readonly #frames: Uint8Array;
  readonly #frameBytes: number;
  readonly #window: number;
  isStopped = false;
  sent = 0;
  acknowledged = 0;

  private constructor(client: Client, frames: Uint8Array, window: number) {
    this.#client = client;
    this.#frames = Buffer.concat([frames, frames]);
    this.#frameBytes = frames.length / window;
    this.#window = window;
    const scanner = new FrameScanner((bytes, start) => {
      if (bytes[start]! >> 4 !== PacketType.Puback) throw new Error(`publisher received a packet of type ${bytes[start]! >> 4}`);
      this.acknowledged++;
    });
    client.receive = (bytes) => {
      scanner.scan(bytes);
      if (!this.isStopped) this.send(window - (this.sent - this.acknowledged));
    };
  }

  static async open(dialler: Dialler, topic: string, window: number): Promise<StoringPublisher> {
    const { version, credentials } = dialler;
    const away = await Client.open(dialler, persistentConnectFrame(`away-${topic}`, version, credentials));
    await away.subscribe(topic, 1);
    away.leave();
    const publisher = await Client.connect(dialler, `pub-${topic}`);
    return new StoringPublisher(publisher, publishFrames(topic, 1, window, version), window);
  }

  send(messages: number): void {
    if (messages === 0) return;
    const first = (this.sent % this.#window) * this.#frameBytes;
    this.sent += messages;
    this.#client.write(this.#frames.subarray(first, first + messages * this.#frameBytes));
  }
}
