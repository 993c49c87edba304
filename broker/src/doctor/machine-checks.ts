import type { Config } from "../config/config.js";
import { cgroupLimit } from "../limits/cgroup-limit.js";
import { type ConnectionBound, connectionBounds } from "../limits/connection-bounds.js";
import type { HostLimits, ReadText } from "../limits/host-limits.js";
import type { Check } from "./check.js";
import { readSysctl } from "./read-sysctl.js";

/**
 * Threads of the runtime: `mqttd start` at rest has 11 on Node 20, 7 on Node 24 and 6 on Bun 1.4.5, on 2 cores. The rest is for more cores,
 * passwords being checked, and probes.
 */
const LEAST_TASKS = 32;

/** Names of the bounds, as checks. */
const BOUND_NAMES: Readonly<Record<ConnectionBound["by"], string | undefined>> = {
  "open files": "open-files",
  memory: "memory",
  heap: "heap",
  maxConnections: undefined,
};

export interface MachineTarget {
  readonly config: Pick<Config, "listeners" | "maxConnections">;
  /** Connections that this broker is to hold. */
  readonly connections: number;
  /** Whether somebody said how many; else it is a guess. */
  readonly isGiven: boolean;
}

/** What machine, container and runtime give, against what the settings ask for. */
export function machineChecks(host: HostLimits, readText: ReadText, target: MachineTarget): Check[] {
  return [...boundChecks(host, target), tasksCheck(readText), ...backlogChecks(host, target)];
}

/** Keys of the node that the number of connections asks for, where there is no plan that knows better. */
export function nodeChecks(readText: ReadText, { connections }: MachineTarget): Check[] {
  const wanted: readonly (readonly [key: string, value: number, why: string])[] = [
    ["fs.file-max", connections, "every connection is an open file"],
    ["fs.nr_open", connections, "it bounds the open files of a process"],
    ["net.netfilter.nf_conntrack_max", connections, "every connection is tracked"],
  ];
  return wanted.flatMap(([name, least, why]): Check[] => {
    const effective = readSysctl(name, readText);
    if (effective === undefined) return [];
    const base = { name, need: "advised", wanted: String(least), effective } as const;
    if (Number(effective) >= least) return [{ ...base, verdict: "ok" }];
    return [
      { ...base, verdict: "short", detail: `${why}, and there are to be ${least}`, remedy: `on the node: sysctl -w ${name}=${least}` },
    ];
  });
}

function boundChecks(host: HostLimits, { config, connections, isGiven }: MachineTarget): Check[] {
  return connectionBounds(host, config).bounds.flatMap(({ by, connections: room, remedy }): Check[] => {
    const name = BOUND_NAMES[by];
    if (name === undefined) return [];
    // Open files end it for certain; the others are estimates on the safe side.
    const need = by === "open files" && isGiven ? "required" : "advised";
    const base = { name, need, wanted: `${connections} connections`, effective: `${room} connections` } as const;
    if (room >= connections) return [{ ...base, verdict: "ok", detail: measure(by, host) }];
    return [{ ...base, verdict: "short", detail: `${measure(by, host)} leaves room for ${room} of ${connections} connections`, remedy }];
  });
}

function measure(by: ConnectionBound["by"], { openFiles, memory, runtime }: HostLimits): string {
  if (by === "open files") return `the limit of ${openFiles?.soft} open files`;
  if (by === "memory") return `${mebibytes(memory!.bytes)} of memory of the ${memory!.from}`;
  return `a heap of ${mebibytes(runtime.heapBytes!)}`;
}

function tasksCheck(readText: ReadText): Check {
  const limit = cgroupLimit(readText, { controller: "pids", v2: "pids.max", v1: "pids.max" });
  const effective = Number.isFinite(limit) ? String(limit) : "unlimited";
  const base = { name: "pids", need: "advised", wanted: String(LEAST_TASKS), effective } as const;
  if (limit >= LEAST_TASKS) return { ...base, verdict: "ok" };
  const detail = `the container may have ${limit} processes and threads, the runtime may need ${LEAST_TASKS}`;
  return {
    ...base,
    verdict: "short",
    detail,
    remedy: `raise pids.max of its cgroup to ${LEAST_TASKS}: podPidsLimit of the kubelet, --pids-limit of Docker`,
  };
}

function backlogChecks({ somaxconn }: HostLimits, { config }: MachineTarget): Check[] {
  return config.listeners.map(({ name, backlog }): Check => {
    const base = {
      name: `backlog ${name}`,
      need: "advised",
      wanted: String(backlog),
      effective: somaxconn === undefined ? undefined : String(somaxconn),
    } as const;
    if (somaxconn === undefined) return { ...base, verdict: "unseen", detail: "net.core.somaxconn cannot be read" };
    if (somaxconn >= backlog) return { ...base, verdict: "ok" };
    const remedy = `raise net.core.somaxconn of this network namespace to ${backlog} (in Kubernetes: securityContext.sysctls of the pod), or set backlog to ${somaxconn}`;
    return { ...base, verdict: "short", detail: `net.core.somaxconn cuts the listener's backlog to ${somaxconn}`, remedy };
  });
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1_048_576)} MiB`;
}
