import type { MemoryLimit, ReadText } from "./host-limits.js";

/** The least of what the machine has and what the cgroups around this process allow. */
export function memoryLimit(readText: ReadText): MemoryLimit | undefined {
  const [, kibibytes] = /^MemTotal:\s+(\d+) kB$/m.exec(readText("/proc/meminfo") ?? "") ?? [];
  const machine = kibibytes === undefined ? Number.POSITIVE_INFINITY : Number(kibibytes) * 1_024;
  const container = Math.min(...cgroupFiles(readText).map((file) => bytes(readText(file))));
  if (container < machine) return { bytes: container, from: "container" };
  return machine === Number.POSITIVE_INFINITY ? undefined : { bytes: machine, from: "machine" };
}

/** Where a limit may stand: in the process's own group and in every group around it, under cgroup v2 or v1. */
function cgroupFiles(readText: ReadText): string[] {
  const lines = (readText("/proc/self/cgroup") ?? "").split("\n");
  return lines.flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (path === undefined) return [];
    if (controllers === "") return groups(path).map((group) => `/sys/fs/cgroup${group}/memory.max`);
    if (!controllers?.split(",").includes("memory")) return [];
    return groups(path).map((group) => `/sys/fs/cgroup/memory${group}/memory.limit_in_bytes`);
  });
}

/** `/kubepods/pod1` lies in `/kubepods` and in the root. A container sees its own group as the root, so that is always asked. */
function groups(path: string): string[] {
  const words = path.split("/").filter((word) => word !== "" && word !== "..");
  return ["", ...words.map((_, index) => `/${words.slice(0, index + 1).join("/")}`)];
}

/** cgroup v2 says `max` where there is no limit; v1 a number that no machine has, which is no less than the machine's. */
function bytes(text: string | undefined): number {
  return /^\d+\s*$/.test(text ?? "") ? Number(text) : Number.POSITIVE_INFINITY;
}
