/**
 * What the store alone takes: acknowledged messages a second, each owed to one offline session, 64 bytes of payload.
 *
 *     npx tsx broker/bench/store.ts            and with Bun, or another Node and --import tsx
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { SYSTEM_CLOCK } from "../src/clock.js";
import { openLog } from "../src/log.js";
import { type Message, NEVER } from "../src/message.js";
import { DurableStore } from "../src/persistence/durable-store.js";
import { Delivery } from "../src/session/delivery.js";

export interface StoreRate {
  /** Messages that publishers wait for at a time. */
  readonly window: number;
  readonly messagesPerSecond: number;
  readonly groupsPerSecond: number;
  /** Of the time, how much the main thread was busy, in percent; and the processor time of all threads. */
  readonly busyPercent: number;
  readonly processorPercent: number;
  /** Bytes on disk for a message. */
  readonly bytesPerMessage: number;
}

/**
 * Measures a store in a new folder below `folder`, which has to be on the disk in question. Each message is removed again once it is
 * acknowledged and `backlog` others are behind it.
 */
export async function measureStore(folder: string, window: number, milliseconds: number, backlog = 100_000): Promise<StoreRate> {
  const directory = mkdtempSync(join(folder, "store-"));
  const store = new DurableStore({ directory, log: openLog({ level: "silent", format: "json" }), clock: SYSTEM_CLOCK });
  await store.open();
  const queue: Delivery[] = [];
  let [acknowledged, busyMs, head] = [0, 0, 0];
  const processor = process.cpuUsage();
  const start = performance.now();
  while (performance.now() - start < milliseconds) {
    const before = performance.now();
    for (let i = 0; i < window; i++) {
      const delivery = new Delivery(acknowledged + i + 1, messageOf(acknowledged + i), 1, false, undefined, undefined);
      store.messages.add("offline", delivery);
      queue.push(delivery);
      if (queue.length - head > backlog) store.messages.remove("offline", queue[head++]!);
    }
    const commit = store.messages.commit();
    busyMs += performance.now() - before;
    await commit;
    acknowledged += window;
  }
  const elapsedMs = performance.now() - start;
  const { user, system } = process.cpuUsage(processor);
  const { groupsWritten, bytesWritten } = store.journal;
  await store.close();
  rmSync(directory, { recursive: true });
  return {
    window,
    messagesPerSecond: (acknowledged / elapsedMs) * 1_000,
    groupsPerSecond: (groupsWritten / elapsedMs) * 1_000,
    busyPercent: (busyMs / elapsedMs) * 100,
    processorPercent: (user + system) / 10 / elapsedMs,
    bytesPerMessage: bytesWritten / acknowledged,
  };
}

/** How long a start on a store with so many messages takes, in milliseconds; and how large the store is on disk. */
export async function measureStart(folder: string, messages: number): Promise<{ readonly milliseconds: number; readonly bytes: number }> {
  const directory = mkdtempSync(join(folder, "store-"));
  const options = { directory, log: openLog({ level: "silent", format: "json" }), clock: SYSTEM_CLOCK };
  const first = new DurableStore(options);
  await first.open();
  for (let i = 0; i < messages; i++) {
    first.messages.add("offline", new Delivery(i + 1, messageOf(i), 1, false, undefined, undefined));
    if (i % 10_000 === 0) await first.messages.commit();
  }
  await first.close();
  const start = performance.now();
  const second = new DurableStore(options);
  await second.open();
  const milliseconds = performance.now() - start;
  await second.close();
  const bytes = readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
  rmSync(directory, { recursive: true });
  return { milliseconds, bytes };
}

function messageOf(number: number): Message {
  const payload = Buffer.alloc(64, number & 0xff);
  return { topic: "bench/topic", payload, qos: 1, retain: false, properties: {}, expiresAtMs: NEVER, publisher: "publisher" };
}

async function main(): Promise<void> {
  const folder = resolve(process.argv[2] ?? ".");
  const runtime = "Bun" in globalThis ? `Bun ${process.versions.bun}` : `Node ${process.versions.node}`;
  console.log(
    `${runtime}, ${folder}\n\n| window | msg/s | groups/s | main thread, encoding | processor | bytes a message |\n|---|---|---|---|---|---|`,
  );
  for (const window of [1, 20, 100, 400, 2_000]) {
    const rate = await measureStore(folder, window, 2_000);
    const cells = [rate.messagesPerSecond, rate.groupsPerSecond].map((value) => Math.round(value).toLocaleString("en"));
    const shares = [rate.busyPercent, rate.processorPercent].map((value) => `${value.toFixed(0)} %`);
    console.log(`| ${[window, ...cells, ...shares, rate.bytesPerMessage.toFixed(0)].join(" | ")} |`);
  }
  const { milliseconds, bytes } = await measureStart(folder, 500_000);
  console.log(`\nstart on 500,000 messages: ${milliseconds.toFixed(0)} ms, ${(bytes / 2 ** 20).toFixed(0)} MiB on disk`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main();
