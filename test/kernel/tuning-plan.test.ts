import { describe, expect, it } from "vitest";
import { TuningError } from "../../lib/errors";
import { parseKubernetesVersion } from "../../lib/kernel/kubernetes-version";
import type { PlatformId } from "../../lib/kernel/platforms/platform";
import { allowListProblem, allows, podAdmission, podSysctlProblem } from "../../lib/kernel/pod-sysctls";
import { SysctlProfile } from "../../lib/kernel/sysctl-profile";
import { canonicalValue } from "../../lib/kernel/sysctl-value";
import { isSysctlName, SYSCTLS, type SysctlName, type SysctlValues } from "../../lib/kernel/sysctls";
import { type PlanOptions, planTuning, type TuningPlan } from "../../lib/kernel/tuning-plan";
import { OPEN_FILES_KEY, type TuningRow } from "../../lib/kernel/tuning-row";

const { MILLION, LOAD_GENERATOR } = SysctlProfile;

const PLATFORMS = ["eks-al2023", "eks-bottlerocket", "eks-al2", "aks-ubuntu", "aks-azurelinux", "gke-cos"] as const;
const AKS = ["aks-ubuntu", "aks-azurelinux"] as const;
const VERSIONS = ["1.27", "1.28", "1.29", "1.30", "1.31", "1.32", "1.33", "1.34", "1.35", "1.36", "1.37"] as const;
const NAMES = Object.keys(SYSCTLS) as SysctlName[];

/** Each cloud's node settings with the least and the most it takes: cloud-node-tuning.md §2.1 and §3.1, by hand. */
type AcceptedTable = readonly (readonly [SysctlName, least: string, most: string])[];

const AKS_ACCEPTS: AcceptedTable = [
  ["fs.aio-max-nr", "65536", "6553500"],
  ["fs.inotify.max_user_watches", "781250", "2097152"],
  ["kernel.threads-max", "20", "513785"],
  ["net.core.netdev_max_backlog", "1000", "3240000"],
  ["net.core.optmem_max", "20480", "4194304"],
  ["net.core.rmem_default", "212992", "134217728"],
  ["net.core.rmem_max", "212992", "134217728"],
  ["net.core.somaxconn", "4096", "3240000"],
  ["net.core.wmem_default", "212992", "134217728"],
  ["net.core.wmem_max", "212992", "134217728"],
  ["net.ipv4.ip_local_port_range", "1024 32768", "60999 65535"],
  ["net.ipv4.neigh.default.gc_thresh1", "128", "80000"],
  ["net.ipv4.neigh.default.gc_thresh2", "512", "90000"],
  ["net.ipv4.neigh.default.gc_thresh3", "1024", "100000"],
  ["net.ipv4.tcp_fin_timeout", "5", "120"],
  ["net.ipv4.tcp_keepalive_intvl", "10", "90"],
  ["net.ipv4.tcp_keepalive_probes", "1", "15"],
  ["net.ipv4.tcp_keepalive_time", "30", "432000"],
  ["net.ipv4.tcp_max_syn_backlog", "128", "3240000"],
  ["net.ipv4.tcp_max_tw_buckets", "8000", "1440000"],
  ["net.ipv4.tcp_tw_reuse", "0", "1"],
  ["net.netfilter.nf_conntrack_buckets", "65536", "524288"],
  ["net.netfilter.nf_conntrack_max", "131072", "2097152"],
  ["vm.max_map_count", "65530", "262144"],
  // 0 to 100 on paper, but the provider never sends 0.
  ["vm.swappiness", "1", "100"],
  ["vm.vfs_cache_pressure", "1", "100"],
];

const GKE_ACCEPTS: AcceptedTable = [
  ["fs.aio-max-nr", "65536", "4194304"],
  ["fs.inotify.max_user_instances", "8192", "1048576"],
  ["fs.inotify.max_user_watches", "8192", "1048576"],
  ["fs.nr_open", "1048576", "2147483584"],
  ["net.core.busy_poll", "0", "2147483647"],
  ["net.core.busy_read", "0", "2147483647"],
  ["net.core.netdev_max_backlog", "1", "2147483646"],
  ["net.core.optmem_max", "1", "2147483646"],
  ["net.core.rmem_default", "2304", "2147483647"],
  ["net.core.rmem_max", "2304", "2147483647"],
  ["net.core.somaxconn", "128", "2147483647"],
  ["net.core.wmem_default", "4608", "2147483647"],
  ["net.core.wmem_max", "4608", "2147483647"],
  ["net.ipv4.tcp_ecn", "0", "2"],
  ["net.ipv4.tcp_max_orphans", "16384", "262144"],
  ["net.ipv4.tcp_max_tw_buckets", "4096", "2147483647"],
  ["net.ipv4.tcp_mtu_probing", "0", "2"],
  ["net.ipv4.tcp_rmem", "1 1 1", "2147483647 2147483647 2147483647"],
  ["net.ipv4.tcp_syn_retries", "1", "127"],
  ["net.ipv4.tcp_tw_reuse", "0", "2"],
  ["net.ipv4.tcp_wmem", "1 1 1", "2147483647 2147483647 2147483647"],
  ["net.netfilter.nf_conntrack_buckets", "65536", "524288"],
  ["net.netfilter.nf_conntrack_max", "65536", "4194304"],
  ["net.netfilter.nf_conntrack_tcp_timeout_close_wait", "60", "3600"],
  ["net.netfilter.nf_conntrack_tcp_timeout_established", "600", "86400"],
  ["net.netfilter.nf_conntrack_tcp_timeout_time_wait", "1", "600"],
  ["vm.max_map_count", "65536", "2147483647"],
  ["vm.min_free_kbytes", "67584", "1048576"],
  ["vm.overcommit_memory", "0", "2"],
  ["vm.swappiness", "0", "200"],
  ["vm.vfs_cache_pressure", "0", "100"],
];

// fs.nr_open has an image default of its own on AKS, below; fs.file-max on all three.
const AKS_NODE: AcceptedTable = [...AKS_ACCEPTS, ["fs.nr_open", "8192", "20000500"]];
const ACCEPTS: Readonly<Partial<Record<PlatformId, AcceptedTable>>> = {
  "aks-ubuntu": AKS_NODE,
  "aks-azurelinux": AKS_NODE,
  "gke-cos": GKE_ACCEPTS,
};

/** Every key of the catalogue at some value that kernel and kubelet take. */
const EVERYTHING = SysctlProfile.of(
  "everything",
  Object.fromEntries(NAMES.map((name) => [name, someValue(name)])) as SysctlValues,
).advising(...NAMES);

