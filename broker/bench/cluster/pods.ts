import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { type NatsServer, startNatsServer } from "../../test/support/nats-server.js";
import type { ToolContext } from "../../test/support/tools.js";
import { MqttdChild, startArgs } from "../../test/torture/mqttd-child.js";
import type { Cores } from "../pinned-process.js";

const MQTTD = join(import.meta.dirname, "../../dist/mqttd.js");
/** A loaded machine is no reason to take a broker for dead. */
const DEAD_AFTER_SECONDS = 60;

/** Where brokers and their NATS server run. */
export interface Site {
  readonly runtime: string;
  readonly cores: Cores | undefined;
  /** Ends what was started. */
  readonly cleanings: (() => unknown)[];
  readonly signal: AbortSignal;
}

export interface Pod {
  readonly port: number;
  readonly pid: number;
  /** From the start of the process until it took clients. */
  readonly startMs: number;
  stop(): Promise<void>;
}

/** One NATS server, on the generator's core. Routing uses no stream; what is stored is stored once. */
export async function startNats({ cores, cleanings }: Site): Promise<NatsServer> {
  const context: ToolContext = {
    task: { name: "bench:cluster" },
    skip: (reason) => {
      throw new TypeError(reason);
    },
    onTestFinished: (clean) => void cleanings.push(clean),
  };
  const server = await startNatsServer(context, { config: "max_payload: 8MB" });
  pin(server.pid, cores?.generator);
  return server;
}

/** A broker on its core, with others if there is a NATS server. */
export async function startPod(site: Site, server: NatsServer | undefined, flags: readonly string[] = []): Promise<Pod> {
  site.signal.throwIfAborted();
  const joined =
    server === undefined ? [] : ["--nats", server.url, "--nats-replicas", "1", "--nats-dead-after-seconds", `${DEAD_AFTER_SECONDS}`];
  const startedMs = performance.now();
  const pin = site.cores === undefined ? [] : ["taskset", "-c", String(site.cores.broker)];
  const [file, ...args] = [...pin, site.runtime, MQTTD, ...startArgs(), ...joined, ...flags] as [string, ...string[]];
  const child = new MqttdChild(file, args);
  site.cleanings.push(() => child.kill());
  const ready = await child.ready();
  if (typeof ready !== "number") throw new Error(`a broker did not start: ${ready.output}`);
  const stop = async () => {
    await child.stop();
  };
  return { port: ready, pid: child.pid, startMs: performance.now() - startedMs, stop };
}

function pin(pid: number, core: number | undefined): void {
  if (core !== undefined) spawnSync("taskset", ["-a", "-c", "-p", String(core), String(pid)]);
}
