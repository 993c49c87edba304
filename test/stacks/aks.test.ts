import { describe, expect, it } from "vitest";
import { TuningError } from "../../lib";
import { AksStack } from "../../stacks/aks";
import { billOfMaterials, resourceOf, type SynthesisedStack } from "../support/synth";
import { build, readable } from "./support";

const aks = (context: object = {}) => build(AksStack, "aks", context);
const poolOf = (stack: SynthesisedStack) => resourceOf(stack, "azurerm_kubernetes_cluster_node_pool");

describe("AksStack with default settings", () => {
  const stack = aks();

  it("makes a resource group, a network, a cluster that may use it, and a broker pool", () => {
    expect(billOfMaterials(stack)).toEqual([
      "azurerm_kubernetes_cluster × 1",
      "azurerm_kubernetes_cluster_node_pool × 1",
      "azurerm_resource_group × 1",
      "azurerm_role_assignment × 2",
      "azurerm_subnet × 1",
      "azurerm_user_assigned_identity × 1",
      "azurerm_virtual_network × 1",
      "data azurerm_client_config × 1",
    ]);
  });

  it("works in the region of the settings and names cluster and group by them", () => {
    expect(stack.provider).toEqual({ azurerm: [{ features: [{}] }] });
    expect(resourceOf(stack, "azurerm_kubernetes_cluster")).toMatchObject({
      name: "mqtt",
      location: "westeurope",
      kubernetes_version: "1.34",
    });
    expect(resourceOf(stack, "azurerm_resource_group")).toMatchObject({ name: "mqtt", location: "westeurope" });
  });

  it("attaches the pool to the cluster and its subnet, over three zones", () => {
    const pool = poolOf(stack);
    expect(pool.kubernetes_cluster_id).toMatch(/^\$\{azurerm_kubernetes_cluster\.Cluster_\w+\.id\}$/);
    expect(pool.vnet_subnet_id).toMatch(/^\$\{azurerm_subnet\.Cluster_Network_Nodes_\w+\.id\}$/);
    expect(pool).toMatchObject({
      min_count: 3,
      max_count: 6,
      node_count: 3,
      vm_size: "Standard_D8s_v5",
      zones: ["1", "2", "3"],
      os_sku: "Ubuntu",
      os_disk_size_gb: 50,
      upgrade_settings: { max_surge: "1" },
    });
  });

  it("tunes it by linux_os_config and the kubelet's allow-list as planned", () => {
    const { linux_os_config, kubelet_config } = poolOf(stack);
    expect(linux_os_config.sysctl_config).toMatchObject({
      fs_nr_open: 2_097_152,
      net_core_rmem_max: 16_777_216,
      net_ipv4_tcp_tw_reuse: false,
    });
    expect(linux_os_config.sysctl_config).not.toHaveProperty("fs_file_max");
    expect(Object.keys(linux_os_config.sysctl_config)).toHaveLength(stack.pool.tuning.node.length);
    expect(kubelet_config.allowed_unsafe_sysctls).toEqual(stack.pool.tuning.allowedUnsafeSysctls);
    expect(kubelet_config.allowed_unsafe_sysctls).toContain("net.core.somaxconn");
  });

  it("says how to reach the cluster", () => {
    expect(stack.output).toEqual({
      cluster_id: { value: expect.stringMatching(/^\$\{azurerm_kubernetes_cluster\.Cluster_\w+\.id\}$/) },
      kubeconfig_command: {
        value: "az aks get-credentials --resource-group mqtt --name mqtt && kubelogin convert-kubeconfig --login azurecli",
      },
    });
  });

  it("is what was reviewed", async () => {
    await expect(readable(stack)).toMatchFileSnapshot("./__snapshots__/aks.json");
  });
});

describe("AksStack in a cluster that exists", () => {
  const existing = { existingCluster: true, clusterName: "fleet", resourceGroup: "brokers" };
  const stack = aks({ aks: existing });

  it("makes the pool alone", () => {
    expect(billOfMaterials(stack)).toEqual(["azurerm_kubernetes_cluster_node_pool × 1", "data azurerm_kubernetes_cluster × 1"]);
  });

  it("finds the cluster by name and group", () => {
    expect(Object.values(stack.data?.azurerm_kubernetes_cluster ?? {})).toMatchObject([{ name: "fleet", resource_group_name: "brokers" }]);
    expect(poolOf(stack).kubernetes_cluster_id).toBe("${data.azurerm_kubernetes_cluster.Cluster.id}");
    expect(stack.output?.kubeconfig_command?.value).toBe("az aks get-credentials --resource-group brokers --name fleet");
  });

  it("puts the nodes into the subnet of the settings when there is one, and leaves it to AKS otherwise", () => {
    expect(poolOf(aks({ aks: { ...existing, subnetId: "/nodes" } })).vnet_subnet_id).toBe("/nodes");
    expect(poolOf(stack)).not.toHaveProperty("vnet_subnet_id");
  });
});