const PROFILES = [MILLION, LOAD_GENERATOR, SysctlProfile.forConnections(50_000), SysctlProfile.forConnections(1_000_000), EVERYTHING];

interface Case {
  readonly title: string;
  readonly profile: SysctlProfile;
  readonly platform: PlatformId;
  readonly version: string;
  readonly options: PlanOptions;
}

const CASES: readonly Case[] = PLATFORMS.flatMap((platform) =>
  VERSIONS.flatMap((version) =>
    PROFILES.flatMap((profile) =>
      [false, true].map((hostNetwork) => ({
        title: `${profile.name} on ${platform} ${version}${hostNetwork ? " with hostNetwork" : ""}`,
        profile,
        platform,
        version,
        options: Object.freeze({ hostNetwork }),
      })),
    ),
  ),
);

/** Combinations that cannot work, by hand; everything else gets a plan. */
function isRefused({ profile, platform, version, options }: Case): boolean {
  if (platform === "eks-al2" && Number(version.slice(2)) >= 33) return true;
  // The pod may set no net.* then, and Google's API has neither tcp_max_syn_backlog nor ip_local_port_range.
  return platform === "gke-cos" && options.hostNetwork === true && profile !== EVERYTHING;
}

describe.each(PLATFORMS)("every plan for %s", (platform) => {
  const cases = CASES.filter((one) => one.platform === platform);
  const planned = cases.filter((one) => !isRefused(one)).map((one) => ({ ...one, plan: planOf(one) }));

  it("exists, unless the combination cannot work", () => {
    expect(planned.length).toBeGreaterThan(50);
    for (const one of cases.filter(isRefused)) expect(() => planOf(one), one.title).toThrow(TuningError);
  });

  it("is the same when it is made again", () => {
    for (const one of planned) expect(planOf(one), one.title).toEqual(one.plan);
  });

  it("says what it was made for", () => {
    for (const { plan, profile, version, options } of planned) {
      expect(plan).toMatchObject({ platform, kubernetesVersion: version, profileName: profile.name, hostNetwork: options.hostNetwork });
    }
  });

  it("has one row for each key of the profile, one for the open files, and no others but what the provider sends by itself", () => {
    for (const { title, plan, profile } of planned) {
      const keys = plan.rows.map(({ key }) => key);
      expect(new Set(keys).size, title).toBe(keys.length);
      const unasked = keys.filter((key) => key !== OPEN_FILES_KEY && profile.get(key) === undefined);
      expect(unasked, title).toEqual(
        platform.startsWith("aks") && profile.get("net.ipv4.tcp_tw_reuse") === undefined ? ["net.ipv4.tcp_tw_reuse"] : [],
      );
      expect(keys.length, title).toBe(profile.entries.length + unasked.length + 1);
      expect(keys.at(-1), title).toBe(OPEN_FILES_KEY);
    }
  });

  it("carries every wanted value out, or warns", () => {
    for (const { title, plan, profile } of planned) {
      for (const { name, value, need } of profile.entries) {
        const row = rowOf(plan, name);
        const where = `${name}, ${title}`;
        expect(row, where).toMatchObject({ wanted: value, need });
        switch (row.status) {
          case "set":
            expect([row.pod?.value, row.node?.value], where).toContain(value);
            if (row.pod) expect(row.pod.value, where).toBe(value);
            break;
          case "image":
            expect(row.node, where).toBeUndefined();
            expect(row.notes.join(" "), where).toContain("the image has");
            break;
          case "adjusted":
            expect(row.node?.value, where).not.toBe(value);
            expect(row.node?.value, where).toBeDefined();
            break;
          case "missing":
            expect(row.pod, where).toBeUndefined();
        }
        if (row.status === "missing" || row.status === "adjusted") {
          expect(need, where).toBe("advised");
          expect(row.warning, where).toContain(`wanted ${value}`);
        }
        if (row.warning) expect(plan.warnings, where).toContain(`${name}: ${row.warning}`);
      }
    }
  });

  it("executes what its rows say, and nothing besides", () => {
    for (const { title, plan } of planned) {
      const sysctls = plan.rows.filter(({ key }) => key !== OPEN_FILES_KEY);
      const node = sysctls.flatMap(({ key, node }) => (node ? [{ name: key, ...node }] : []));
      expect(
        plan.node.map(({ name, value, semantics }) => ({ name, value, semantics })),
        title,
      ).toEqual(node);
      expect(plan.podSysctls, title).toEqual(sysctls.flatMap(({ key, pod }) => (pod ? [{ name: key, value: pod.value }] : [])));
    }
  });

  it("sets on pods only what they own and what their kubelet admits", () => {
    for (const { title, plan, options } of planned) {
      for (const { name } of plan.podSysctls) {
        const where = `${name}, ${title}`;
        expect(name, where).not.toMatch(
          /^(fs\.|vm\.|net\.core\.([rw]mem_|netdev_|busy_)|net\.ipv4\.(tcp_mem|tcp_max_orphans|udp_mem|neigh)|net\.netfilter\.)/,
        );
        const admission = podAdmission(name as SysctlName, plan.kubernetesVersion, plan.kernel);
        expect(admission === "safe" || plan.allowedUnsafeSysctls.includes(name), where).toBe(true);
        expect(admission, where).not.toBe("refused");
        if (options.hostNetwork) expect(name, where).not.toMatch(/^net\./);
      }
    }
  });

  it("allows pods no more than they need, and only what a kubelet starts with", () => {
    for (const { title, plan, options } of planned) {
      const { allowedUnsafeSysctls: all, podSysctls, kubernetesVersion, kernel } = plan;
      const problems = (allowedUnsafeSysctls: readonly string[]) =>
        podSysctls.flatMap(
          ({ name }) =>
            podSysctlProblem(name, { kubernetesVersion, kernel, hostNetwork: options.hostNetwork === true, allowedUnsafeSysctls }) ?? [],
        );
      expect(problems(all), title).toEqual([]);
      for (const entry of all) {
        expect(entry, title).toMatch(/^(kernel\.shm|kernel\.msg|kernel\.sem|fs\.mqueue\.|net\.)/);
        expect(problems(all.filter((other) => other !== entry)), `${entry}, ${title}`).toHaveLength(1);
      }
    }
  });

  it("sets on the node only what the platform takes", () => {
    const accepted = ACCEPTS[platform];
    for (const { title, plan } of planned) {
      for (const { name, value } of plan.node) {
        const where = `${name} = ${value}, ${title}`;
        expect(canonicalValue(name, value), where).toBe(value);
        if (!accepted || name === "net.ipv4.tcp_congestion_control") continue;
        const [, least, most] = accepted.find(([known]) => known === name) ?? [];
        expect(least, where).toBeDefined();
        expect(isBetween(value, least!, most!), where).toBe(true);
      }
    }
  });

  it("raises where a script runs and more is as good, and assigns everything else", () => {
    const script = platform === "eks-al2023" || platform === "eks-al2";
    for (const { title, plan } of planned) {
      for (const { name, semantics } of plan.node) {
        expect(semantics, `${name}, ${title}`).toBe(script && SYSCTLS[name].atLeast ? "raise-only" : "absolute");
      }
    }
  });

  it("never assigns fs.file-max, which every image has at 2^63-1", () => {
    for (const { title, plan } of planned) {
      expect(
        plan.node.find(({ name, semantics }) => name === "fs.file-max" && semantics === "absolute"),
        title,
      ).toBeUndefined();
      expect(rowOf(plan, "fs.file-max").status, title).toBe(platform === "eks-al2023" || platform === "eks-al2" ? "set" : "image");
    }
  });

  it("lists the node's values in the catalogue's order", () => {
    for (const { title, plan } of planned) {
      const names = plan.node.map(({ name }) => name);
      expect(names, title).toEqual(NAMES.filter((name) => names.includes(name)));
    }
  });

  it("loads the conntrack module if and only if the node sets one of its keys", () => {
    for (const { title, plan } of planned) {
      const conntrack = plan.node.some(({ name }) => name.startsWith("net.netfilter."));
      expect(plan.modules, title).toEqual(conntrack ? ["nf_conntrack"] : []);
    }
  });

  it("loads no module for a profile without conntrack keys", () => {
    expect(planTuning(SysctlProfile.of("plain", { "net.core.somaxconn": 4096 }), platform, "1.32").modules).toEqual([]);
  });
});

