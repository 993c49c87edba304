import { describe, expect, it } from "vitest";
import { type PodAdmission, podAdmission } from "../../lib/kernel/pod-sysctls";
import { SysctlProfile } from "../../lib/kernel/sysctl-profile";
import type { SysctlName } from "../../lib/kernel/sysctls";
import { planTuning, type TuningPlan } from "../../lib/kernel/tuning-plan";
import type { Version } from "../../lib/kernel/version";

const PLATFORMS = ["eks-al2023", "eks-bottlerocket", "aks-ubuntu", "gke-cos"] as const;

/** What a node gets: `≥` is raised only, `=` is assigned, `image` is left alone, `–` belongs to the pod, `missing` cannot be had. */
type NodeCell = `≥ ${string}` | `= ${string}` | "image" | "missing" | "–";

/** What a pod sets: with no permission needed, with an entry of the kubelet's allow-list, or not at all. */
type PodCell = "safe" | "allow" | "–";

type Cells = readonly [node: NodeCell, pod: PodCell];

const RMEM = "= 1024 4096 16777216";

/**
 * cloud-node-tuning.md §5 with the plan's decisions, by hand, at Kubernetes 1.34 (kernels 6.12, 6.12, 5.15 and 6.6).
 * Node and pod on each of the four platforms.
 */
const REFERENCE_SET: readonly (readonly [name: SysctlName, wanted: string, ...Cells[]])[] = [
  // One value for the node. Only EKS AL2023 runs a script, which can raise without lowering.
  ["fs.file-max", "2097152", ["≥ 2097152", "–"], ["image", "–"], ["image", "–"], ["image", "–"]],
  ["fs.nr_open", "2097152", ["≥ 2097152", "–"], ["= 2097152", "–"], ["= 2097152", "–"], ["= 2097152", "–"]],
  // The pod's own; a node value would be the host's only, except on GKE, which hands it to all pods.
  ["net.core.somaxconn", "32768", ["–", "allow"], ["–", "allow"], ["–", "allow"], ["= 32768", "allow"]],
  ["net.ipv4.tcp_max_syn_backlog", "16384", ["–", "allow"], ["–", "allow"], ["–", "allow"], ["–", "allow"]],
  // New namespaces copy these two, so the node has them as well, where its API knows them.
  ["net.ipv4.tcp_rmem", "1024 4096 16777216", [RMEM, "safe"], [RMEM, "safe"], ["–", "safe"], [RMEM, "safe"]],
  ["net.ipv4.tcp_wmem", "1024 4096 16777216", [RMEM, "safe"], [RMEM, "safe"], ["–", "safe"], [RMEM, "safe"]],
  // Pods could set it, but their traffic is tracked in the node's namespace.
  ["net.netfilter.nf_conntrack_tcp_timeout_time_wait", "30", ["= 30", "–"], ["= 30", "–"], ["missing", "–"], ["= 30", "–"]],
  ["net.ipv4.tcp_max_tw_buckets", "1048576", ["–", "allow"], ["–", "allow"], ["–", "allow"], ["= 1048576", "allow"]],
  ["net.ipv4.tcp_fin_timeout", "15", ["–", "safe"], ["–", "safe"], ["–", "safe"], ["–", "safe"]],
  ["net.ipv4.ip_local_port_range", "1024 65535", ["–", "safe"], ["–", "safe"], ["–", "safe"], ["–", "safe"]],
  ["net.core.netdev_max_backlog", "16384", ["≥ 16384", "–"], ["= 16384", "–"], ["= 16384", "–"], ["= 16384", "–"]],
  ["net.core.rmem_default", "262144", ["= 262144", "–"], ["= 262144", "–"], ["= 262144", "–"], ["= 262144", "–"]],
  ["net.core.wmem_default", "262144", ["= 262144", "–"], ["= 262144", "–"], ["= 262144", "–"], ["= 262144", "–"]],
  ["net.core.rmem_max", "16777216", ["≥ 16777216", "–"], ["= 16777216", "–"], ["= 16777216", "–"], ["= 16777216", "–"]],
  ["net.core.wmem_max", "16777216", ["≥ 16777216", "–"], ["= 16777216", "–"], ["= 16777216", "–"], ["= 16777216", "–"]],
  // Per namespace since 6.8, so the pod's on EKS and the node's on the older kernels of AKS and GKE.
  ["net.core.optmem_max", "16777216", ["–", "allow"], ["–", "allow"], ["= 4194304 (wanted 16777216)", "–"], ["= 16777216", "–"]],
];

describe("the reference set at Kubernetes 1.34", () => {
  const plans = new Map(PLATFORMS.map((platform) => [platform, planTuning(SysctlProfile.MILLION, platform, "1.34")]));

  const cases = REFERENCE_SET.flatMap(([name, wanted, ...platforms]) =>
    PLATFORMS.flatMap((platform, place) => {
      const [node, pod] = platforms[place]!;
      return [
        { name, wanted, platform, side: "node", expected: node },
        { name, wanted, platform, side: "pod", expected: pod },
      ];
    }),
  );

  it("has a node case and a pod case for 16 keys on four platforms", () => {
    expect(cases).toHaveLength(128);
    expect(new Set(cases.map(({ name, platform, side }) => `${name} ${platform} ${side}`)).size).toBe(128);
  });

  it.each(cases)("$name = $wanted on $platform, $side: $expected", ({ name, wanted, platform, side, expected }) => {
    const plan = plans.get(platform)!;
    expect(side === "node" ? nodeCell(plan, name, wanted) : podCell(plan, name, wanted)).toBe(expected);
  });
});

