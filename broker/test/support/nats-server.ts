import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.js";
import { requireTool, type ToolContext } from "./tools.js";

const INSTALL = "go install github.com/nats-io/nats-server/v2@v2.15.2";

export interface NatsServerOptions {
  /** @default true */
  readonly jetStream?: boolean;
  /** Lines of its configuration besides: authorization, tls, limits. */
  readonly config?: string;
  /** Tells clients of no other server of the cluster. @default false */
  readonly isSecretive?: boolean;
  /** Lines of its section jetstream: `max_file_store: 1MB`. */
  readonly jetStreamConfig?: string;
}

/** A real nats-server, which is killed and whose files are removed when the test is over. */
export async function startNatsServer(context: ToolContext, options: NatsServerOptions = {}): Promise<NatsServer> {
  const [server] = await servers(context, 1, options);
  await server!.start();
  return server!;
}

/** Three of them, or another number, as one JetStream cluster with a leader. */
export async function startNatsCluster(context: ToolContext, options: NatsServerOptions = {}, size = 3): Promise<readonly NatsServer[]> {
  const cluster = await servers(context, size, options);
  await Promise.all(cluster.map((server) => server.start()));
  return cluster;
}

/** One nats-server process, on the same ports and with the same files at every start. */
export class NatsServer {
  readonly url: string;
  readonly #program: string;
  readonly #configFile: string;
  readonly #monitoring: string;
  #child: ChildProcess | undefined;
  #output = "";

  constructor(program: string, configFile: string, ports: Ports) {
    this.#program = program;
    this.#configFile = configFile;
    this.url = `nats://127.0.0.1:${ports.client}`;
    this.#monitoring = `http://127.0.0.1:${ports.monitoring}`;
  }

  /** Runs it; resolves when it is healthy, JetStream with its leader included. */
  async start(): Promise<void> {
    this.launch();
    await this.healthy();
  }

  /** Runs it, healthy or not. */
  launch(): void {
    this.#output = "";
    const child = spawn(this.#program, ["-c", this.#configFile], { stdio: ["ignore", "ignore", "pipe"] });
    child.stderr.on("data", (text) => {
      this.#output = (this.#output + text).slice(-10_000);
    });
    this.#child = child;
  }

  async healthy(): Promise<void> {
    while (!(await this.#isHealthy())) {
      if (this.#child === undefined || this.#child.exitCode !== null) throw new Error(`nats-server has ended: ${this.#output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Of its process; 0 while it does not run. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Orderly, as SIGTERM does. */
  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Stops it where it is, with its connections open: what a partition looks like. */
  freeze(): void {
    this.#child?.kill("SIGSTOP");
  }

  thaw(): void {
    this.#child?.kill("SIGCONT");
  }

  /** What its monitoring says: "jsz", "connz", "varz". */
  async monitor(page: string): Promise<Record<string, unknown>> {
    return (await (await fetch(`${this.#monitoring}/${page}`)).json()) as Record<string, unknown>;
  }

  async #end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, "close");
    child.kill(signal);
    if (signal === "SIGTERM") child.kill("SIGCONT");
    await closed;
  }

  async #isHealthy(): Promise<boolean> {
    try {
      return (await fetch(`${this.#monitoring}/healthz`)).ok;
    } catch {
      return false; // not listening yet
    }
  }
}

interface Ports {
  readonly client: number;
  readonly monitoring: number;
  readonly routes: number;
}

async function servers(context: ToolContext, size: number, options: NatsServerOptions): Promise<NatsServer[]> {
  const program = requireTool(context, "nats-server", INSTALL);
  const folder = mkdtempSync(join(tmpdir(), "mqttd-nats-"));
  const ports: Ports[] = [];
  for (let index = 0; index < size; index++) {
    ports.push({ client: await freePort(), monitoring: await freePort(), routes: await freePort() });
  }
  const made = ports.map((own, index) => {
    const file = join(folder, `${index}.conf`);
    writeFileSync(file, configuration(`s${index}`, join(folder, `${index}`), own, size > 1 ? ports : [], options));
    return new NatsServer(program, file, own);
  });
  context.onTestFinished(async () => {
    await Promise.all(made.map((server) => server.kill()));
    rmSync(folder, { recursive: true, force: true });
  });
  return made;
}

function configuration(name: string, store: string, own: Ports, cluster: readonly Ports[], options: NatsServerOptions): string {
  const { jetStream = true, config = "", jetStreamConfig = "", isSecretive = false } = options;
  const routes = cluster.map((peer) => `"nats-route://127.0.0.1:${peer.routes}"`);
  return [
    `server_name: ${name}`,
    `listen: "127.0.0.1:${own.client}"`,
    `http: "127.0.0.1:${own.monitoring}"`,
    jetStream ? `jetstream { store_dir: "${store}"\n${jetStreamConfig}\n}` : "",
    routes.length > 0
      ? `cluster { name: test, listen: "127.0.0.1:${own.routes}", no_advertise: ${isSecretive}, routes: [${routes.join(", ")}] }`
      : "",
    config,
  ].join("\n");
}