describe.each([
  ["aks-ubuntu", AKS_ACCEPTS, "AKS on Ubuntu"],
  ["aks-azurelinux", AKS_ACCEPTS, "AKS on Azure Linux"],
  ["gke-cos", GKE_ACCEPTS, "GKE on Container-Optimized OS"],
] as const)("the node settings of %s", (platform, accepts, title) => {
  const onNode = (name: SysctlName, value: string) =>
    planTuning(SysctlProfile.of("one", { [name]: value } as SysctlValues), platform, "1.34", { hostNetwork: true });

  /** What images have anyway (cloud-node-tuning §0.2, §2.3; the kernel's NR_OPEN_DEFAULT): an assignment of less is left out. */
  const imageHas: Partial<Record<SysctlName, number>> = { "fs.nr_open": platform === "aks-azurelinux" ? 1_073_741_816 : 1_048_576 };
  if (platform !== "gke-cos") {
    Object.assign(imageHas, { "net.core.somaxconn": 16_384, "net.ipv4.tcp_max_syn_backlog": 16_384 });
    for (const [index, entries] of [4096, 8192, 16_384].entries()) {
      imageHas[`net.ipv4.neigh.default.gc_thresh${index + 1}` as SysctlName] = entries;
    }
  }
  const isInImage = (name: SysctlName, value: string) => Number(value) <= (imageHas[name] ?? -1);

  it.each(accepts)("take %s from %s to %s, but not less than the image has", (name, least, most) => {
    for (const value of [least, most]) {
      const plan = onNode(name, value);
      expect(plan.node.find((sysctl) => sysctl.name === name)?.value).toBe(isInImage(name, value) ? undefined : value);
      expect(rowOf(plan, name).status).toBe(isInImage(name, value) ? "image" : "set");
    }
  });

  const outside = accepts.flatMap(([name, least, most]) =>
    [shifted(least, -1), shifted(most, 1)]
      .filter((value) => isTaken(name, value) && !isInImage(name, value))
      .map((value) => ({ name, value })),
  );

  it.each(outside)("do not take $name = $value", ({ name, value }) => {
    expect(() => onNode(name, value)).toThrow(`required '${name}' = ${value} cannot be had on '${platform}': ${title} takes `);
  });

  it("do not know any other key, and say so", () => {
    const known = new Set<string>([...(ACCEPTS[platform] ?? []).map(([name]) => name), "fs.file-max"]);
    const others = NAMES.filter((name) => !known.has(name) && SYSCTLS[name].scope !== "ipc-namespace");
    expect(others.length).toBeGreaterThan(20);
    for (const name of others) {
      if (platform === "gke-cos" && name === "net.ipv4.tcp_congestion_control") continue;
      expect(() => onNode(name, EVERYTHING.get(name)!), name).toThrow(`${title} has no node setting for it`);
    }
  });
});

describe("the open-file limit of a plan", () => {
  const smaller = SysctlProfile.forConnections(200_000);

  it("is what containers really get where the image decides, not what was wanted", () => {
    for (const platform of ["aks-ubuntu", "aks-azurelinux", "gke-cos"] as const) {
      const plan = planTuning(smaller, platform, "1.34");
      expect(plan.openFiles).toEqual({ limit: 1_048_576, setByPool: false, need: "required" });
      expect(rowOf(plan, OPEN_FILES_KEY)).toMatchObject({ wanted: "262144", status: "image" });
    }
  });

  it("is what was wanted where the pool sets it", () => {
    expect(planTuning(smaller, "eks-al2023", "1.34").openFiles).toEqual({ limit: 262_144, setByPool: true, need: "required" });
  });
});

describe("what the kernel sizes from memory", () => {
  const profile = SysctlProfile.forConnections(50_000);

  it.each(["eks-bottlerocket", "aks-ubuntu", "gke-cos"] as const)(
    "is not assigned on %s, where that could lower it, and a warning says so",
    (platform) => {
      const plan = planTuning(profile, platform, "1.34");
      expect(plan.node.map(({ name }) => name)).not.toContain("net.ipv4.tcp_mem");
      expect(rowOf(plan, "net.ipv4.tcp_mem").status).toBe("missing");
      expect(plan.warnings.join()).toContain("net.ipv4.tcp_mem: wanted 32768 49152 65536, is not set");
    },
  );

  it("is raised by the script of AL2023", () => {
    const { node } = planTuning(profile, "eks-al2023", "1.34");
    expect(node.find(({ name }) => name === "net.ipv4.tcp_mem")).toMatchObject({ value: "32768 49152 65536", semantics: "raise-only" });
  });

  it("is assigned when the profile requires it", () => {
    const { node } = planTuning(profile.requiring("net.ipv4.tcp_mem"), "eks-bottlerocket", "1.34");
    expect(node.find(({ name }) => name === "net.ipv4.tcp_mem")?.value).toBe("32768 49152 65536");
  });
});