describe("AksStack's settings", () => {
  it("choose a resource group that exists for a new cluster", () => {
    const stack = aks({ aks: { resourceGroup: "brokers" } });
    expect(billOfMaterials(stack)).not.toContain("azurerm_resource_group × 1");
    expect(resourceOf(stack, "azurerm_kubernetes_cluster").resource_group_name).toBe("brokers");
    expect(stack.output?.kubeconfig_command?.value).toBe(
      "az aks get-credentials --resource-group brokers --name mqtt && kubelogin convert-kubeconfig --login azurecli",
    );
  });

  it("choose Azure Linux", () => {
    const stack = aks({ aks: { operatingSystem: "azurelinux" } });
    expect(poolOf(stack).os_sku).toBe("AzureLinux");
    expect(stack.pool.tuning.platform).toBe("aks-azurelinux");
  });

  it("choose subscription, machine, disk, zones and sizes", () => {
    const stack = aks({
      minNodes: 1,
      maxNodes: 9,
      desiredNodes: 2,
      surge: 3,
      aks: { subscriptionId: "0000-1111", machineType: "Standard_D16ps_v6", diskGiB: 128, zones: ["1", "3"] },
    });
    expect(stack.provider).toEqual({ azurerm: [{ features: [{}], subscription_id: "0000-1111" }] });
    expect(stack.pool.architecture).toBe("arm64");
    expect(poolOf(stack)).toMatchObject({
      vm_size: "Standard_D16ps_v6",
      os_disk_size_gb: 128,
      zones: ["1", "3"],
      min_count: 1,
      max_count: 9,
      node_count: 2,
      upgrade_settings: { max_surge: "3" },
    });
    expect(resourceOf(stack, "azurerm_kubernetes_cluster").default_node_pool.zones).toEqual(["1", "3"]);
  });

  it("state the Kubernetes version once for cluster, system pool and plan", () => {
    const stack = aks({ kubernetesVersion: "1.33" });
    const cluster = resourceOf(stack, "azurerm_kubernetes_cluster");
    expect(cluster.kubernetes_version).toBe("1.33");
    expect(cluster.default_node_pool.orchestrator_version).toBe("1.33");
    expect(stack.pool.tuning.kubernetesVersion).toBe("1.33");
  });

  it("make spot nodes, which brokers tolerate", () => {
    const stack = aks({ aks: { spot: true } });
    expect(poolOf(stack)).toMatchObject({ priority: "Spot", eviction_policy: "Delete" });
    expect(stack.pool.tolerations.map(({ key }) => key)).toContain("kubernetes.azure.com/scalesetpriority");
    expect(poolOf(aks())).not.toHaveProperty("priority");
  });

  it("tune the node itself for brokers on its network", () => {
    const stack = aks({ hostNetwork: true });
    expect(stack.pool.tuning.podSysctls).toEqual([]);
    expect(poolOf(stack).linux_os_config.sysctl_config).toMatchObject({
      net_core_somaxconn: 32_768,
      net_ipv4_ip_local_port_range_min: 1024,
      net_ipv4_ip_local_port_range_max: 65_535,
    });
    expect(poolOf(aks()).linux_os_config.sysctl_config).not.toHaveProperty("net_core_somaxconn");
  });

  it("are refused by the plan when they want more open files than the image gives", () => {
    expect(() => aks({ profile: 3_000_000 })).toThrow(TuningError);
    expect(() => aks({ profile: 3_000_000 })).toThrow(
      /open-file limit 4194304 cannot be had on 'aks-ubuntu'.* Put fewer connections on each pod/,
    );
  });

  it("tag everything", () => {
    const { resource = {} } = aks({ tags: { team: "iot" } });
    const untagged = Object.keys(resource).filter((type) => Object.values(resource[type]!).some(({ tags }) => tags?.team !== "iot"));
    expect(untagged.sort()).toEqual(["azurerm_role_assignment", "azurerm_subnet"]);
  });
});
