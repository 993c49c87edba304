import { performance } from "node:perf_hooks";
import { Client, type Dialler } from "./client.js";
import { FrameScanner } from "./frame-scanner.js";
import { PAYLOAD_BYTES, publishFrame } from "./frames.js";
import type { Job, Measured, PacedLoad } from "./job.js";
import { ProcessorClock } from "./processor-clock.js";
import { drained } from "./window.js";

/**
 * 99th percentile of the microseconds from when a message was due until its delivery was read. The loop spins instead of sleeping, because
 * timers of a millisecond would hide what is measured; so this process is always busy.
 */
export async function runPaced(job: Job, load: PacedLoad, dialler: Dialler): Promise<Measured> {
  const intervalMs = 1000 / load.messagesPerSecond;
  const warmUp = Math.round(job.warmUpMs / intervalMs);
  const total = warmUp + Math.round(job.windowMs / intervalMs);
  const latenciesUs = new Float64Array(total);
  let received = 0;
  let startMs = 0;

  const publishers: Client[] = [];
  const frames: Buffer[] = [];
  for (let index = 0; index < load.pairs; index++) {
    const topic = `l/${index}`;
    const subscriber = await Client.connect(dialler, `sub-${topic}`);
    await subscriber.subscribe(topic, 0);
    const publisher = await Client.connect(dialler, `pub-${topic}`);
    const frame = Buffer.from(publishFrame(topic, 0, 0, job.version));
    const first = subscriber.nextFrame();
    publisher.write(frame);
    const numberAt = (await first).length - PAYLOAD_BYTES;
    let nowMs = 0;
    const scanner = new FrameScanner((bytes, start) => {
      const at = start + numberAt;
      const message = ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
      latenciesUs[message] = (nowMs - startMs - message * intervalMs) * 1000;
      received++;
    });
    subscriber.receive = (bytes) => {
      nowMs = performance.now();
      scanner.scan(bytes);
    };
    publishers.push(publisher);
    frames.push(frame);
  }

  let clock = new ProcessorClock(job.brokerPid, job.cores);
  startMs = performance.now();
  await new Promise<void>((resolve) => {
    let next = 0;
    const sendWhatIsDue = () => {
      for (const elapsedMs = performance.now() - startMs; next < total && next * intervalMs <= elapsedMs; next++) {
        if (next === warmUp) clock = new ProcessorClock(job.brokerPid, job.cores);
        const pair = next % load.pairs;
        const frame = frames[pair]!;
        frame.writeUInt32BE(next, frame.length - PAYLOAD_BYTES);
        publishers[pair]!.write(frame);
      }
      if (next < total) setImmediate(sendWhatIsDue);
      else resolve();
    };
    sendWhatIsDue();
  });
  const processor = clock.shares();
  await drained(() => total - received);

  const sorted = latenciesUs.subarray(warmUp).sort();
  const percentile = (share: number) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!;
  return { value: percentile(0.99), details: { p50: percentile(0.5), p999: percentile(0.999), max: sorted.at(-1)! }, processor };
}