describe("a value that something overwrites after the node has joined", () => {
  const name = "net.netfilter.nf_conntrack_max";

  it("is a warning on Bottlerocket, whether assigned or left to the image", () => {
    expect(planTuning(MILLION, "eks-bottlerocket", "1.34").warnings.join()).toContain(`${name}: does not last: kube-proxy sets`);
    const smaller = planTuning(SysctlProfile.forConnections(50_000), "eks-bottlerocket", "1.34");
    expect(rowOf(smaller, name).status).toBe("image");
    expect(smaller.warnings.join()).toContain(`${name}: does not last: kube-proxy sets`);
  });

  it("is refused on Bottlerocket when it is required", () => {
    expect(() => planTuning(MILLION.requiring(name), "eks-bottlerocket", "1.34")).toThrow(
      `required '${name}' = 2097152 does not last on 'eks-bottlerocket'`,
    );
  });

  it("is set again by AL2023's timer", () => {
    const plan = planTuning(MILLION.requiring(name), "eks-al2023", "1.34");
    expect(plan.node.filter(({ restore }) => restore).map((sysctl) => sysctl.name)).toEqual([name]);
  });
});

describe("where a key goes", () => {
  it("is the pod alone for what the node's value does not reach, with the reason", () => {
    const row = rowOf(planTuning(MILLION, "eks-al2023", "1.34"), "net.core.somaxconn");
    expect(row.node).toBeUndefined();
    expect(row.pod).toEqual({ value: "32768", admission: "allow-list" });
    expect(row.kubelet).toBe("net.core.somaxconn");
    expect(row.notes).toEqual(["only in the pod: its network namespace does not take the node's value"]);
  });

  it("is node and pod for what new namespaces inherit", () => {
    const row = rowOf(planTuning(MILLION, "eks-bottlerocket", "1.34"), "net.ipv4.tcp_rmem");
    expect(row.node).toEqual({ value: "1024 4096 16777216", semantics: "absolute" });
    expect(row.pod).toEqual({ value: "1024 4096 16777216", admission: "safe" });
    expect(row.kubelet).toBeUndefined();
    expect(row.notes).toEqual(["on the node too: new pods inherit the node's value"]);
  });

  it("is node and pod on GKE, which hands node values to pods", () => {
    const row = rowOf(planTuning(MILLION, "gke-cos", "1.34"), "net.core.somaxconn");
    expect(row.node?.value).toBe("32768");
    expect(row.pod?.value).toBe("32768");
    expect(row.notes.join()).toContain("applied to all pods too");
  });

  it("is the pod alone where the platform has no node setting, and says that", () => {
    const row = rowOf(planTuning(MILLION, "aks-ubuntu", "1.34"), "net.ipv4.tcp_rmem");
    expect(row.node).toBeUndefined();
    expect(row.notes).toEqual(["only in the pod: AKS on Ubuntu has no node setting for it"]);
    expect(row.warning).toBeUndefined();
  });

  it("is the node alone for conntrack timeouts, with the reason", () => {
    const row = rowOf(planTuning(MILLION, "eks-al2023", "1.34"), "net.netfilter.nf_conntrack_tcp_timeout_time_wait");
    expect(row.pod).toBeUndefined();
    expect(row.node?.value).toBe("30");
    expect(row.notes.join()).toContain("only on the node: pod traffic is tracked in the node's namespace");
  });

  it.each([
    ["aks-ubuntu", "1.34", "5.15", "node"],
    ["aks-ubuntu", "1.35", "6.8", "pod"],
    ["eks-al2023", "1.32", "6.1", "node"],
    ["eks-al2023", "1.33", "6.12", "pod"],
    ["eks-bottlerocket", "1.32", "6.1", "node"],
    ["eks-bottlerocket", "1.33", "6.12", "pod"],
    ["eks-al2", "1.32", "5.10", "node"],
    ["aks-azurelinux", "1.37", "6.6", "node"],
    ["gke-cos", "1.37", "6.6", "node"],
  ] as const)("depends on the kernel for optmem_max: %s %s runs %s, so it is the %s's", (platform, version, kernel, owner) => {
    const plan = planTuning(MILLION, platform, version);
    const row = rowOf(plan, "net.core.optmem_max");
    expect(plan.kernel).toBe(kernel);
    expect(row.pod ? "pod" : "node").toBe(owner);
    expect(row.node === undefined).toBe(owner === "pod");
    if (owner === "node") expect(row.notes).toContain(`only on the node: kernel ${kernel} has one value for all (per namespace since 6.8)`);
  });

  it("needs three allow-list entries for a million connections from Kubernetes 1.32 on", () => {
    expect(planTuning(MILLION, "gke-cos", "1.32").allowedUnsafeSysctls.toSorted()).toEqual([
      "net.core.somaxconn",
      "net.ipv4.tcp_max_syn_backlog",
      "net.ipv4.tcp_max_tw_buckets",
    ]);
  });

  it("needs two more below 1.32, and one more below 1.29", () => {
    const added = (version: string, than: string) => {
      const newer = planTuning(MILLION, "gke-cos", than).allowedUnsafeSysctls;
      return planTuning(MILLION, "gke-cos", version).allowedUnsafeSysctls.filter((entry) => !newer.includes(entry));
    };
    expect(added("1.31", "1.32")).toEqual(["net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"]);
    expect(added("1.28", "1.29")).toEqual(["net.ipv4.tcp_fin_timeout"]);
  });

  it("keeps the original of a corrected key in its row", () => {
    expect(rowOf(planTuning(MILLION, "eks-al2023", "1.34"), "net.ipv4.ip_local_port_range").original?.value).toBe("1000 65535");
  });
});

