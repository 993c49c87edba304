import { Client, type Dialler } from "./client.js";
import { publishFrame, publishFrames } from "./frames.js";
import type { FanOutLoad, Job, Measured } from "./job.js";
import { drained, overWindow } from "./window.js";

const TOPIC = "fan/out";

/** Deliveries a second over all subscribers. A message is through when as many deliveries have come as messages so far ask for. */
export async function runFanOut(job: Job, load: FanOutLoad, dialler: Dialler): Promise<Measured> {
  const subscribers: Client[] = [];
  for (let index = 0; index < load.subscribers; index++) {
    const subscriber = await Client.connect(dialler, `sub-${index}`);
    await subscriber.subscribe(TOPIC, 0);
    subscribers.push(subscriber);
  }
  const publisher = await Client.connect(dialler, "pub");
  const firsts = subscribers.map((subscriber) => subscriber.nextFrame());
  publisher.write(publishFrame(TOPIC, 0, 0, job.version));
  const deliveryBytes = (await Promise.all(firsts))[0]!.length;

  const frames = publishFrames(TOPIC, 0, load.window, job.version);
  const frameBytes = frames.length / load.window;
  const messageBytes = deliveryBytes * load.subscribers;
  let receivedBytes = 0;
  let sent = 0;
  let stopped = false;
  const refill = () => {
    const messages = load.window - (sent - Math.floor(receivedBytes / messageBytes));
    if (stopped || messages === 0) return;
    sent += messages;
    publisher.write(frames.subarray(0, messages * frameBytes));
  };
  for (const subscriber of subscribers) {
    subscriber.receive = (bytes) => {
      receivedBytes += bytes.length;
      refill();
    };
  }
  refill();
  const { perSecond, processor } = await overWindow(job, () => receivedBytes / deliveryBytes);
  stopped = true;
  await drained(() => sent * load.subscribers - receivedBytes / deliveryBytes);
  return { value: perSecond, details: { messagesPublished: sent }, processor };
}
