import { KubernetesCluster } from "@cdktf/provider-azurerm/lib/kubernetes-cluster";
import { describe, expect, it } from "vitest";
import { AksCluster } from "../../lib/clusters/aks/aks-cluster";
import type { AksClusterProps } from "../../lib/clusters/aks/aks-cluster-props";
import { AksNetwork, type AksNetworkProps } from "../../lib/clusters/aks/aks-network";
import { InvalidPropsError, TuningError } from "../../lib/errors";
import { billOfMaterials, resourceOf, resourcesOf, stackOf, synthesise } from "../support/synth";
import { dependencies, refusal, resolved, token } from "./support";

const required: AksClusterProps = { name: "mqtt", location: "westeurope", kubernetesVersion: "1.34" };
const subnetId = "/subscriptions/s/resourceGroups/hub/providers/Microsoft.Network/virtualNetworks/hub/subnets/aks";
const given = { subnetId, resourceGroupName: "hub" };

function cluster(props: Partial<AksClusterProps> = {}) {
  return synthesise((stack) => {
    new AksCluster(stack, "Cluster", { ...required, ...props });
  });
}

function clusterBlock(props: Partial<AksClusterProps> = {}) {
  return resourceOf(cluster(props), "azurerm_kubernetes_cluster");
}

function network(props: Partial<AksNetworkProps> = {}) {
  return synthesise((stack) => {
    new AksNetwork(stack, "Network", { name: "mqtt", location: "westeurope", ...props });
  });
}

describe("AksNetwork", () => {
  it("makes a resource group, a virtual network and a subnet for nodes", () => {
    const synthesised = network();
    expect(resourceOf(synthesised, "azurerm_resource_group")).toMatchObject({ name: "mqtt", location: "westeurope" });
    expect(resourceOf(synthesised, "azurerm_virtual_network")).toMatchObject({ name: "mqtt", address_space: ["10.0.0.0/16"] });
    expect(resourceOf(synthesised, "azurerm_subnet").address_prefixes).toEqual(['${cidrsubnet("10.0.0.0/16", 4, 0)}']);
  });

  it("moves into a resource group that exists", () => {
    const synthesised = network({ resourceGroupName: "theirs" });
    expect(resourcesOf(synthesised, "azurerm_resource_group")).toEqual([]);
    expect(resourceOf(synthesised, "azurerm_virtual_network").resource_group_name).toBe("theirs");
    expect(resourceOf(synthesised, "azurerm_subnet").resource_group_name).toBe("theirs");
  });

  it.each<[Partial<AksNetworkProps>, string]>([
    [{ cidr: "10.0.0.0/25" }, "test/Network: 'cidr' must have a prefix between /8 and /24, got '10.0.0.0/25'"],
    [{ cidr: "ten" }, "'cidr' must be an IPv4 network such as 10.0.0.0/16, got 'ten'"],
    [{ resourceGroupName: "group." }, "'resourceGroupName' names the resource group and must be 1 to 90 letters"],
    [{ name: "my group" }, "'name' names the resource group and must be 1 to 90 letters"],
  ])("refuses %j", (props, message) => {
    const error = refusal((stack) => new AksNetwork(stack, "Network", { name: "mqtt", location: "westeurope", ...props }));
    expect(error).toBeInstanceOf(InvalidPropsError);
    expect(error.message).toContain(message);
  });
});