describe("a value that a cloud does not take", () => {
  it.each(AKS)("is moved into the range on %s when it is advised, with a warning", (platform) => {
    const plan = planTuning(MILLION, platform, "1.34");
    const row = rowOf(plan, "net.core.optmem_max");
    expect(row).toMatchObject({ status: "adjusted", wanted: "16777216", node: { value: "4194304", semantics: "absolute" } });
    expect(plan.warnings.filter((warning) => warning.startsWith("net.core.optmem_max: "))).toEqual([
      expect.stringMatching(/wanted 16777216, is set to 4194304: .* takes 20480 to 4194304, so 4194304 instead of 16777216$/),
    ]);
  });

  it("is an error when it is required: key, value, platform, range and remedies", () => {
    const error = errorOf(() => planTuning(MILLION.requiring("net.core.optmem_max"), "aks-ubuntu", "1.34"));
    expect(error.problems).toHaveLength(1);
    for (const part of [
      "required 'net.core.optmem_max' = 16777216",
      "'aks-ubuntu'",
      "takes 20480 to 4194304",
      "Choose a value in range",
      "advising('net.core.optmem_max')",
      "without('net.core.optmem_max')",
      "choose another platform",
    ]) {
      expect(error.message).toContain(part);
    }
    expect(error.message).toContain("profile 'million (changed)' on aks-ubuntu with Kubernetes 1.34");
  });

  it("is an error that lists the supported settings when the cloud has none for a required key", () => {
    const key = "net.netfilter.nf_conntrack_tcp_timeout_time_wait";
    const error = errorOf(() => planTuning(MILLION.requiring(key), "aks-ubuntu", "1.34"));
    expect(error.problems).toHaveLength(1);
    expect(error.message).toContain(`required '${key}' = 30 cannot be had on 'aks-ubuntu': AKS on Ubuntu has no node setting for it`);
    const [, listed = ""] = error.message.split("its node settings are ");
    expect(listed.split(", ").toSorted()).toEqual([...AKS_NODE.map(([name]) => name), "fs.file-max"].toSorted());
  });

  it("is only a warning when the cloud has none for an advised key", () => {
    const plan = planTuning(MILLION, "aks-ubuntu", "1.34");
    expect(plan.warnings).toContain(
      "net.netfilter.nf_conntrack_tcp_timeout_time_wait: wanted 30, is not set: AKS on Ubuntu has no node setting for it",
    );
  });

  it("is not moved when its numbers are names: the nearest mode is another behaviour", () => {
    const advised = SysctlProfile.of("reuse", { "net.ipv4.tcp_ecn": 1, "net.ipv4.tcp_tw_reuse": 2 }).advising("net.ipv4.tcp_tw_reuse");
    const plan = planTuning(advised.without("net.ipv4.tcp_ecn"), "aks-ubuntu", "1.34", { hostNetwork: true });
    expect(rowOf(plan, "net.ipv4.tcp_tw_reuse")).toMatchObject({
      status: "missing",
      warning: "wanted 2, is not set: AKS on Ubuntu takes 0 to 1",
    });
  });

  it("is moved place by place where it has several", () => {
    const narrow = SysctlProfile.of("narrow", { "net.ipv4.ip_local_port_range": [61_000, 65_000] }).advising(
      "net.ipv4.ip_local_port_range",
    );
    const row = rowOf(planTuning(narrow, "aks-ubuntu", "1.34", { hostNetwork: true }), "net.ipv4.ip_local_port_range");
    expect(row).toMatchObject({ status: "adjusted", node: { value: "60999 65000" } });
    expect(row.warning).toContain("takes 1024 to 60999 and 32768 to 65535");
  });

  it("comes with all other problems in one error", () => {
    const profile = MILLION.requiring("net.core.optmem_max", "net.netfilter.nf_conntrack_tcp_timeout_time_wait").withOpenFiles(4_194_304);
    const error = errorOf(() => planTuning(profile, "aks-ubuntu", "1.34", { allowedUnsafeSysctls: ["vm.swappiness"] }));
    expect(error.problems).toHaveLength(4);
    expect(error.message.split("\n  - ")).toHaveLength(5);
  });
});

describe("AKS", () => {
  it.each(AKS)("states tcp_tw_reuse on %s, because azurerm sends it anyway", (platform) => {
    const plan = planTuning(MILLION, platform, "1.34");
    expect(plan.node.filter(({ name }) => name === "net.ipv4.tcp_tw_reuse")).toEqual([
      { name: "net.ipv4.tcp_tw_reuse", value: "0", semantics: "absolute", need: "advised", restore: false },
    ]);
    expect(rowOf(plan, "net.ipv4.tcp_tw_reuse").notes.join()).toContain("azurerm sends this boolean with any other sysctl");
  });

  it.each(AKS)("states on %s what azurerm sends even when the profile has tcp_tw_reuse for the pod", (platform) => {
    const plan = planTuning(LOAD_GENERATOR, platform, "1.34");
    expect(plan.podSysctls).toContainEqual({ name: "net.ipv4.tcp_tw_reuse", value: "1" });
    expect(plan.node.find(({ name }) => name === "net.ipv4.tcp_tw_reuse")?.value).toBe("0");
  });

  it.each(AKS)("takes the profile's tcp_tw_reuse on %s when the pods use the node's network", (platform) => {
    const plan = planTuning(LOAD_GENERATOR, platform, "1.34", { hostNetwork: true });
    expect(plan.node.find(({ name }) => name === "net.ipv4.tcp_tw_reuse")?.value).toBe("1");
  });

  it.each(AKS)("states nothing on %s when no other node sysctl is sent", (platform) => {
    expect(planTuning(SysctlProfile.of("pod only", { "net.core.somaxconn": 4096 }), platform, "1.34").node).toEqual([]);
  });

  it("states it for no other cloud", () => {
    for (const platform of ["eks-al2023", "eks-bottlerocket", "gke-cos"] as const) {
      expect(planTuning(MILLION, platform, "1.34").rows.some(({ key }) => key === "net.ipv4.tcp_tw_reuse")).toBe(false);
    }
  });

  it.each([
    ["aks-azurelinux", 2_097_152, "image", "1073741816"],
    ["aks-azurelinux", 20_000_500, "image", "1073741816"],
    ["aks-ubuntu", 65_536, "image", "1048576"],
    ["aks-ubuntu", 1_048_576, "image", "1048576"],
  ] as const)("leaves fs.nr_open alone on %s when %i is wanted, which would not raise it", (platform, wanted, status, has) => {
    const plan = planTuning(SysctlProfile.of("files", { "fs.nr_open": wanted }), platform, "1.34");
    expect(plan.node.some(({ name }) => name === "fs.nr_open")).toBe(false);
    const row = rowOf(plan, "fs.nr_open");
    expect(row.status).toBe(status);
    expect(row.notes.join()).toContain(`left alone: the image has ${has}`);
    expect(row.warning).toBeUndefined();
  });

  it("raises fs.nr_open on Ubuntu", () => {
    expect(planTuning(MILLION, "aks-ubuntu", "1.34").node.find(({ name }) => name === "fs.nr_open")?.value).toBe("2097152");
  });
});

