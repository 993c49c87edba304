/*
 * What operators cost MQTT clients: the 99th percentile of a message's way while all clients are listed by the admin API, again and again,
 * beside what it is without, in turns within one run on one broker: now the one first, now the other. Pages are as long as `mqttd ctl` asks for.
 *
 *     npm run bench:admin -- [--runtime node|bun|PATH] [--clients 18000] [--rate 50000] [--rounds 5] [--seconds 5]
 *         [--page 1000] [--pause 0 | --watchers 30]
 *
 * Ends with 1 if the median of the differences is more than the budget.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { setPriority, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { findRuntimes, typeScript } from "../contenders.js";
import type { Job, Outcome } from "../generator/job.js";
import { coresToPin, PinnedProcess } from "../pinned-process.js";

/** How much later messages may come while operators look at all clients. */
const BUDGET_MICROSECONDS = 2_000;
const HOST = "127.0.0.1";
const PAIRS = 100;
const WARM_UP_MS = 2_000;
const START_LIMIT_MS = 15_000;
const CONNECT_LIMIT_MS = 60_000;
const LOWEST_PRIORITY = 19;
const LISTER_START_MS = 1_000;

const HERE = dirname(fileURLToPath(import.meta.url));
const MQTTD = join(HERE, "../../dist/mqttd.js");

const { values } = parseArgs({
  options: {
    runtime: { type: "string", default: "node" },
    clients: { type: "string", default: "18000" },
    rate: { type: "string", default: "50000" },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "5" },
    page: { type: "string", default: "1000" },
    pause: { type: "string", default: "0" },
    watchers: { type: "string", default: "0" },
    port: { type: "string", default: "21883" },
    "admin-port": { type: "string", default: "28083" },
  },
});
const [clients, rate, rounds, seconds] = [values.clients, values.rate, values.rounds, values.seconds].map(Number) as [
  number,
  number,
  number,
  number,
];
/** Dashboards that are open, in place of lists. */
const isWatching = Number(values.watchers) > 0;
const what = isWatching ? `with ${values.watchers} dashboards open` : "while listing";
const { node, bun } = findRuntimes();
const runtime = values.runtime === "node" ? node : values.runtime === "bun" ? bun : values.runtime;
if (runtime === undefined) throw new Error("the npm package 'bun' has no binary for this machine");

const cores = coresToPin();
const folder = mkdtempSync(join(tmpdir(), "mqtt-bench-admin-"));
const ending = new AbortController();
const { signal } = ending;
const url = `http://${HOST}:${values["admin-port"]}`;
const running: PinnedProcess[] = [];

try {
  const flags = ["--host", HOST, "--port", values.port, "--ws-port", "off", "--admin-port", values["admin-port"], "--data-dir", "off"];
  const broker = begin({ file: runtime, args: [MQTTD, "start", ...flags, "--log-level", "warn"] }, cores?.broker);
  await broker.accepts(HOST, Number(values.port), START_LIMIT_MS);
  begin(
    { file: node, args: [MQTTD, "bench", "conn", "-h", HOST, "-p", values.port, "-c", String(clients), "-R", "4000"] },
    cores?.generator,
  );
  await connected(clients);
  console.log(`${clients} clients, ${rate} messages/s of QoS 0 over ${PAIRS} pairs, windows of ${seconds} s; ${runtime}`);
  console.log("microseconds, the 99th percentile of each second and of those the median:");

  await measure(broker.pid); // code is compiled, and pools are filled
  const differences: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    let quiet = round % 2 === 0 ? undefined : await measure(broker.pid);
    const { value: listing, pages } = await whileListing(() => measure(broker.pid));
    quiet ??= await measure(broker.pid);
    differences.push(listing - quiet);
    const lists = pages.filter(({ isLast }) => isLast).length;
    const pageMs = Math.round(median(pages.map(({ milliseconds }) => milliseconds)));
    const asked = isWatching ? `${pages.length} events` : `${pages.length} pages, ${lists} whole lists, ${pageMs} ms a page`;
    console.log(`round ${round}: ${shown(quiet)} without, ${shown(listing)} ${what}; ${asked}`);
  }
  const difference = median(differences);
  const isKept = difference < BUDGET_MICROSECONDS;
  console.log(`${what}: ${shown(difference)} longer (median of ${rounds} rounds): ${isKept ? "within" : "beyond"} ${BUDGET_MICROSECONDS}`);
  process.exitCode = isKept ? 0 : 1;
} finally {
  for (const one of running) await one.kill();
  ending.abort();
  rmSync(folder, { recursive: true, force: true });
}

interface ListedPage {
  readonly milliseconds: number;
  readonly isLast: boolean;
}

/** Does something while another process lists clients, or follows the numbers, with what the generator leaves of its core: it must not hold up the reading of messages. */
async function whileListing(work: () => Promise<number>): Promise<{ readonly value: number; readonly pages: readonly ListedPage[] }> {
  const { file, args } = typeScript(node, join(HERE, isWatching ? "watcher.ts" : "lister.ts"));
  const order = isWatching ? [values.watchers] : [values.page, values.pause];
  const lister = begin({ file, args: [...args, url, ...order] }, cores?.generator);
  setPriority(lister.pid, LOWEST_PRIORITY);
  await sleep(LISTER_START_MS);
  const value = await work();
  if (!lister.isRunning) throw new Error(`${what}: it could not be done: ${lister.lastWords}`);
  await lister.kill();
  // The last line may not have been written whole.
  const pages = (await lister.output(1_000)).split("\n").slice(0, -1);
  if (pages.length === 0) throw new Error("nothing was answered: nothing was measured");
  return { value, pages: pages.map((line) => JSON.parse(line) as ListedPage) };
}

function begin(command: { file: string; args: readonly string[] }, core: number | undefined): PinnedProcess {
  const started = new PinnedProcess(command, { core, folder, signal });
  running.push(started);
  return started;
}

async function measure(brokerPid: number): Promise<number> {
  const job: Job = {
    target: { host: HOST, port: Number(values.port) },
    version: 4,
    brokerPid,
    cores: cores === undefined ? [] : [cores.broker, cores.generator],
    warmUpMs: WARM_UP_MS,
    windowMs: seconds * 1_000,
    load: { kind: "paced", pairs: PAIRS, messagesPerSecond: rate },
  };
  const { file, args } = typeScript(node, join(HERE, "../generator/main.ts"));
  const generator = begin({ file, args: [...args, JSON.stringify(job)] }, cores?.generator);
  const text = await generator.output(WARM_UP_MS + seconds * 1_000 + 40_000);
  const outcome = JSON.parse(text || `{"failure":${JSON.stringify(generator.lastWords)}}`) as Outcome;
  if ("failure" in outcome) throw new Error(outcome.failure);
  return outcome.value;
}

async function connected(count: number): Promise<void> {
  const deadline = Date.now() + CONNECT_LIMIT_MS;
  for (;;) {
    const { connections } = (await (await fetch(`${url}/api/v1/broker`)).json()) as { connections: number };
    if (connections >= count) return;
    if (Date.now() > deadline) throw new Error(`${connections} of ${count} clients have connected`);
    await sleep(200);
  }
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

function shown(microseconds: number): string {
  return `${Math.round(microseconds)}`;
}
