import { memoryLimit } from "./memory-limit.js";

/** What the machine, the container and the runtime give this process; undefined for what they do not tell. */
export interface HostLimits {
  readonly runtime: RuntimeLimits;
  readonly openFiles: OpenFilesLimit | undefined;
  /** What the kernel cuts every listen backlog to: `net.core.somaxconn` of this network namespace. */
  readonly somaxconn: number | undefined;
  readonly memory: MemoryLimit | undefined;
}

export interface RuntimeLimits {
  readonly name: "node" | "bun";
  readonly version: string;
  /** V8's limit on its heap; undefined on Bun, whose engine has none of its own. */
  readonly heapBytes: number | undefined;
}

/** Infinity where it says `unlimited`. */
export interface OpenFilesLimit {
  /** What counts. Node and Bun raise it to `hard` when they start (seen on Node 20.20 and 24.21 and Bun 1.4.5: 1,024 became 20,000). */
  readonly soft: number;
  readonly hard: number;
}

export interface MemoryLimit {
  readonly bytes: number;
  /** "container" is a limit of a cgroup, "machine" all there is. */
  readonly from: "container" | "machine";
}

/** The text of a file, or undefined where there is none or it cannot be read. */
export type ReadText = (path: string) => string | undefined;

/** Reads the limits from `/proc` and `/sys`. */
export function readHostLimits(readText: ReadText, runtime: RuntimeLimits): HostLimits {
  return { runtime, openFiles: openFiles(readText), somaxconn: somaxconn(readText), memory: memoryLimit(readText) };
}

function openFiles(readText: ReadText): OpenFilesLimit | undefined {
  const [, soft = "", hard = ""] = /^Max open files\s+(\S+)\s+(\S+)/m.exec(readText("/proc/self/limits") ?? "") ?? [];
  const limit = (text: string) => (text === "unlimited" ? Number.POSITIVE_INFINITY : Number(text));
  return soft === "" ? undefined : { soft: limit(soft), hard: limit(hard) };
}

function somaxconn(readText: ReadText): number | undefined {
  const text = readText("/proc/sys/net/core/somaxconn");
  return text === undefined ? undefined : Number(text);
}
