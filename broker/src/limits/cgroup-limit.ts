import type { ReadText } from "./host-limits.js";

/** One limit of control groups, by its names in both versions. */
export interface CgroupLimit {
  /** For example memory. */
  readonly controller: string;
  /** Under cgroup v2: memory.max. */
  readonly v2: string;
  /** Under cgroup v1: memory.limit_in_bytes. */
  readonly v1: string;
}

/** The tightest of the groups around this process; Infinity without a limit. */
export function cgroupLimit(readText: ReadText, limit: CgroupLimit): number {
  return Math.min(...filesOf(readText, limit).map((file) => numberIn(readText(file))));
}

/** Where a limit may stand: in the process's own group and in every group around it, under cgroup v2 or v1. */
function filesOf(readText: ReadText, { controller, v2, v1 }: CgroupLimit): string[] {
  const lines = (readText("/proc/self/cgroup") ?? "").split("\n");
  return lines.flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (path === undefined) return [];
    if (controllers === "") return groups(path).map((group) => `/sys/fs/cgroup${group}/${v2}`);
    if (!controllers?.split(",").includes(controller)) return [];
    return groups(path).map((group) => `/sys/fs/cgroup/${controller}${group}/${v1}`);
  });
}

/** `/kubepods/pod1` lies in `/kubepods` and in the root. A container sees its own group as the root, so that is always asked. */
function groups(path: string): string[] {
  const words = path.split("/").filter((word) => word !== "" && word !== "..");
  return ["", ...words.map((_, index) => `/${words.slice(0, index + 1).join("/")}`)];
}

/** cgroup v2 says `max` where there is no limit; v1, of memory, a number that no machine has. */
function numberIn(text: string | undefined): number {
  return /^\d+\s*$/.test(text ?? "") ? Number(text) : Number.POSITIVE_INFINITY;
}
