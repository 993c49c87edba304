import { describe, expect, it } from "vitest";
import { PLATFORMS } from "../../lib/kernel/platforms";
import { SysctlProfile } from "../../lib/kernel/sysctl-profile";
import { SYSCTLS, type SysctlName } from "../../lib/kernel/sysctls";
import { AksNodePool, type AksNodePoolProps } from "../../lib/nodes/aks/aks-node-pool";
import { vmArchitecture } from "../../lib/nodes/aks/vm-size";
import { type Block, resourceOf, stackOf, synthesise } from "../support/synth";
import { describeNodePool } from "./node-pool.suite";

const CLUSTER = {
  clusterId: "/subscriptions/0/resourceGroups/mqtt/providers/Microsoft.ContainerService/managedClusters/prod",
  kubernetesVersion: "1.34",
};

for (const operatingSystem of ["ubuntu", "azurelinux"] as const) {
  describeNodePool(`AksNodePool on ${operatingSystem}`, {
    amd64: "Standard_D8s_v6",
    arm64: "Standard_D8ps_v6",
    resourceType: "azurerm_kubernetes_cluster_node_pool",
    build: (stack, id, options, kubernetesVersion) =>
      new AksNodePool(stack, id, { cluster: { ...CLUSTER, kubernetesVersion }, operatingSystem, ...options }),
    read: (synthesised) => {
      const pool = resourceOf(synthesised, "azurerm_kubernetes_cluster_node_pool");
      return {
        sysctls: sysctlsOf(pool.linux_os_config.sysctl_config),
        allowList: pool.kubelet_config.allowed_unsafe_sysctls,
        labels: pool.node_labels,
        taints: [...pool.node_taints].sort(),
        min: pool.min_count,
        max: pool.max_count,
        desired: pool.node_count,
        machineType: pool.vm_size,
        diskGiB: pool.os_disk_size_gb,
        spot: pool.priority === "Spot",
        surge: pool.upgrade_settings?.max_surge,
        tags: pool.tags,
      };
    },
  });
}

/** `linux_os_config` back to sysctl names: azurerm's fields are the names with other separators. */
function sysctlsOf(config: Block): Record<string, string> {
  const byField = new Map(Object.keys(SYSCTLS).map((name) => [name.replaceAll(/[.-]/g, "_"), name]));
  const { net_ipv4_ip_local_port_range_min: low, net_ipv4_ip_local_port_range_max: high, ...rest } = config;
  const sysctls = Object.entries(rest).map(([field, value]) => [byField.get(field) ?? field, String(Number(value))]);
  return Object.fromEntries(low === undefined ? sysctls : [...sysctls, ["net.ipv4.ip_local_port_range", `${low} ${high}`]]);
}

function pool(props: Partial<AksNodePoolProps> = {}): Block {
  return resourceOf(
    synthesise((stack) => {
      new AksNodePool(stack, "Pool", { cluster: CLUSTER, machineType: "Standard_D8s_v6", ...props });
    }),
    "azurerm_kubernetes_cluster_node_pool",
  );
}

function refused(props: Partial<AksNodePoolProps>): () => void {
  return () => stackOf((stack) => new AksNodePool(stack, "Pool", { cluster: CLUSTER, machineType: "Standard_D8s_v6", ...props }));
}

