import { cgroupLimit } from "./cgroup-limit.js";
import type { MemoryLimit, ReadText } from "./host-limits.js";

/** The least of what the machine has and what the cgroups around this process allow. */
export function memoryLimit(readText: ReadText): MemoryLimit | undefined {
  const [, kibibytes] = /^MemTotal:\s+(\d+) kB$/m.exec(readText("/proc/meminfo") ?? "") ?? [];
  const machine = kibibytes === undefined ? Number.POSITIVE_INFINITY : Number(kibibytes) * 1_024;
  const container = cgroupLimit(readText, { controller: "memory", v2: "memory.max", v1: "memory.limit_in_bytes" });
  if (container < machine) return { bytes: container, from: "container" };
  return machine === Number.POSITIVE_INFINITY ? undefined : { bytes: machine, from: "machine" };
}
