import { readFileSync } from "node:fs";
import { getHeapStatistics } from "node:v8";
import { type HostLimits, type RuntimeLimits, readHostLimits } from "./host-limits.js";

/** The limits of the process that runs this. */
export function thisHost(): HostLimits {
  return readHostLimits(textOf, thisRuntime());
}

function thisRuntime(): RuntimeLimits {
  const { bun } = process.versions as Record<string, string | undefined>;
  if (bun !== undefined) return { name: "bun", version: bun, heapBytes: undefined };
  return { name: "node", version: process.versions.node, heapBytes: getHeapStatistics().heap_size_limit };
}

/** The text of a file, or undefined where it cannot be read. */
/** Text of a file of this machine. */
export function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Another kernel, or a container that hides it: then this limit is not known.
    return undefined;
  }
}