describe("nf_conntrack_max", () => {
  const name = "net.netfilter.nf_conntrack_max";

  it.each(["eks-al2023", "eks-al2"] as const)("is raised again on %s after kube-proxy has lowered it", (platform) => {
    const plan = planTuning(MILLION, platform, "1.32");
    expect(plan.node.filter(({ restore }) => restore).map((sysctl) => sysctl.name)).toEqual([name]);
    expect(rowOf(plan, name).notes.join()).toContain("kube-proxy sets max(131072, 32768 × cores) when it starts");
    expect(rowOf(plan, name).notes.join()).toContain("a timer on the node raises it again");
    expect(rowOf(plan, name).warning).toBeUndefined();
  });

  it("does not last on Bottlerocket, and the plan warns", () => {
    const plan = planTuning(MILLION, "eks-bottlerocket", "1.34");
    expect(plan.node.filter(({ restore }) => restore)).toEqual([]);
    expect(plan.warnings).toEqual([expect.stringMatching(/^net\.netfilter\.nf_conntrack_max: does not last: kube-proxy sets/)]);
  });
});

describe("pods on the node's network", () => {
  it.each(["eks-al2023", "eks-bottlerocket", "eks-al2", "aks-ubuntu", "aks-azurelinux"] as const)(
    "get every net.* key of a profile through the node on %s",
    (platform) => {
      // More than the 16384 that AKS nodes have anyway.
      const plan = planTuning(MILLION.with({ "net.ipv4.tcp_max_syn_backlog": 32_768 }), platform, "1.32", { hostNetwork: true });
      expect(plan.podSysctls).toEqual([]);
      expect(plan.allowedUnsafeSysctls).toEqual([]);
      const onNode = plan.node.map(({ name }) => name);
      expect(onNode).toEqual(
        expect.arrayContaining(["net.core.somaxconn", "net.ipv4.tcp_max_syn_backlog", "net.ipv4.ip_local_port_range"]),
      );
      expect(rowOf(plan, "net.core.somaxconn").notes).toContain("only on the node: with hostNetwork a pod may set no net.* key");
    },
  );

  it("keep the keys of their own IPC namespace", () => {
    const plan = planTuning(SysctlProfile.of("ipc", { "kernel.shm_rmid_forced": 1 }), "eks-al2023", "1.34", { hostNetwork: true });
    expect(plan.podSysctls).toEqual([{ name: "kernel.shm_rmid_forced", value: "1" }]);
    expect(plan.node).toEqual([]);
  });

  it("cannot be had where the cloud lacks a required key", () => {
    const error = errorOf(() => planTuning(MILLION, "gke-cos", "1.34", { hostNetwork: true }));
    expect(error.problems).toEqual([
      expect.stringContaining(
        "required 'net.ipv4.tcp_max_syn_backlog' = 16384 cannot be had on 'gke-cos': GKE on Container-Optimized OS has no",
      ),
    ]);
  });
});

describe("protectKernelDefaults", () => {
  const GUARDED = [
    ["vm.overcommit_memory", 0, "1"],
    ["vm.panic_on_oom", 1, "0"],
    ["kernel.panic", 0, "10"],
    ["kernel.panic_on_oops", 0, "1"],
    ["kernel.keys.root_maxkeys", 200, "1000000"],
    ["kernel.keys.root_maxbytes", 20_000, "25000000"],
  ] as const;

  it.each(GUARDED)("makes %s = %i an error on EKS, even when it is only advised", (name, value, expected) => {
    for (const platform of ["eks-al2023", "eks-bottlerocket", "eks-al2"] as const) {
      const profile = SysctlProfile.of("guarded", { [name]: value } as SysctlValues).advising(name);
      expect(() => planTuning(profile, platform, "1.32")).toThrow(
        `'${name}' = ${value} would stop the kubelet on '${platform}': it runs with protectKernelDefaults and insists on ${expected}. Write ${expected}`,
      );
    }
  });

  it.each(GUARDED)("lets %s (not %i) have the value %s", (name, _, expected) => {
    const plan = planTuning(SysctlProfile.of("guarded", { [name]: expected } as SysctlValues), "eks-al2023", "1.34");
    expect(plan.node).toEqual([{ name, value: expected, semantics: "absolute", need: "required", restore: false }]);
  });

  it("is no concern of GKE", () => {
    expect(planTuning(SysctlProfile.of("guarded", { "vm.overcommit_memory": 0 }), "gke-cos", "1.34").node[0]?.value).toBe("0");
  });
});

describe("the allow-list", () => {
  const allowing = (...allowedUnsafeSysctls: string[]) => planTuning(MILLION, "aks-ubuntu", "1.34", { allowedUnsafeSysctls });

  it("has what the plan needs, then what the caller adds, each once", () => {
    expect(allowing("net.*", "net.core.somaxconn", "kernel.msg*").allowedUnsafeSysctls).toEqual([
      "net.core.somaxconn",
      "net.ipv4.tcp_max_syn_backlog",
      "net.ipv4.tcp_max_tw_buckets",
      "net.*",
      "kernel.msg*",
    ]);
  });

  it("does not change the list it was given", () => {
    const given = Object.freeze(["net.*"]);
    expect(() => planTuning(MILLION, "aks-ubuntu", "1.34", { allowedUnsafeSysctls: given })).not.toThrow();
  });

  it.each(["kernel.shm*", "kernel.shmmax", "kernel.msgmax", "kernel.sem", "fs.mqueue.*", "fs.mqueue.msg_max", "net.*", "net.ipv4.tcp_*"])(
    "may have %s",
    (entry) => {
      expect(allowing(entry).allowedUnsafeSysctls).toContain(entry);
    },
  );

  it.each(["vm.swappiness", "fs.nr_open", "fs.file-max", "kernel.*", "kernel.panic", "fs.mqueue", "net*", "n*", "netfilter.foo"])(
    "may not have %s: its kubelet would not start",
    (entry) => {
      expect(() => allowing(entry)).toThrow(
        `allowedUnsafeSysctls entry '${entry}' is not namespaced, and a kubelet that finds it does not start`,
      );
    },
  );

  it.each(["", "*", "net.core.*.x", "net.core.somaxconn,net.ipv4.tcp_rmem", "net/core/somaxconn", "net.core.somaxconn net.*", "'net.*'"])(
    "may not have %j, which is no name",
    (entry) => {
      expect(() => allowing(entry)).toThrow(`allowedUnsafeSysctls entry '${entry}' is no sysctl name`);
    },
  );

  it.each([
    "net.core.rmem_max",
    "net.core.wmem_default",
    "net.core.netdev_max_backlog",
    "net.netfilter.nf_conntrack_max",
    "net.ipv4.tcp_mem",
    "net.core.optmem_max",
  ])("may not have %s, which is the node's on kernel 5.15: its pods would hang", (entry) => {
    expect(() => allowing(entry)).toThrow(`allowedUnsafeSysctls entry '${entry}' belongs to the whole node on kernel 5.15`);
  });

  it("may have optmem_max from kernel 6.8 on", () => {
    expect(allowListProblem("net.core.optmem_max", "6.8")).toBeUndefined();
    expect(allowListProblem("net.core.optmem_max", "6.7")).toContain("belongs to the whole node on kernel 6.7");
  });

  it.each([
    [["net.core.somaxconn"], "net.core.somaxconn", true],
    [["net.core.somaxconn"], "net.core.somaxconn2", false],
    [["net.core.*"], "net.core.somaxconn", true],
    [["net.core.*"], "net.ipv4.tcp_rmem", false],
    [["kernel.shm*"], "kernel.shmmax", true],
    [["net.ipv4.tcp_*"], "net.ipv4.tcpx", false],
    [["net.core.somaxcon*"], "net.core.somaxco", false],
    [["net.ipv4.tcp_rmem", "net.core.*"], "net.core.somaxconn", true],
    [[], "net.core.somaxconn", false],
  ])("%j admits %s: %s", (allowList, name, expected) => {
    expect(allows(allowList, name)).toBe(expected);
  });
});

