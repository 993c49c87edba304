/*
 * A broker on journal stores, for a process of its own:
 *
 *     tsx broker/test/torture/journal-broker.ts FOLDER none|early|forgetful
 */
import { readFileSync } from "node:fs";
import { Broker } from "../../src/broker.js";
import { SYSTEM_CLOCK } from "../../src/clock.js";
import { configFrom } from "../../src/config/load-config.js";
import { openLog } from "../../src/log.js";
import { type Fault, JournalStores } from "./journal-stores.js";

const [folder, fault] = process.argv.slice(2) as [string, Fault];
const settings = {
  listeners: [{ name: "tcp", host: "127.0.0.1", port: 0, transport: "tcp" }],
  sysIntervalSeconds: 0,
  mqtt: { maxQueuedMessages: 1_000_000, maxQueuedBytes: 1_000_000_000 },
};
const config = configFrom(settings, (path) => readFileSync(path, "utf8"));
const log = openLog({ level: "info", format: "json" });
const broker = new Broker(config, { ...new JournalStores(folder, SYSTEM_CLOCK, fault), log });
await broker.start();
for (const { address } of broker.listeners) log.info({ ...address }, "listening");
log.info({}, "ready");
process.once("SIGTERM", () => broker.stop().then(() => process.exit(0)));
