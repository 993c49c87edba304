import { describe, expect, it } from "vitest";
import { readHostLimits } from "../../src/limits/host-limits.js";
import { thisHost } from "../../src/limits/this-host.js";

const NODE = { name: "node", version: "24.0.0", heapBytes: 1 } as const;
const MEMINFO = "MemTotal:       24684096 kB\nMemFree:        23734188 kB\n";
const MACHINE = { bytes: 24_684_096 * 1_024, from: "machine" };
const V1 = "9:name=systemd:/\n4:cpu,memory:/docker/abc\n0::/\n";
/** What cgroup v1 says where there is no limit. */
const V1_NO_LIMIT = "9223372036854771712\n";

function limits(files: Readonly<Record<string, string>>) {
  return readHostLimits((path) => files[path], NODE);
}

describe("the limit on open files", () => {
  it.each([
    ["1024                 1048576", { soft: 1_024, hard: 1_048_576 }],
    ["unlimited            unlimited", { soft: Number.POSITIVE_INFINITY, hard: Number.POSITIVE_INFINITY }],
  ])("is read from %s", (columns, expected) => {
    const text = `Limit                     Soft Limit           Hard Limit           Units\nMax open files            ${columns}  files\n`;
    expect(limits({ "/proc/self/limits": text }).openFiles).toEqual(expected);
  });
});

describe("the memory limit", () => {
  it.each([
    ["the machine's, without cgroups", {}, MACHINE],
    ["the machine's, where cgroup v2 says max", { "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/memory.max": "max\n" }, MACHINE],
    [
      "the machine's, where cgroup v1 has no limit",
      { "/proc/self/cgroup": V1, "/sys/fs/cgroup/memory/memory.limit_in_bytes": V1_NO_LIMIT },
      MACHINE,
    ],
    [
      "the container's, which sees its own group as the root",
      { "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/memory.max": "536870912\n" },
      { bytes: 536_870_912, from: "container" },
    ],
    [
      "the tightest of the groups around the process",
      {
        "/proc/self/cgroup": "0::/kubepods/pod1/c1\n",
        "/sys/fs/cgroup/kubepods/memory.max": "8589934592\n",
        "/sys/fs/cgroup/kubepods/pod1/memory.max": "1073741824\n",
        "/sys/fs/cgroup/kubepods/pod1/c1/memory.max": "max\n",
      },
      { bytes: 1_073_741_824, from: "container" },
    ],
    [
      "cgroup v1's of the group",
      { "/proc/self/cgroup": V1, "/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": "268435456\n" },
      { bytes: 268_435_456, from: "container" },
    ],
    [
      "cgroup v1's of the root, as a container sees it",
      { "/proc/self/cgroup": V1, "/sys/fs/cgroup/memory/memory.limit_in_bytes": "268435456\n" },
      { bytes: 268_435_456, from: "container" },
    ],
  ])("is %s", (_, files: Readonly<Record<string, string>>, expected) => {
    expect(limits({ "/proc/meminfo": MEMINFO, ...files }).memory).toEqual(expected);
  });
});

describe("limits that the system does not tell", () => {
  it("are not known", () => {
    expect(limits({})).toEqual({ runtime: NODE, openFiles: undefined, somaxconn: undefined, memory: undefined });
  });
});

describe("the limits of this process", () => {
  it("are read from this machine and runtime", () => {
    const { runtime, openFiles, somaxconn, memory } = thisHost();
    const onBun = "Bun" in globalThis;
    expect(runtime.name).toBe(onBun ? "bun" : "node");
    expect(runtime.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(runtime.heapBytes === undefined).toBe(onBun);
    expect(openFiles?.soft).toBeGreaterThan(64);
    expect(openFiles?.soft).toBeLessThanOrEqual(openFiles?.hard ?? 0);
    expect(somaxconn).toBeGreaterThan(0);
    expect(memory?.bytes).toBeGreaterThan(64 * 1_048_576);
  });
});
