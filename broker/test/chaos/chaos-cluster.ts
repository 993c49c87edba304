import { type NatsServer, startNatsCluster } from "../support/nats-server.js";
import { TcpProxy } from "../support/tcp-proxy.js";
import type { ToolContext } from "../support/tools.js";
import { losslessArgs } from "../torture/mqttd-child.js";
import { ChaosBroker, type Command } from "./chaos-broker.js";

/** Silent for so long, a broker counts as dead to the others. */
export const DEAD_AFTER_SECONDS = 4;

export interface ClusterOptions {
  readonly context: ToolContext;
  /** Runs `mqttd` on a runtime. */
  readonly command: Command;
  readonly brokers: number;
  readonly onNote: (text: string) => void;
  /** More flags of `mqttd start`. */
  readonly flags?: readonly string[];
}

/** Brokers as processes of their own, on three nats-servers that are one JetStream cluster; each broker has ways of its own to all of them. */
export class ChaosCluster {
  readonly brokers: ChaosBroker[] = [];
  readonly servers: readonly NatsServer[];
  readonly #options: ClusterOptions;

  private constructor(servers: readonly NatsServer[], options: ClusterOptions) {
    this.servers = servers;
    this.#options = options;
  }

  /** Resolves when all of them are up. */
  static async start(options: ClusterOptions): Promise<ChaosCluster> {
    const cluster = new ChaosCluster(await startNatsCluster(options.context, { isSecretive: true }), options);
    options.context.onTestFinished(() => cluster.close());
    await Promise.all(Array.from({ length: options.brokers }, () => cluster.add()));
    return cluster;
  }

  /** One more broker; resolves when it is up. */
  async add(): Promise<void> {
    const { command, flags = [], onNote } = this.#options;
    const index = this.brokers.length;
    const ways: TcpProxy[] = [];
    const broker = new ChaosBroker({ name: `broker ${index}`, ways, onNote });
    this.brokers.push(broker);
    // Each begins with another server.
    for (let at = 0; at < this.servers.length; at++) {
      const { url } = this.servers[(at + index) % this.servers.length]!;
      ways.push(await TcpProxy.open(Number(new URL(url).port)));
    }
    await broker.start({ file: command.file, args: [...command.args, ...joiningArgs(ways, index), ...flags] });
  }

  /** Ports of the brokers that run. */
  get ports(): readonly number[] {
    return this.brokers.flatMap(({ port }) => (port === undefined ? [] : [port]));
  }

  stoodStillUntilMs(port: number): number {
    return this.brokers.find((broker) => broker.port === port)?.stoodStillUntilMs ?? 0;
  }

  async close(): Promise<void> {
    await Promise.all(this.brokers.map((broker) => broker.close()));
  }
}

function joiningArgs(ways: readonly TcpProxy[], index: number): readonly string[] {
  return [
    ...losslessArgs(),
    ...["--nats", ways.map(({ port }) => `nats://127.0.0.1:${port}`).join(","), "--nats-broker-name", `pod-${index}`],
    ...["--nats-dead-after-seconds", String(DEAD_AFTER_SECONDS)],
  ];
}
