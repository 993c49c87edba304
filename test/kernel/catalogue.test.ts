import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { release } from "node:os";
import { beforeAll, describe, expect, it, type TestContext } from "vitest";
import { isNamespaced, podAdmission } from "../../lib/kernel/pod-sysctls";
import type { Sysctl } from "../../lib/kernel/sysctl";
import { SysctlProfile } from "../../lib/kernel/sysctl-profile";
import { canonicalValue } from "../../lib/kernel/sysctl-value";
import { isSysctlName, SYSCTLS, type SysctlName } from "../../lib/kernel/sysctls";
import { atLeast, type Version } from "../../lib/kernel/version";
import { skipBecause } from "../support/tools";

const NAMES = Object.keys(SYSCTLS) as SysctlName[];
const ENTRIES = NAMES.map((name) => [name, SYSCTLS[name]] as const);

describe("the catalogue", () => {
  it.each([
    "fs.file-max",
    "fs.nr_open",
    "net.core.somaxconn",
    "net.core.netdev_max_backlog",
    "net.core.rmem_default",
    "net.core.wmem_default",
    "net.core.rmem_max",
    "net.core.wmem_max",
    "net.core.optmem_max",
    "net.ipv4.tcp_max_syn_backlog",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_wmem",
    "net.ipv4.tcp_max_tw_buckets",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.ip_local_port_range",
    "net.netfilter.nf_conntrack_tcp_timeout_time_wait",
    "net.netfilter.nf_conntrack_max",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_mem",
    "net.ipv4.tcp_max_orphans",
    "net.ipv4.tcp_tw_reuse",
    "net.ipv4.tcp_notsent_lowat",
    "vm.max_map_count",
  ])("has %s, which brokers are told to set", (name) => {
    expect(isSysctlName(name)).toBe(true);
  });

  it.each(["", "toString", "__proto__", "net.core", "net.core.somaxconn ", "net/core/somaxconn"])("does not take %j for a name", (name) => {
    expect(isSysctlName(name)).toBe(false);
  });

  it.each(ENTRIES)("says why a broker cares about %s and where that is documented", (_, { why, source }) => {
    expect(why.trim().split(/\s+/).length).toBeGreaterThan(2);
    expect(source).toMatch(/Documentation\/|man \d|kubernetes\/|net\/|kernel\//);
  });

  it.each(ENTRIES)("gives %s a shape that some value fits and some does not", (name, { shape }) => {
    if (shape.kind === "text") {
      expect(() => canonicalValue(name, "; rm -rf /")).toThrow();
      return;
    }
    expect(Number.isSafeInteger(shape.min), `min ${shape.min}`).toBe(true);
    expect(Number.isSafeInteger(shape.max), `max ${shape.max}`).toBe(true);
    expect(shape.max).toBeGreaterThan(shape.min);
    expect(shape.unit).not.toBe("");

    const places = shape.kind === "integer" ? 1 : shape.names.length;
    const filledWith = (number: number) => Array.from({ length: places }, () => number).join(" ");
    expect(canonicalValue(name, filledWith(shape.min))).toBe(filledWith(shape.min));
    expect(canonicalValue(name, filledWith(shape.max))).toBe(filledWith(shape.max));
    expect(() => canonicalValue(name, filledWith(shape.min - 1))).toThrow("outside its range");
    expect(() => canonicalValue(name, filledWith(shape.max + 1))).toThrow("outside its range");
  });

  it.each(having("safeSince"))("calls %s safe only because it belongs to a namespace", (_, { scope }) => {
    expect(scope).not.toBe("node");
  });

  it.each(having("inherited"))("lets new network namespaces inherit %s only because they have their own", (_, { scope }) => {
    expect(scope).toBe("network-namespace");
  });

  it.each(having("namespacedSince"))("dates the namespace of %s only because it has one", (_, { scope }) => {
    expect(scope).not.toBe("node");
  });

  it.each(having("countsOnNode"))("explains for %s why the node counts only because a pod could own it", (_, { scope }) => {
    expect(scope).toBe("network-namespace");
  });

  it("gives only net.* keys to network namespaces", () => {
    expect(ENTRIES.filter(([name, { scope }]) => scope === "network-namespace" && !name.startsWith("net."))).toEqual([]);
  });

  it("names the module of the conntrack keys and of no other", () => {
    const withModule = ENTRIES.filter(([, sysctl]) => sysctl.module).map(([name, sysctl]) => [name, sysctl.module]);
    const conntrack = NAMES.filter((name) => name.startsWith("net.netfilter.")).map((name) => [name, "nf_conntrack"]);
    expect(withModule).toEqual(conntrack);
    expect(conntrack.length).toBeGreaterThan(0);
  });

  it("knows what a kubelet with protectKernelDefaults insists on", () => {
    expect(having("kubeletExpects").map(([name, { kubeletExpects }]) => [name, kubeletExpects])).toEqual([
      ["vm.overcommit_memory", "1"],
      ["vm.panic_on_oom", "0"],
      ["kernel.panic", "10"],
      ["kernel.panic_on_oops", "1"],
      ["kernel.keys.root_maxkeys", "1000000"],
      ["kernel.keys.root_maxbytes", "25000000"],
    ]);
  });
});

describe("whose value a key is", () => {
  // cloud-node-tuning.md §4.4: the kernel before which the key belonged to the node, or the node's for good.
  it.each<[SysctlName, "always" | "never" | [before: Version, since: Version]]>([
    ["net.core.somaxconn", "always"],
    ["net.ipv4.tcp_rmem", ["4.14", "4.15"]],
    ["net.ipv4.tcp_wmem", ["4.14", "4.15"]],
    ["net.ipv4.tcp_fin_timeout", ["4.5", "4.6"]],
    ["net.ipv4.ip_local_port_range", "always"],
    ["net.netfilter.nf_conntrack_tcp_timeout_time_wait", "always"],
    ["net.core.optmem_max", ["6.7", "6.8"]],
    ["net.core.rmem_default", "never"],
    ["net.core.wmem_default", "never"],
    ["net.core.rmem_max", "never"],
    ["net.core.wmem_max", "never"],
    ["net.core.netdev_max_backlog", "never"],
    ["net.ipv4.tcp_mem", "never"],
    ["net.ipv4.tcp_max_orphans", "never"],
    ["net.netfilter.nf_conntrack_max", "never"],
    ["fs.file-max", "never"],
    ["fs.nr_open", "never"],
  ])("%s is the pod's: %j", (name, expected) => {
    const namespacedOn = (kernel: Version) => isNamespaced(SYSCTLS[name], kernel);
    const [before, since] = typeof expected === "string" ? (["3.10", "6.18"] as const) : expected;
    expect(namespacedOn(before)).toBe(expected === "always");
    expect(namespacedOn(since)).toBe(expected !== "never");
  });

  it("is copied into new network namespaces for the buffers of TCP, and for no other key of the reference set", () => {
    const inherited = SysctlProfile.MILLION.entries.filter(({ name }) => SYSCTLS[name].inherited).map(({ name }) => name);
    expect(inherited).toEqual(["net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"]);
  });
});

describe("the safe list", () => {
  // cloud-node-tuning.md §4.1: what each Kubernetes release added.
  const ADDED: readonly (readonly [Version, ...SysctlName[]])[] = [
    ["1.17", "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies"],
    ["1.18", "net.ipv4.ping_group_range"],
    ["1.22", "net.ipv4.ip_unprivileged_port_start"],
    ["1.27", "net.ipv4.ip_local_reserved_ports"],
    ["1.29", "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes"],
    ["1.32", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"],
    ["1.37", "net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat"],
  ];

  const releases = Array.from({ length: 24 }, (_, place): Version => `1.${17 + place}`);

  it.each(releases)("of Kubernetes %s is exactly what its kubelet has", (version) => {
    const expected = ADDED.flatMap(([since, ...names]) => (atLeast(version, since) ? names : []));
    const safe = NAMES.filter((name) => podAdmission(name, version, "6.18") === "safe");
    expect(safe.toSorted()).toEqual(expected.toSorted());
  });

  it.each<[SysctlName, Version]>([
    ["net.ipv4.tcp_syncookies", "4.6"],
    ["net.ipv4.tcp_keepalive_time", "4.5"],
    ["net.ipv4.tcp_fin_timeout", "4.6"],
    ["net.ipv4.tcp_keepalive_intvl", "4.5"],
    ["net.ipv4.tcp_keepalive_probes", "4.5"],
    ["net.ipv4.tcp_rmem", "4.15"],
    ["net.ipv4.tcp_wmem", "4.15"],
    ["net.ipv4.tcp_slow_start_after_idle", "4.15"],
    ["net.ipv4.tcp_notsent_lowat", "4.6"],
  ])("asks for the kernel that gave %s to namespaces, %s", (name, kernel) => {
    expect(SYSCTLS[name].namespacedSince).toBe(kernel);
  });
});

const KERNEL = release().split(".").slice(0, 2).join(".") as Version;

const NO_LIMIT = "9223372036854775807";

describe(`this machine's kernel (${KERNEL})`, () => {
  /** Present values that mean "none". A profile has no use for them, so they are no input, and the kernel prints them only. */
  const NONE: Partial<Record<SysctlName, string>> = { "net.ipv4.ip_local_reserved_ports": "", "net.ipv4.ping_group_range": "1 0" };

  it.for(NAMES)("prints a value of %s that the catalogue can read", (name, ctx) => {
    const present = readHost(name);
    if (present === undefined) return skipBecause(ctx, "this kernel does not have it");
    // systemd starts with 2^63-1, which JavaScript's numbers would round: no input either, refused rather than rounded.
    if (present === NO_LIMIT) expect(() => canonicalValue(name, present)).toThrow(NO_LIMIT);
    else expect(present === NONE[name] ? present : canonicalValue(name, present)).toBe(present);
  });
});

// Needs root: a network namespace of its own, with its own /proc. Nothing here writes outside it, and no key of the node is
// written at all; were one called namespaced by mistake, kernels since 5.13 show it read-only there (ensure_safe_net_sysctl).
describe("a fresh network namespace", () => {
  // Measured as namespaced (cloud-node-tuning.md §4.4).
  const WRITTEN: readonly SysctlName[] = [
    "net.core.somaxconn",
    "net.core.optmem_max",
    "net.ipv4.tcp_max_syn_backlog",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_wmem",
    "net.ipv4.tcp_max_tw_buckets",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_tw_reuse",
    "net.ipv4.ip_local_port_range",
    "net.netfilter.nf_conntrack_tcp_timeout_time_wait",
  ];
  const namespaced = NAMES.filter((name) => SYSCTLS[name].scope === "network-namespace");
  const ofNode = NAMES.filter((name) => SYSCTLS[name].scope === "node" && name.startsWith("net."));
  const wantedOf = (name: SysctlName) => SysctlProfile.MILLION.get(name) ?? SysctlProfile.LOAD_GENERATOR.get(name);

  let obstacle: string | undefined;
  beforeAll(() => {
    const { status, stderr, error } = inNamespace("true");
    obstacle = status === 0 ? undefined : `no private network namespace: ${error?.message ?? stderr.trim()}`;
    if (obstacle && process.env.REQUIRE_TOOLS === "1") throw new Error(obstacle);
  });

  it("gets every namespaced key of the two profiles written here", () => {
    expect(namespaced.filter((name) => wantedOf(name) !== undefined)).toEqual(WRITTEN);
  });

  it.for(WRITTEN)("takes the profile's value of %s, and the host keeps its own", (name, ctx) => {
    skipUnlessPossible(ctx, name);
    const wanted = wantedOf(name)!;
    const before = readHost(name);
    const { status, stdout, stderr } = inNamespace('printf "%s\\n" "$2" > "$1" && cat "$1"', procPath(name), wanted);
    expect({ status, stdout: digits(stdout), stderr }).toEqual({ status: 0, stdout: wanted, stderr: "" });
    expect(readHost(name)).toBe(before);
  });

  it.for(namespaced)("may write %s", (name, ctx) => {
    skipUnlessPossible(ctx, name);
    const { status, stderr } = inNamespace('value=$(cat "$1") && printf "%s\\n" "$value" > "$1"', procPath(name));
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  it.for(namespaced.filter((name) => SYSCTLS[name].shape.kind !== "text"))(
    "takes the least and the most that the catalogue allows for %s",
    (name, ctx) => {
      skipUnlessPossible(ctx, name);
      const { shape } = SYSCTLS[name];
      if (shape.kind === "text") throw new Error("text has no ends");
      // The kernel keeps it below the port range, which starts at 32768 here.
      const most = name === "net.ipv4.ip_unprivileged_port_start" ? 32_768 : shape.max;
      const places = shape.kind === "integer" ? 1 : shape.names.length;
      for (const end of [shape.min, most]) {
        const value = Array.from({ length: places }, () => end).join(" ");
        const { status, stdout, stderr } = inNamespace('printf "%s\\n" "$2" > "$1" && cat "$1"', procPath(name), value);
        expect({ status, stdout: digits(stdout), stderr }).toEqual({ status: 0, stdout: value, stderr: "" });
      }
    },
  );

  it.for(ofNode)("has no %s, or only to read", (name, ctx) => {
    if (obstacle) return skipBecause(ctx, obstacle);
    if (readHost(name) === undefined) return skipBecause(ctx, "this kernel does not have it");
    if (!atLeast(KERNEL, "6.11")) return skipBecause(ctx, "read-only in namespaces since 6.11");
    const { status, stdout } = inNamespace('if [ -e "$1" ]; then stat -c %A "$1"; else echo absent; fi', procPath(name));
    expect(status).toBe(0);
    expect(stdout.trim()).toMatch(/^(absent|-r--r--r--)$/);
  });

  it("makes optmem_max its own only from kernel 6.8 on", (ctx) => {
    if (obstacle) return skipBecause(ctx, obstacle);
    const { stdout } = inNamespace('[ -w "$1" ] && echo own || echo global', procPath("net.core.optmem_max"));
    expect(stdout.trim()).toBe(atLeast(KERNEL, "6.8") ? "own" : "global");
  });

  function skipUnlessPossible(ctx: TestContext, name: SysctlName): void {
    if (obstacle) skipBecause(ctx, obstacle);
    if (readHost(name) === undefined) skipBecause(ctx, "this kernel does not have it");
    if (!isNamespaced(SYSCTLS[name], KERNEL)) skipBecause(ctx, `kernel ${KERNEL} has one value for all`);
  }
});

function having<Field extends keyof Sysctl>(field: Field): [SysctlName, Sysctl & Required<Pick<Sysctl, Field>>][] {
  return ENTRIES.flatMap(([name, sysctl]) =>
    sysctl[field] === undefined ? [] : [[name, sysctl as Sysctl & Required<Pick<Sysctl, Field>>]],
  );
}

function procPath(name: SysctlName): string {
  return `/proc/sys/${name.replaceAll(".", "/")}`;
}

function digits(text: string): string {
  return text.trim().replaceAll(/\s+/g, " ");
}

/** The host's value with single blanks, or undefined where this kernel does not have the key. */
function readHost(name: SysctlName): string | undefined {
  const path = procPath(name);
  return existsSync(path) ? digits(readFileSync(path, "utf8")) : undefined;
}

/** Runs a shell script in a network and mount namespace of its own, which end with it. */
function inNamespace(script: string, ...args: string[]) {
  const inside = `mount -t proc proc /proc && { ${script}; }`;
  return spawnSync("unshare", ["--net", "--mount", "--propagation", "private", "sh", "-c", inside, "sh", ...args], { encoding: "utf8" });
}