describe("AksCluster", () => {
  it("runs the stated version, on the control plane and the system pool", () => {
    const block = clusterBlock({ kubernetesVersion: "1.33.2" });
    expect(block.kubernetes_version).toBe("1.33");
    expect(block.default_node_pool.orchestrator_version).toBe("1.33");
  });

  it("spreads a system pool over three zones that only critical add-ons tolerate", () => {
    expect(clusterBlock().default_node_pool).toMatchObject({
      name: "system",
      only_critical_addons_enabled: true,
      zones: ["1", "2", "3"],
      vm_size: "Standard_D2s_v5",
      auto_scaling_enabled: true,
      min_count: 3,
      max_count: 5,
      os_disk_size_gb: 50,
    });
  });

  it("names a pool for rotation, without which Azure refuses to change the system pool", () => {
    expect(clusterBlock().default_node_pool.temporary_name_for_rotation).toMatch(/^[a-z][a-z0-9]{0,11}$/);
  });

  it("lets the control plane into the subnet before the cluster is made", () => {
    const synthesised = cluster();
    const identity = /^\$\{azurerm_user_assigned_identity\.Cluster_Identity_\w+\.(?:principal_)?id\}$/;
    expect(resourceOf(synthesised, "azurerm_role_assignment")).toMatchObject({
      role_definition_name: "Network Contributor",
      scope: expect.stringContaining("azurerm_subnet.Cluster_Network_Nodes"),
      principal_id: expect.stringMatching(identity),
    });
    const block = resourceOf(synthesised, "azurerm_kubernetes_cluster");
    expect(block.identity).toEqual({ type: "UserAssigned", identity_ids: [expect.stringMatching(identity)] });
    expect(dependencies(block)).toEqual(["azurerm_role_assignment.Cluster_NetworkContributor"]);
  });

  it("gives pods addresses of an overlay, and Services through kube-proxy, whose limit the plan raises", () => {
    expect(clusterBlock().network_profile).toEqual({
      network_plugin: "azure",
      network_plugin_mode: "overlay",
      network_data_plane: "azure",
      load_balancer_sku: "standard",
      outbound_type: "loadBalancer",
      pod_cidr: "10.244.0.0/16",
      service_cidr: "172.20.0.0/16",
      dns_service_ip: '${cidrhost("172.20.0.0/16", 10)}',
    });
  });

  it("asks for cilium's network policy with cilium's data plane, as Azure demands", () => {
    expect(clusterBlock({ networkDataPlane: "cilium" }).network_profile).toMatchObject({
      network_data_plane: "cilium",
      network_policy: "cilium",
    });
  });

  it("issues tokens that workloads exchange for Azure identities", () => {
    expect(clusterBlock()).toMatchObject({ oidc_issuer_enabled: true, workload_identity_enabled: true });
  });

  it("takes patches once a week, and never a minor version that the plan does not know", () => {
    const sunday = { frequency: "Weekly", interval: 1, day_of_week: "Sunday", start_time: "02:00", utc_offset: "+00:00", duration: 4 };
    expect(clusterBlock()).toMatchObject({
      automatic_upgrade_channel: "patch",
      maintenance_window_auto_upgrade: sunday,
      node_os_upgrade_channel: "NodeImage",
      maintenance_window_node_os: sunday,
    });
  });

  it("leaves upgrades to its owner when told so", () => {
    const block = clusterBlock({ automaticUpgradeChannel: "none", nodeOsUpgradeChannel: "None" });
    expect(block.node_os_upgrade_channel).toBe("None");
    for (const absent of ["automatic_upgrade_channel", "maintenance_window_auto_upgrade", "maintenance_window_node_os"]) {
      expect(block).not.toHaveProperty(absent);
    }
  });

  it("answers everyone, the stated networks, or nobody outside", () => {
    const open = clusterBlock();
    expect(open.private_cluster_enabled).toBe(false);
    expect(open).not.toHaveProperty("api_server_access_profile");
    const office = clusterBlock({ publicAccessCidrs: ["203.0.113.0/24"] });
    expect(office.private_cluster_enabled).toBe(false);
    expect(office.api_server_access_profile).toEqual({ authorized_ip_ranges: ["203.0.113.0/24"] });
    const closed = clusterBlock({ publicAccessCidrs: [] });
    expect(closed.private_cluster_enabled).toBe(true);
    expect(closed).not.toHaveProperty("api_server_access_profile");
  });

  it("turns local accounts off once Entra groups administer it", () => {
    expect(clusterBlock().local_account_disabled).toBe(false);
    expect(clusterBlock({ adminGroupObjectIds: ["group"] })).toMatchObject({
      local_account_disabled: true,
      azure_active_directory_role_based_access_control: { azure_rbac_enabled: true, admin_group_object_ids: ["group"] },
    });
  });

  it("lets in who applies it by an Azure role instead of a secret", () => {
    const synthesised = cluster({ ...required, deployerIsAdmin: true });
    expect(resourceOf(synthesised, "azurerm_kubernetes_cluster")).toMatchObject({
      local_account_disabled: true,
      azure_active_directory_role_based_access_control: { azure_rbac_enabled: true },
    });
    expect(resourcesOf(synthesised, "azurerm_role_assignment")).toContainEqual(
      expect.objectContaining({
        role_definition_name: "Azure Kubernetes Service RBAC Cluster Admin",
        principal_id: expect.stringMatching(/^\$\{data\.azurerm_client_config\.Cluster_Deployer_\w+\.object_id\}$/),
      }),
    );
  });

  it("derives a DNS prefix that Azure takes from a name with underscores", () => {
    expect(clusterBlock({ name: "mqtt_eu_1" }).dns_prefix).toBe("mqtt-eu-1");
  });

  it("uses a subnet that exists and makes no network then", () => {
    const synthesised = cluster(given);
    expect(resourcesOf(synthesised, "azurerm_virtual_network")).toEqual([]);
    expect(resourcesOf(synthesised, "azurerm_resource_group")).toEqual([]);
    expect(resourceOf(synthesised, "azurerm_role_assignment").scope).toBe(subnetId);
    const block = resourceOf(synthesised, "azurerm_kubernetes_cluster");
    expect(block.default_node_pool.vnet_subnet_id).toBe(subnetId);
    expect(block.resource_group_name).toBe("hub");
  });

  it("tells pools and stacks what they need", () => {
    const facts = resolved((stack) => {
      const made = new AksCluster(stack, "Cluster", required);
      const { clusterId, subnetId: subnet, kubernetesVersion, resourceGroupName, location, oidcIssuerUrl, endpoint } = made;
      return { clusterId, subnet, kubernetesVersion, resourceGroupName, location, oidcIssuerUrl, endpoint };
    });
    const of = (attribute: string) =>
      expect.stringMatching(new RegExp(`^\\$\\{azurerm_kubernetes_cluster\\.Cluster_\\w+\\.${attribute}\\}$`));
    expect(facts).toEqual({
      clusterId: of("id"),
      subnet: expect.stringMatching(/^\$\{azurerm_subnet\.Cluster_Network_Nodes_\w+\.id\}$/),
      kubernetesVersion: "1.34",
      resourceGroupName: expect.stringMatching(/^\$\{azurerm_resource_group\.Cluster_Network_ResourceGroup_\w+\.name\}$/),
      location: "westeurope",
      oidcIssuerUrl: of("oidc_issuer_url"),
      endpoint: of("kube_config\\[0\\]\\.host"),
    });
  });

  it("reaches the provider's resource as its default child", () => {
    const child = stackOf((stack) => new AksCluster(stack, "Cluster", required)).node.findChild("Cluster").node.defaultChild;
    expect(child).toBeInstanceOf(KubernetesCluster);
  });

  it("tags everything that takes tags", () => {
    const { resource = {} } = cluster({ tags: { team: "iot" } });
    const untagged = Object.entries(resource).flatMap(([type, blocks]) =>
      Object.values(blocks).some((block) => block.tags?.team !== "iot") ? [type] : [],
    );
    expect(untagged.sort()).toEqual(["azurerm_role_assignment", "azurerm_subnet"]);
    expect(clusterBlock({ tags: { team: "iot" } }).default_node_pool.tags).toEqual({ team: "iot" });
  });

  it.each<[Partial<AksClusterProps>, string]>([
    [{ kubernetesVersion: "1" }, "test/Cluster: 'kubernetesVersion' '1' is not a version; write major.minor"],
    [{ kubernetesVersion: token() }, "'kubernetesVersion' must be known at synth"],
    [{ name: "mqtt-" }, "'name' must be 1 to 63 letters, digits, - and _, beginning and ending with a letter or digit, got 'mqtt-'"],
    [{ name: "m".repeat(55) }, "'dnsPrefix' must be 1 to 54 letters"],
    [
      { dnsPrefix: "mqtt_eu" },
      "'dnsPrefix' must be 1 to 54 letters, digits and -, beginning and ending with a letter or digit, got 'mqtt_eu'",
    ],
    [{ zones: [] }, "'zones' must name a zone at least, got none"],
    [{ zones: ["1", "4"] }, `'zones' must name each of "1", "2", "3" once at most, got '4'`],
    [{ zones: ["2", "2"] }, "once at most, got '2'"],
    [{ ...given, cidr: "10.0.0.0/16" }, "'cidr' describes a new network, but 'subnetId' names one that exists"],
    [{ subnetId }, "'resourceGroupName' must be stated with 'subnetId'"],
    [{ cidr: "10.240.0.0/12" }, "'podCidr' '10.244.0.0/16' overlaps 'cidr' (10.240.0.0/12); choose another range"],
    [{ ...given, serviceCidr: "10.244.8.0/21" }, "'serviceCidr' '10.244.8.0/21' overlaps 'podCidr' (10.244.0.0/16)"],
    [{ cidr: "10.244.128.0/20" }, "'podCidr' '10.244.0.0/16' overlaps 'cidr' (10.244.128.0/20)"],
    [{ cidr: "nowhere" }, "'cidr' must be an IPv4 network such as 10.0.0.0/16, got 'nowhere'"],
    [{ serviceCidr: "172.20.0.0/8" }, "'serviceCidr' must have a prefix between /12 and /28"],
    [{ publicAccessCidrs: ["203.0.113.7/24"] }, "'publicAccessCidrs' must begin at its first address, 203.0.113.0/24"],
    [{ maintenanceWindow: { dayOfWeek: "Monday", startTime: "2am", hours: 4 } }, "'maintenanceWindow.startTime' must be hours and minutes"],
    [
      { maintenanceWindow: { dayOfWeek: "Monday", startTime: "02:00", hours: 2 } },
      "'maintenanceWindow.hours' must be a whole number from 4 to 24, got 2",
    ],
    [{ adminGroupObjectIds: [] }, "'adminGroupObjectIds' must name a group at least, got none"],
    [{ systemPool: { minNodes: 2.5 } }, "'systemPool.minNodes' must be a whole number of at least 1, got 2.5"],
    [{ systemPool: { maxNodes: 2 } }, "'systemPool.maxNodes' must be at least minNodes (3), got 2"],
  ])("refuses %j", (props, message) => {
    const error = refusal((stack) => new AksCluster(stack, "Cluster", { ...required, ...props }));
    expect(error).toBeInstanceOf(InvalidPropsError);
    expect(error.message).toContain(message);
  });

  it("consists of these resources", () => {
    expect(billOfMaterials(cluster())).toEqual([
      "azurerm_kubernetes_cluster × 1",
      "azurerm_resource_group × 1",
      "azurerm_role_assignment × 1",
      "azurerm_subnet × 1",
      "azurerm_user_assigned_identity × 1",
      "azurerm_virtual_network × 1",
    ]);
  });
});

