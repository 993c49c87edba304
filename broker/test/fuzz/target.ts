import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Broker } from "../../src/broker.js";
import { SYSTEM_CLOCK } from "../../src/clock.js";
import { configFrom } from "../../src/config/load-config.js";
import { growDescriptorTable } from "../../src/limits/descriptor-table.js";
import { openLog } from "../../src/log.js";
import { MemoryRetainedStore } from "../../src/retained/memory-retained-store.js";
import { total } from "../../src/sys/counters.js";
import { ClearableRetainedStore } from "./clearable-retained-store.js";
import type { TargetReport } from "./target-process.js";

/*
 * The broker that is attacked, a process of its own, with the settings of its first argument or else with those below. A line on standard input asks for a report, a line of JSON; "clear" deletes retained
 * messages before, "count" leaves out the garbage collection. It logs to standard error, and ends when standard input does.
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

const retained = new ClearableRetainedStore(new MemoryRetainedStore({ clock: SYSTEM_CLOCK }));
const [, , settings] = process.argv;
const config = configFrom(settings === undefined ? SETTINGS : JSON.parse(settings), (path) => readFileSync(path, "utf8"));
const log = openLog({ level: settings === undefined ? "warn" : config.log.level, format: "json", fileDescriptor: 2 });
const broker = new Broker(config, { log, retained });

function collectGarbage(): void {
  for (let i = 0; i < 2; i++) runtime.gc?.();
  runtime.Bun?.gc(true);
}

function countOpenFiles(): number {
  return readdirSync("/proc/self/fd").length;
}

/** Open files are listed for `report` alone: with thousands of connections that takes milliseconds, which all clients would wait. */
function report(openFiles: number | undefined): TargetReport {
  const { heapUsed, external, rss } = process.memoryUsage();
  const { counters } = broker;
  return {
    ports: Object.fromEntries(broker.listeners.map(({ name, address }) => [name, address.port])),
    connectionsOpen: counters.connectionsOpen,
    openFiles,
    connectionsAccepted: counters.connectionsAccepted,
    packetsReceived: total(counters.packetsReceived),
    // Bun counts what is outside of its heap as a part of it.
    heapBytes: runtime.Bun === undefined ? heapUsed + external : heapUsed,
    residentBytes: rss,
    counters: Object.fromEntries(
      Object.entries(counters).map(([name, count]) => [name, count instanceof Float64Array ? total(count) : (count as number)]),
    ),
    refused: Object.fromEntries([...counters.connectsRefused.entries()].filter(([, count]) => count > 0)),
  };
}

// As the shipped broker is, which has none: tsx would look up the source of every connection's reset.
process.setSourceMapsEnabled?.(false);
growDescriptorTable(Number.POSITIVE_INFINITY);
await broker.start();
console.log(JSON.stringify(report(countOpenFiles())));
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "clear") retained.clear();
  if (line !== "count") collectGarbage();
  console.log(JSON.stringify(report(line === "count" ? undefined : countOpenFiles())));
}
await broker.stop();
