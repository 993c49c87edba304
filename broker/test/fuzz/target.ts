import { readdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { Broker } from "../../src/broker.js";
import { SYSTEM_CLOCK } from "../../src/clock.js";
import { configFrom } from "../../src/config/load-config.js";
import { openLog } from "../../src/log.js";
import { MemoryRetainedStore } from "../../src/retained/memory-retained-store.js";
import { total } from "../../src/sys/counters.js";
import { ClearableRetainedStore } from "./clearable-retained-store.js";
import type { TargetReport } from "./target-process.js";

/*
 * The broker that is attacked, a process of its own. A line on standard input asks for a report, a line of JSON; "clear" deletes retained
 * messages before. It logs to standard error, and ends when standard input does.
 */

const LISTENER = { host: "127.0.0.1", port: 0 };
const SETTINGS = {
  listeners: [
    { ...LISTENER, name: "tcp", transport: "tcp" },
    { ...LISTENER, name: "ws", transport: "ws" },
    { ...LISTENER, name: "proxy", transport: "tcp", proxyProtocol: true, proxyProtocolTimeoutSeconds: 1 },
  ],
  // Short times, so that what attackers leave behind is gone soon.
  mqtt: { connectTimeoutSeconds: 1, maxSessionExpirySeconds: 1 },
  sysIntervalSeconds: 1,
  shutdownSeconds: 2,
};

const runtime = globalThis as { readonly Bun?: { gc(force: boolean): void }; readonly gc?: () => void };

const log = openLog({ level: "warn", format: "json", fileDescriptor: 2 });
const retained = new ClearableRetainedStore(new MemoryRetainedStore({ clock: SYSTEM_CLOCK }));
const config = configFrom(SETTINGS, () => "");
const broker = new Broker(config, { log, retained });

function report(): TargetReport {
  for (let i = 0; i < 2; i++) runtime.gc?.();
  runtime.Bun?.gc(true);
  const { heapUsed, external, rss } = process.memoryUsage();
  const { counters } = broker;
  return {
    ports: Object.fromEntries(broker.listeners.map(({ name, address }) => [name, address.port])),
    connectionsOpen: counters.connectionsOpen,
    openFiles: readdirSync("/proc/self/fd").length,
    connectionsAccepted: counters.connectionsAccepted,
    packetsReceived: total(counters.packetsReceived),
    // Bun counts what is outside of its heap as a part of it.
    heapBytes: runtime.Bun === undefined ? heapUsed + external : heapUsed,
    residentBytes: rss,
  };
}

await broker.start();
console.log(JSON.stringify(report()));
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "clear") retained.clear();
  console.log(JSON.stringify(report()));
}
await broker.stop();