describe("AksCluster.fromName()", () => {
  const lookup = { name: "theirs", resourceGroupName: "group", kubernetesVersion: "1.32.5" };

  it("asks Azure for the cluster and makes nothing", () => {
    const synthesised = synthesise((stack) => AksCluster.fromName(stack, "Theirs", lookup));
    expect(billOfMaterials(synthesised)).toEqual(["data azurerm_kubernetes_cluster × 1"]);
    expect(synthesised.data?.azurerm_kubernetes_cluster?.Theirs).toMatchObject({ name: "theirs", resource_group_name: "group" });
  });

  it("yields references to what was found, the stated version and the stated subnet", () => {
    const found = resolved((stack) => AksCluster.fromName(stack, "Theirs", { ...lookup, subnetId }));
    expect(found).toEqual({
      clusterId: "${data.azurerm_kubernetes_cluster.Theirs.id}",
      kubernetesVersion: "1.32",
      subnetId,
      endpoint: "${data.azurerm_kubernetes_cluster.Theirs.kube_config[0].host}",
      certificateAuthority: "${data.azurerm_kubernetes_cluster.Theirs.kube_config[0].cluster_ca_certificate}",
      clientCertificate: "${data.azurerm_kubernetes_cluster.Theirs.kube_config[0].client_certificate}",
      clientKey: "${data.azurerm_kubernetes_cluster.Theirs.kube_config[0].client_key}",
    });
  });

  it("refuses a version that is none", () => {
    const error = refusal((stack) => AksCluster.fromName(stack, "Theirs", { ...lookup, kubernetesVersion: "new" }));
    expect(error).toBeInstanceOf(InvalidPropsError);
    expect(error.message).toContain("'kubernetesVersion' 'new' is not a version");
  });
});

describe("AksCluster.fromAttributes()", () => {
  it("passes on what it is told, the version as major.minor", () => {
    expect(AksCluster.fromAttributes({ clusterId: "/id", kubernetesVersion: "1.31.7" })).toEqual({
      clusterId: "/id",
      kubernetesVersion: "1.31",
    });
  });

  it("refuses a version that is none", () => {
    expect(() => AksCluster.fromAttributes({ clusterId: "/id", kubernetesVersion: "?" })).toThrow(TuningError);
  });
});
