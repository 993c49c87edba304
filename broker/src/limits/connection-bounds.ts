import type { Config } from "../config/config.js";
import { type ConnectionMemory, connectionMemory } from "./connection-memory.js";
import type { HostLimits } from "./host-limits.js";

/** What keeps the number of connections down. */
export interface ConnectionBound {
  readonly by: "open files" | "memory" | "heap" | "maxConnections";
  /** Idle connections that it leaves room for. */
  readonly connections: number;
  /** What to do for more. */
  readonly remedy: string;
}

/** How many connections there is room for, and why no more. */
export interface ConnectionBounds {
  /** Each bound that is known, the tightest first. */
  readonly bounds: readonly ConnectionBound[];
  /** What the estimate of memory is made with. */
  readonly perConnection: ConnectionMemory;
}

/**
 * Descriptors that are no connections: standard streams, the event loop's own, files that are read. `mqttd start` at rest has 22 on
 * Node 20, 25 on Node 24 and 10 on Bun.
 */
export const RESERVED_FILES = 64;

/**
 * Memory that is no connection's: `mqttd start` at rest takes 55 MB on Bun 1.4.5, 60 on Node 20.20 and 71 on Node 24.21; the rest is for
 * messages on their way.
 */
const RESERVED_BYTES = 160 * 1_048_576;

/** Part of the heap that connections may fill: the collector runs ever more often as the rest shrinks. */
const HEAP_SHARE = 0.75;

/** Every bound on the number of connections. */
export function connectionBounds(host: HostLimits, config: Pick<Config, "listeners" | "maxConnections">): ConnectionBounds {
  // The costliest that may come: which listener clients choose is not known.
  const carrier = config.listeners.some(({ tls }) => tls !== undefined) ? "tls" : "plain";
  const perConnection = connectionMemory(host.runtime.name, carrier);
  const bounds = [
    openFilesBound(host, config.listeners.length),
    memoryBound(host, perConnection),
    heapBound(host, perConnection),
    settingBound(config),
  ].filter((bound) => bound !== undefined);
  return { bounds: bounds.sort((one, other) => one.connections - other.connections), perConnection };
}

function openFilesBound({ openFiles }: HostLimits, listeners: number): ConnectionBound | undefined {
  if (!openFiles) return undefined;
  return {
    by: "open files",
    connections: room(openFiles.soft - RESERVED_FILES - listeners),
    remedy:
      "raise the hard limit on open files: ulimit -Hn in the shell, LimitNOFILE= in a systemd unit, --ulimit nofile= in Docker, " +
      "LimitNOFILE= of containerd for Kubernetes",
  };
}

function memoryBound({ memory }: HostLimits, { totalBytes }: ConnectionMemory): ConnectionBound | undefined {
  if (!memory) return undefined;
  const remedy = memory.from === "container" ? "raise the container's memory limit" : "use a machine with more memory, or several brokers";
  return { by: "memory", connections: room((memory.bytes - RESERVED_BYTES) / totalBytes), remedy };
}

function heapBound({ runtime }: HostLimits, { processBytes }: ConnectionMemory): ConnectionBound | undefined {
  if (runtime.heapBytes === undefined) return undefined;
  const connections = room((runtime.heapBytes * HEAP_SHARE) / processBytes);
  return { by: "heap", connections, remedy: "raise V8's heap limit with NODE_OPTIONS=--max-old-space-size=<MiB>, or run on Bun" };
}

/** The limit over all listeners, or the sum of theirs if that is less. */
function settingBound({ listeners, maxConnections }: Pick<Config, "listeners" | "maxConnections">): ConnectionBound | undefined {
  const sum = listeners.reduce((total, listener) => total + listener.maxConnections, 0);
  const connections = Math.min(maxConnections, sum);
  return connections === Number.POSITIVE_INFINITY ? undefined : { by: "maxConnections", connections, remedy: "raise maxConnections" };
}

function room(connections: number): number {
  return Math.max(0, Math.floor(connections));
}