describe("AksNodePool", () => {
  it("always has a temporary name, or no later change of sysctls could be applied", () => {
    expect(pool().temporary_name_for_rotation).toBe("brokertmp");
    expect(pool({ name: "abcdefghijkl" }).temporary_name_for_rotation).toBe("abcdefghitmp");
  });

  it("always states tcp_tw_reuse, as unset it would be sent as false", () => {
    expect(pool().linux_os_config.sysctl_config.net_ipv4_tcp_tw_reuse).toBe(false);
    expect(pool({ profile: SysctlProfile.LOAD_GENERATOR, hostNetwork: true }).linux_os_config.sysctl_config.net_ipv4_tcp_tw_reuse).toBe(
      true,
    );
  });

  it("never sets fs.file-max, whose default is above all that azurerm takes", () => {
    expect(pool().linux_os_config.sysctl_config).not.toHaveProperty("fs_file_max");
  });

  it("raises fs.nr_open on Ubuntu and leaves the larger default of Azure Linux", () => {
    expect(pool().linux_os_config.sysctl_config.fs_nr_open).toBe(2_097_152);
    expect(pool({ operatingSystem: "azurelinux" }).linux_os_config.sysctl_config).not.toHaveProperty("fs_nr_open");
  });

  it("writes both ends of the port range for host network pods", () => {
    const profile = SysctlProfile.of("ports", { "net.ipv4.ip_local_port_range": [1024, 65_535] });
    const { sysctl_config: config } = pool({ profile, hostNetwork: true }).linux_os_config;
    expect(config).toMatchObject({ net_ipv4_ip_local_port_range_min: 1024, net_ipv4_ip_local_port_range_max: 65_535 });
  });

  it("has a field for every key that the platform's table accepts", () => {
    const { node } = PLATFORMS["aks-ubuntu"];
    const accepted = Object.keys(node.by === "api" ? node.accepts : {}) as SysctlName[];
    expect(accepted.length).toBeGreaterThan(20);
    const values = Object.fromEntries(accepted.map((name) => [name, largest(name)]));
    const profile = SysctlProfile.of("all", values);
    const written = sysctlsOf(pool({ profile, hostNetwork: true }).linux_os_config.sysctl_config);
    // fs.file-max is the one that is left to the image.
    expect(Object.keys(written).sort()).toEqual(accepted.filter((name) => name !== "fs.file-max").sort());

    function largest(name: SysctlName) {
      const range = node.by === "api" ? node.accepts[name] : undefined;
      if (range === undefined || range === "any") throw new Error(`no range for ${name}`);
      return ("min" in range ? [range.max] : range.map(({ max }) => max)).join(" ");
    }
  });

  it("tolerates and states the taint that AKS puts on spot nodes", () => {
    const spot = pool({ spot: true });
    expect(spot).toMatchObject({ priority: "Spot", eviction_policy: "Delete", spot_max_price: -1 });
    expect(spot.node_taints).toContain("kubernetes.azure.com/scalesetpriority=spot:NoSchedule");
    expect(spot.upgrade_settings).toBeUndefined();
  });

  it("passes kubelet settings on beside the allow-list", () => {
    expect(pool({ kubelet: { podMaxPid: 4096 } }).kubelet_config).toMatchObject({
      pod_max_pid: 4096,
      allowed_unsafe_sysctls: expect.any(Array),
    });
  });

  it.each<[string, Partial<AksNodePoolProps>, RegExp]>([
    ["a name with a dash", { name: "my-pool" }, /'name' is 'my-pool'; a pool's name is a small letter/],
    ["a name of 13 characters", { name: "abcdefghijklm" }, /'name' is 'abcdefghijklm'/],
    ["the same temporary name", { name: "broker", temporaryName: "broker" }, /'temporaryName' is 'broker' like the pool itself/],
    ["a label of AKS", { labels: { "kubernetes.azure.com/mode": "x" } }, /prefix is reserved for AKS/],
    [
      "a required key that AKS lacks",
      { profile: SysctlProfile.MILLION.requiring("net.netfilter.nf_conntrack_tcp_timeout_time_wait") },
      /required 'net\.netfilter\.nf_conntrack_tcp_timeout_time_wait' = 30 cannot be had on 'aks-ubuntu'.*its node settings are fs\.aio-max-nr/s,
    ],
    [
      "a required key that AKS clamps",
      { profile: SysctlProfile.MILLION.requiring("net.core.optmem_max") },
      /required 'net\.core\.optmem_max' = 16777216 cannot be had on 'aks-ubuntu': AKS on Ubuntu takes 20480 to 4194304/,
    ],
  ])("refuses %s", (_, props, message) => {
    expect(refused(props)).toThrow(message);
  });

  it.each([
    ["Standard_D8s_v6", "amd64"],
    ["Standard_D8ps_v6", "arm64"],
    ["Standard_E4-2ds_v5", "amd64"],
    ["Standard_B2pts_v2", "arm64"],
    ["Standard_NC24ads_A100_v4", "amd64"],
    ["m7g.large", undefined],
    ["", undefined],
  ])("reads the architecture of %s as %s", (vmSize, architecture) => {
    expect(vmArchitecture(vmSize)).toBe(architecture);
  });
});