describe("podSysctlProblem()", () => {
  const SURROUNDINGS = { kubernetesVersion: "1.34", kernel: "5.15", hostNetwork: false, allowedUnsafeSysctls: [] } as const;

  it("tells what hostNetwork forbids, safe or not", () => {
    for (const name of ["net.core.somaxconn", "net.ipv4.ip_local_port_range"]) {
      expect(podSysctlProblem(name, { ...SURROUNDINGS, hostNetwork: true, allowedUnsafeSysctls: ["net.*"] })).toBe(
        `pod sysctl '${name}' cannot go with hostNetwork: the kubelet refuses every net.* key there. Put it into the profile of a pool with hostNetwork, which sets it on the node`,
      );
    }
    expect(podSysctlProblem("kernel.shm_rmid_forced", { ...SURROUNDINGS, hostNetwork: true })).toBeUndefined();
  });

  it.each([
    "net.core.rmem_max",
    "net.core.wmem_default",
    "net.core.netdev_max_backlog",
    "net.netfilter.nf_conntrack_max",
    "net.ipv4.tcp_mem",
    "fs.nr_open",
    "vm.max_map_count",
    "net.core.optmem_max",
  ])("tells that %s is the node's, whatever the pool allows", (name) => {
    expect(podSysctlProblem(name, { ...SURROUNDINGS, allowedUnsafeSysctls: ["net.*", name] })).toBe(
      `pod sysctl '${name}' belongs to the whole node on kernel 5.15: the pod would stay in FailedCreatePodSandBox. Put it into the profile, which sets it on the node`,
    );
  });

  it("tells what the pool allows when that is not enough", () => {
    expect(podSysctlProblem("net.core.somaxconn", SURROUNDINGS)).toBe(
      "pod sysctl 'net.core.somaxconn' is unsafe on Kubernetes 1.34 and its pool allows nothing: the kubelet would reject the pod with SysctlForbidden. Add it to the pool's profile or to its allowedUnsafeSysctls",
    );
    expect(podSysctlProblem("net.core.somaxconn", { ...SURROUNDINGS, allowedUnsafeSysctls: ["net.ipv4.*", "kernel.sem"] })).toContain(
      "its pool allows net.ipv4.*, kernel.sem: ",
    );
  });

  it("knows the version since which a key is safe", () => {
    expect(podSysctlProblem("net.ipv4.tcp_rmem", { ...SURROUNDINGS, kubernetesVersion: "1.31" })).toContain("unsafe on Kubernetes 1.31");
    expect(podSysctlProblem("net.ipv4.tcp_rmem", { ...SURROUNDINGS, kubernetesVersion: "1.32" })).toBeUndefined();
  });

  it("takes a key it does not know for one that needs an allow-list entry", () => {
    const unknown = "net.ipv4.conf.all.rp_filter";
    expect(isSysctlName(unknown)).toBe(false);
    expect(podSysctlProblem(unknown, SURROUNDINGS)).toContain("SysctlForbidden");
    expect(podSysctlProblem(unknown, { ...SURROUNDINGS, allowedUnsafeSysctls: ["net.*"] })).toBeUndefined();
  });
});

describe("open files", () => {
  it.each([
    ["eks-al2023", "containerd.baseRuntimeSpec"],
    ["eks-bottlerocket", "settings.oci-defaults.resource-limits.max-open-files"],
    ["eks-al2", "LimitNOFILE of containerd.service"],
  ] as const)("are limited by the pool on %s, through %s", (platform, where) => {
    const plan = planTuning(MILLION, platform, "1.32");
    expect(plan.openFiles).toEqual({ limit: 1_048_576, setByPool: true, need: "required" });
    expect(rowOf(plan, OPEN_FILES_KEY)).toMatchObject({ status: "set", wanted: "1048576", node: { value: "1048576" } });
    expect(rowOf(plan, OPEN_FILES_KEY).notes.join()).toContain(where);
  });

  it.each(["aks-ubuntu", "aks-azurelinux", "gke-cos"] as const)("are limited by the image on %s", (platform) => {
    const plan = planTuning(MILLION, platform, "1.34");
    expect(plan.openFiles).toEqual({ limit: 1_048_576, setByPool: false, need: "required" });
    expect(rowOf(plan, OPEN_FILES_KEY)).toMatchObject({ status: "image" });
    expect(rowOf(plan, OPEN_FILES_KEY).notes.join()).toContain("the image gives 1048576");
  });

  it.each(["eks-al2023", "eks-bottlerocket", "eks-al2"] as const)("may not be above fs.nr_open on %s", (platform) => {
    const error = errorOf(() => planTuning(MILLION.withOpenFiles(2_097_153), platform, "1.32"));
    expect(error.problems).toEqual([
      "the open-file limit 2097153 is above fs.nr_open (2097152), and no container would start; raise fs.nr_open to 2097153 or more, or lower the limit with withOpenFiles(2097152)",
    ]);
    expect(planTuning(MILLION.withOpenFiles(2_097_152), platform, "1.32").openFiles.limit).toBe(2_097_152);
  });

  it("may not be above the kernel's own fs.nr_open where the profile has none", () => {
    const profile = MILLION.without("fs.nr_open");
    expect(planTuning(profile, "eks-al2023", "1.34").openFiles.limit).toBe(1_048_576);
    expect(() => planTuning(profile.withOpenFiles(1_048_577), "eks-al2023", "1.34")).toThrow("above fs.nr_open (1048576)");
  });

  it.each([...AKS, "gke-cos"] as const)("for three million connections cannot be had on %s", (platform) => {
    const error = errorOf(() => planTuning(SysctlProfile.forConnections(3_000_000), platform, "1.34"));
    expect(error.problems).toEqual([
      expect.stringMatching(
        new RegExp(
          `^required open-file limit 4194304 cannot be had on '${platform}': containers on .* get 1048576 .*withOpenFiles\\(1048576\\)`,
        ),
      ),
    ]);
  });

  it("for three million connections can be had on EKS", () => {
    expect(planTuning(SysctlProfile.forConnections(3_000_000), "eks-al2023", "1.34").openFiles.limit).toBe(4_194_304);
  });

  it("beyond what the image gives are a warning when they are advised", () => {
    const plan = planTuning(MILLION.withOpenFiles(2_097_152, "advised"), "gke-cos", "1.34");
    expect(plan.openFiles).toEqual({ limit: 1_048_576, setByPool: false, need: "advised" });
    expect(rowOf(plan, OPEN_FILES_KEY).status).toBe("missing");
    expect(plan.warnings.join()).toContain("RLIMIT_NOFILE: wanted 2097152, is 1048576");
  });
});

