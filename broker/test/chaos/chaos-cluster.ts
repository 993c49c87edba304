import { type NatsServer, startNatsCluster } from "../support/nats-server.js";
import { TcpProxy } from "../support/tcp-proxy.js";
import type { ToolContext } from "../support/tools.js";
import { ChaosBroker } from "./chaos-broker.js";

/** Silent for so long, a broker counts as dead to the others. */
export const DEAD_AFTER_SECONDS = 4;

export interface ClusterOptions {
  readonly context: ToolContext;
  /** Runs `mqttd` on a runtime. */
  readonly command: { readonly file: string; readonly args: readonly string[] };
  readonly brokers: number;
  readonly onNote: (text: string) => void;
  /** More flags of `mqttd start`. */
  readonly flags?: readonly string[];
}

/** Brokers as processes of their own, on three nats-servers that are one JetStream cluster; each broker has ways of its own to all of them. */
export class ChaosCluster {
  readonly brokers: readonly ChaosBroker[];
  readonly servers: readonly NatsServer[];

  private constructor(brokers: readonly ChaosBroker[], servers: readonly NatsServer[]) {
    this.brokers = brokers;
    this.servers = servers;
  }

  /** Resolves when all of them are up. */
  static async start(options: ClusterOptions): Promise<ChaosCluster> {
    const servers = await startNatsCluster(options.context, { isSecretive: true });
    const brokers: ChaosBroker[] = [];
    for (let index = 0; index < options.brokers; index++) {
      // Each begins with another server.
      const order = servers.map((_, at) => servers[(at + index) % servers.length]!);
      const ways = await Promise.all(order.map(({ url }) => TcpProxy.open(Number(new URL(url).port))));
      const command = { file: options.command.file, args: [...options.command.args, ...startArgs(ways, index), ...(options.flags ?? [])] };
      brokers.push(new ChaosBroker({ name: `broker ${index}`, command, ways, onNote: options.onNote }));
    }
    const cluster = new ChaosCluster(brokers, servers);
    options.context.onTestFinished(() => cluster.close());
    await Promise.all(brokers.map((broker) => broker.start()));
    return cluster;
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

function startArgs(ways: readonly TcpProxy[], index: number): readonly string[] {
  return [
    ...[
      "start",
      "--host",
      "127.0.0.1",
      "--port",
      "0",
      "--ws-port",
      "off",
      "--admin-port",
      "off",
      "--log-format",
      "json",
      "--data-dir",
      "off",
    ],
    ...["--sys-interval-seconds", "0", "--mqtt-max-queued-messages", "1000000", "--mqtt-max-queued-bytes", "1000000000"],
    ...["--nats", ways.map(({ port }) => `nats://127.0.0.1:${port}`).join(","), "--nats-broker-name", `pod-${index}`],
    ...["--nats-dead-after-seconds", String(DEAD_AFTER_SECONDS)],
  ];
}
