import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { freePort } from "../../test/support/free-port.js";
import type { Child, Children } from "./children.js";
import type { MillionOptions } from "./options.js";
import { natsMemory, type Plan } from "./plan.js";

/** Brokers that start at the same time: each is busy for half a second. */
const AT_A_TIME = 4;
const START_LIMIT_MS = 120_000;
/** All brokers wait for it, and it has a machine of its own elsewhere: here it is not to wait for a turn of each of them. */
const NATS_NICENESS = -10;
/** Two cores for everything: nobody is dead who has not been heard of for a while. */
const DEAD_AFTER_SECONDS = 120;

export interface RunningBrokers {
  readonly port: number;
  readonly brokers: readonly Child[];
  readonly nats: Child | undefined;
  readonly natsVersion: string | undefined;
  stop(): Promise<void>;
}

/** nats-server on PATH, or where the tests' tools are kept. */
export function findNats(): { readonly file: string; readonly version: string } | undefined {
  const folders = [...(process.env.PATH ?? "").split(delimiter), join(homedir(), ".cache/cdktf-broker-pools/bin")];
  for (const folder of folders) {
    const file = join(folder, "nats-server");
    const found = spawnSync(file, ["--version"], { encoding: "utf8" });
    if (found.status === 0) return { file, version: found.stdout.trim() };
  }
  return undefined;
}

/** Starts nats-server, unless they are to stand alone, and all brokers; resolves when each is ready. */
export async function startBrokers(
  children: Children,
  plan: Plan,
  options: MillionOptions,
  program: readonly string[],
  say: (text: string) => void,
): Promise<RunningBrokers> {
  const folder = mkdtempSync(join(tmpdir(), "mqttd-million-"));
  const port = await freePort();
  const found = options.isStandalone ? undefined : findNats();
  const natsPort = await freePort();
  const nats = found && (await startNats(children, found.file, natsPort, folder, natsMemory(plan.connections)));
  const brokers: Child[] = [];
  for (let first = 0; first < plan.brokers; first += AT_A_TIME) {
    const addresses = plan.brokerAddresses.slice(first, first + AT_A_TIME);
    const started = addresses.map((host, index) => {
      const name = `b${first + index}`;
      const cluster = found === undefined ? [] : clusterFlags(natsPort, name);
      return children.start(name, [...program, "start", "--host", host, "--port", String(port), ...BROKER_FLAGS, ...cluster]);
    });
    await Promise.all(started.map(isReady));
    brokers.push(...started);
    say(`${brokers.length} of ${plan.brokers} brokers are ready`);
  }
  return {
    ...{ port, brokers, nats, natsVersion: found?.version },
    async stop() {
      await Promise.all(brokers.map((broker) => broker.stop(20_000)));
      await nats?.stop(10_000);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** On two cores everybody is late while all connect; that is what is measured, and no reason to turn clients away. */
const BROKER_FLAGS = [
  ...["--ws-port", "off", "--admin-port", "off", "--data-dir", "off", "--limits-loop-lag-high-ms", "off"],
  ...["--sys-interval-seconds", "5", "--shutdown-seconds", "5", "--allow-anonymous"],
];

function clusterFlags(natsPort: number, name: string): string[] {
  const flags = ["--nats", `nats://127.0.0.1:${natsPort}`, "--nats-cluster", "million", "--nats-broker-name", name];
  return [...flags, "--nats-replicas", "1", "--nats-dead-after-seconds", String(DEAD_AFTER_SECONDS)];
}

/** Go collects garbage when its heap has doubled, unless it comes near the limit: the chart of brokers' servers sets one too. */
async function startNats(children: Children, file: string, port: number, folder: string, memoryBytes: number): Promise<Child> {
  const config = join(folder, "nats.conf");
  writeFileSync(
    config,
    [`listen: "127.0.0.1:${port}"`, `jetstream { store_dir: "${join(folder, "nats")}", max_memory_store: 8GB }`, ""].join("\n"),
  );
  return children.start("nats-server", ["env", `GOMEMLIMIT=${memoryBytes}`, file, "-c", config], NATS_NICENESS);
}

function isReady(broker: Child): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`${broker.name} is not ready after ${START_LIMIT_MS / 1000} s: ${broker.lastWords}`)),
      START_LIMIT_MS,
    );
    const words: string[] = [];
    broker.onLine((line) => {
      words.push(line);
      if (!line.includes('"ready"')) return;
      clearTimeout(timer);
      broker.onLine((later) => {
        if (!later.includes('"level":"info"')) broker.said(`${later}\n`);
      });
      resolve();
    });
    void broker.exited.then(() => {
      clearTimeout(timer);
      reject(new Error(`${broker.name} ended at its start: ${broker.lastWords || words.at(-1)}`));
    });
  });
}