describe("the platform", () => {
  it.each(["eks", "EKS-AL2023", "", "toString", "__proto__"])("%j is refused with those there are", (platform) => {
    expect(() => planTuning(MILLION, platform as PlatformId, "1.34")).toThrow(
      `'${platform}' is not one; choose from eks-al2023, eks-bottlerocket, eks-al2, aks-ubuntu, aks-azurelinux, gke-cos`,
    );
  });

  it("eks-al2 ends at Kubernetes 1.32, and says what to use instead", () => {
    expect(planTuning(MILLION, "eks-al2", "1.32").kubernetesVersion).toBe("1.32");
    const error = errorOf(() => planTuning(MILLION, "eks-al2", "1.33"));
    expect(error.problems).toEqual([
      "platform 'eks-al2' ends at Kubernetes 1.32, the setting is 1.33; Amazon publishes no AL2 image for Kubernetes 1.33 or newer; use operatingSystem 'al2023' or 'bottlerocket'",
    ]);
  });
});

describe("the Kubernetes version", () => {
  it.each([
    ["1.34", "1.34"],
    ["v1.34", "1.34"],
    ["1.34.2", "1.34"],
    ["1.34.1-gke.1829001", "1.34"],
    ["v1.33.4+k3s1", "1.33"],
    [" 1.34\n", "1.34"],
    ["1.24", "1.24"],
    ["1.74", "1.74"],
  ])("may be written %j", (written, version) => {
    expect(parseKubernetesVersion(written)).toBe(version);
  });

  it.each(["1", "134", "", "latest", "1.", ".34", "1.x", "-1.34", "1.34;", "1.34.1.1", "1,34", "REGULAR"])("may not be %j", (written) => {
    expect(() => planTuning(MILLION, "gke-cos", written)).toThrow(TuningError);
    expect(() => planTuning(MILLION, "gke-cos", written)).toThrow(`'${written}' is not a version; write major.minor, for example "1.34"`);
  });

  it.each(["1.20", "1.23", "1.4", "0.34"])("may not be as old as %s", (written) => {
    expect(() => planTuning(MILLION, "gke-cos", written)).toThrow(`'${written}' is older than 1.24`);
  });

  it.each(["1.200", "1.75", "2.0", "134.0"])("may not be %s, which does not exist", (written) => {
    expect(() => planTuning(MILLION, "gke-cos", written)).toThrow(`'${written}' does not exist; the newest this library knows is 1.37`);
  });

  it("warns when it is newer than the safe list we know, and plans with the newest known", () => {
    const plan = planTuning(MILLION, "gke-cos", "1.40");
    expect(plan.warnings).toContain("Kubernetes 1.40 is newer than this library knows; its safe sysctls are taken to be those of 1.37");
    expect(plan.allowedUnsafeSysctls).toEqual(planTuning(MILLION, "gke-cos", "1.37").allowedUnsafeSysctls);
  });

  it("does not warn at the newest we know", () => {
    expect(planTuning(MILLION, "gke-cos", "1.37").warnings).toEqual([]);
  });
});

function planOf({ profile, platform, version, options }: Case): TuningPlan {
  return planTuning(profile, platform, version, options);
}

function rowOf(plan: TuningPlan, key: TuningRow["key"]): TuningRow {
  const row = plan.rows.find((one) => one.key === key);
  if (!row) throw new Error(`no row for ${key}`);
  return row;
}

function errorOf(plan: () => unknown): TuningError {
  try {
    plan();
  } catch (error) {
    if (error instanceof TuningError) return error;
    throw error;
  }
  throw new Error("expected a TuningError, got a plan");
}

/** A value the catalogue takes, near a million where it may be. */
function someValue(name: SysctlName): string {
  const { shape, kubeletExpects } = SYSCTLS[name];
  if (kubeletExpects !== undefined) return kubeletExpects;
  if (shape.kind === "text") return name === "net.ipv4.tcp_congestion_control" ? "bbr" : "1883,8883";
  const places = shape.kind === "integer" ? 1 : shape.names.length;
  return Array.from({ length: places }, (_, place) => Math.max(shape.min, Math.min(shape.max, 1_000_000 + place))).join(" ");
}

function shifted(value: string, by: number): string {
  return value
    .split(" ")
    .map((number) => Number(number) + by)
    .join(" ");
}

/** Whether the kernel would take the value, so that only the cloud can refuse it. */
function isTaken(name: SysctlName, value: string): boolean {
  try {
    return canonicalValue(name, value) === value;
  } catch {
    return false;
  }
}

function isBetween(value: string, least: string, most: string): boolean {
  const [low, high] = [least.split(" ").map(Number), most.split(" ").map(Number)];
  return value.split(" ").every((number, place) => Number(number) >= low[place]! && Number(number) <= high[place]!);
}