const VERSIONS = ["1.28", "1.29", "1.31", "1.32", "1.37"] as const satisfies readonly Version[];

const [SAFE, ALLOW, REFUSED] = ["safe", "allow-list", "refused"] as const;

/** What a pod that sets the key would need, whatever the plan puts there: by kernel, then at each of VERSIONS. */
const ADMISSION: readonly (readonly [name: SysctlName, kernels: readonly Version[], ...PodAdmission[]])[] = [
  ["fs.file-max", ["5.15", "6.12"], REFUSED, REFUSED, REFUSED, REFUSED, REFUSED],
  ["fs.nr_open", ["5.15", "6.12"], REFUSED, REFUSED, REFUSED, REFUSED, REFUSED],
  ["net.core.somaxconn", ["5.15", "6.12"], ALLOW, ALLOW, ALLOW, ALLOW, ALLOW],
  ["net.ipv4.tcp_max_syn_backlog", ["5.15", "6.12"], ALLOW, ALLOW, ALLOW, ALLOW, ALLOW],
  ["net.ipv4.tcp_rmem", ["5.15", "6.12"], ALLOW, ALLOW, ALLOW, SAFE, SAFE],
  ["net.ipv4.tcp_wmem", ["5.15", "6.12"], ALLOW, ALLOW, ALLOW, SAFE, SAFE],
  ["net.netfilter.nf_conntrack_tcp_timeout_time_wait", ["5.15", "6.12"], ALLOW, ALLOW, ALLOW, ALLOW, ALLOW],
  ["net.ipv4.tcp_max_tw_buckets", ["5.15", "6.12"], ALLOW, ALLOW, ALLOW, ALLOW, ALLOW],
  ["net.ipv4.tcp_fin_timeout", ["5.15", "6.12"], ALLOW, SAFE, SAFE, SAFE, SAFE],
  ["net.ipv4.ip_local_port_range", ["5.15", "6.12"], SAFE, SAFE, SAFE, SAFE, SAFE],
  ["net.core.netdev_max_backlog", ["5.15", "6.12"], REFUSED, REFUSED, REFUSED, REFUSED, REFUSED],
  ["net.core.rmem_default", ["5.15", "6.12"], REFUSED, REFUSED, REFUSED, REFUSED, REFUSED],
  ["net.core.wmem_default", ["5.15", "6.12"], REFUSED, REFUSED, REFUSED, REFUSED, REFUSED],
  ["net.core.rmem_max", ["5.15", "6.12"], REFUSED, REFUSED, REFUSED, REFUSED, REFUSED],
  ["net.core.wmem_max", ["5.15", "6.12"], REFUSED, REFUSED, REFUSED, REFUSED, REFUSED],
  ["net.core.optmem_max", ["5.15", "6.7"], REFUSED, REFUSED, REFUSED, REFUSED, REFUSED],
  ["net.core.optmem_max", ["6.8", "6.12"], ALLOW, ALLOW, ALLOW, ALLOW, ALLOW],
];

describe("what a pod needs to set a key of the reference set", () => {
  const cases = ADMISSION.flatMap(([name, kernels, ...admissions]) =>
    kernels.flatMap((kernel) => VERSIONS.map((kubernetes, place) => ({ name, kernel, kubernetes, expected: admissions[place]! }))),
  );

  it("covers the 16 keys of the reference set", () => {
    expect([...new Set(ADMISSION.map(([name]) => name))]).toEqual(REFERENCE_SET.map(([name]) => name));
  });

  it.each(cases)("$name with Kubernetes $kubernetes and kernel $kernel: $expected", ({ name, kernel, kubernetes, expected }) => {
    expect(podAdmission(name, kubernetes, kernel)).toBe(expected);
  });
});

/** What a pool executes on the node for one key; the row only tells why there is nothing to execute. */
function nodeCell(plan: TuningPlan, name: SysctlName, wanted: string): string {
  const set = plan.node.find((sysctl) => sysctl.name === name);
  if (set) return `${set.semantics === "raise-only" ? "≥" : "="} ${set.value}${set.value === wanted ? "" : ` (wanted ${wanted})`}`;
  const status = plan.rows.find(({ key }) => key === name)?.status;
  return status === "set" ? "–" : String(status);
}

/** What a release executes in the pod for one key, and whether the pool's kubelets let it. */
function podCell(plan: TuningPlan, name: SysctlName, wanted: string): string {
  const set = plan.podSysctls.find((sysctl) => sysctl.name === name);
  const allowed = plan.allowedUnsafeSysctls.includes(name);
  if (!set) return allowed ? "allowed for nothing" : "–";
  if (set.value !== wanted) return set.value;
  return allowed ? "allow" : "safe";
}
