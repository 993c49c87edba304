import { Command, InvalidArgumentError, Option } from "commander";
import type { Cloud } from "../sizing/machine-types";
import { type SizingOptions, sizing } from "../sizing/sizing";
import { sizingText } from "../sizing/sizing-text";
import type { Workload } from "../sizing/workload";

interface Flags extends Omit<Workload, "payloadBytes" | "keepAliveSeconds" | "subscriptionsPerClient"> {
  readonly payload?: number;
  readonly keepAlive?: number;
  readonly subscriptions?: number;
  readonly cloud?: readonly Cloud[];
  readonly arch?: "amd64" | "arm64";
  readonly utilisation?: number;
  readonly maxPerPod?: number;
  readonly reconnect?: number;
  readonly zones?: number;
  readonly json?: true;
}

/** `broker-pools size`: pods, nodes and settings for a workload. */
export function sizeCommand(print: (text: string) => void): Command {
  return new Command("size")
    .description("how many pods and nodes a workload needs, and of which machine types")
    .addOption(number("--connections <number>", "clients connected at once").makeOptionMandatory())
    .addOption(number("--publish-rate <number>", "messages all clients publish in a second (default: one a minute each)"))
    .addOption(number("--payload <bytes>", "bytes of a message (default: 256)"))
    .addOption(number("--qos <0|1|2>", "quality of service (default: 1)"))
    .addOption(number("--fan-out <number>", "clients that get each message (default: 1)"))
    .addOption(number("--subscriptions <number>", "topic filters of each client (default: 1)"))
    .addOption(number("--keep-alive <seconds>", "how often an idle client says that it is there (default: 60)"))
    .addOption(new Option("--tls <where>", "where TLS ends (default: lb)").choices(["none", "lb", "broker"]))
    .addOption(new Option("--runtime <runtime>", "what the broker runs on (default: bun)").choices(["bun", "node"]))
    .addOption(new Option("--cloud <cloud...>", "only these clouds").choices(["eks", "aks", "gke"]))
    .addOption(new Option("--arch <architecture>", "only these machines").choices(["amd64", "arm64"]))
    .addOption(number("--utilisation <share>", "of its core that a pod may use with a node missing (default: 0.5)"))
    .addOption(number("--max-per-pod <number>", "most clients of a pod (default: 100000)"))
    .addOption(number("--reconnect <seconds>", "in which the clients of a lost node are back (default: 60)"))
    .addOption(number("--zones <number>", "availability zones (default: 3)"))
    .option("--json", "everything as JSON, props of pools and releases included")
    .action((flags: Flags) => {
      const result = sizing(workloadOf(flags), optionsOf(flags));
      print(flags.json ? JSON.stringify(result, withPlainProfiles, 2) : sizingText(result));
    });
}

function workloadOf({ connections, publishRate, payload, qos, fanOut, subscriptions, keepAlive, tls, runtime }: Flags): Workload {
  const renamed = { payloadBytes: payload, subscriptionsPerClient: subscriptions, keepAliveSeconds: keepAlive };
  return { connections, publishRate, qos, fanOut, tls, runtime, ...renamed };
}

function optionsOf({ cloud, arch, utilisation, maxPerPod, reconnect, zones }: Flags): SizingOptions {
  return { clouds: cloud, architecture: arch, utilisation, maxConnectionsPerPod: maxPerPod, reconnectSeconds: reconnect, zones };
}

function number(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text: string) => {
    const parsed = Number(text.replaceAll(/[_,]/g, ""));
    if (text.trim() === "" || Number.isNaN(parsed)) throw new InvalidArgumentError("Write a number.");
    return parsed;
  });
}

/** A profile by its name and values. */
function withPlainProfiles(key: string, value: unknown): unknown {
  if (key !== "profile") return value;
  const { name, openFiles, entries } = value as { name: string; openFiles: unknown; entries: readonly { name: string; value: string }[] };
  return { name, openFiles, sysctls: Object.fromEntries(entries.map((entry) => [entry.name, entry.value])) };
}
