import { DataAzurermClientConfig } from "@cdktf/provider-azurerm/lib/data-azurerm-client-config";
import { KubernetesCluster } from "@cdktf/provider-azurerm/lib/kubernetes-cluster";
import { RoleAssignment } from "@cdktf/provider-azurerm/lib/role-assignment";
import { UserAssignedIdentity } from "@cdktf/provider-azurerm/lib/user-assigned-identity";
import { Fn, Token } from "cdktf";
import { Construct } from "constructs";
import { checkVersion } from "../check-version";
import { resolveSystemPool } from "../system-pool";
import type { AksClusterProps, AksMaintenanceWindow } from "./aks-cluster-props";
import { AksNetwork } from "./aks-network";
import { checkAksCluster } from "./check-aks-cluster";
import { type AksClusterLookup, existingAksCluster, lookUpAksCluster } from "./existing-aks-cluster";
import type { IAksCluster } from "./i-aks-cluster";

const SUNDAY_NIGHT: AksMaintenanceWindow = { dayOfWeek: "Sunday", startTime: "02:00", hours: 4 };

/**
 * An AKS cluster worth attaching broker pools to: its network unless given a subnet, the control plane with an identity that may use that
 * subnet, and a small system pool over three zones that only critical add-ons tolerate.
 *
 * Whoever applies it needs the right to assign roles on the subnet.
 */
export class AksCluster extends Construct implements IAksCluster {
  readonly clusterId: string;
  readonly clusterName: string;
  readonly kubernetesVersion: string;
  readonly resourceGroupName: string;
  readonly location: string;
  readonly subnetId: string;
  /** The network made for the cluster; undefined when it was given `subnetId`. */
  readonly network?: AksNetwork;
  /** Issuer of service-account tokens, for federated credentials. */
  readonly oidcIssuerUrl: string;
  readonly endpoint: string;
  readonly certificateAuthority: string;
  readonly clientCertificate: string;
  readonly clientKey: string;

  /** A cluster that exists, told in full. Makes nothing and asks Azure nothing. */
  static fromAttributes(attributes: IAksCluster): IAksCluster {
    return existingAksCluster(attributes);
  }

  /** A cluster that exists, found by its name: one data source, and nothing made. */
  static fromName(scope: Construct, id: string, props: AksClusterLookup): IAksCluster {
    return lookUpAksCluster(scope, id, props);
  }

  constructor(scope: Construct, id: string, props: AksClusterProps) {
    super(scope, id);
    const { name, location, cidr, networkDataPlane = "azure", tags = {} } = props;
    const { zones = ["1", "2", "3"], podCidr = "10.244.0.0/16", serviceCidr = "172.20.0.0/16", maintenanceWindow = SUNDAY_NIGHT } = props;
    const { dnsPrefix = Token.isUnresolved(name) ? name : name.replaceAll("_", "-") } = props;
    const kubernetesVersion = checkVersion(this, props.kubernetesVersion);
    checkAksCluster(this, { ...props, zones, dnsPrefix, podCidr, serviceCidr, maintenanceWindow });
    const systemPool = resolveSystemPool(this, { machineType: "Standard_D2s_v5", minNodes: 3, maxNodes: 5 }, props.systemPool);

    const place =
      existingPlace(props) ?? new AksNetwork(this, "Network", { name, location, resourceGroupName: props.resourceGroupName, cidr, tags });
    const { resourceGroupName, subnetId } = place;

    // An identity that exists before the cluster can be let into the subnet before the first node needs it.
    const identity = new UserAssignedIdentity(this, "Identity", {
      name: `${name}-control-plane`,
      location,
      resourceGroupName,
      tags: { ...tags },
    });
    const networkContributor = new RoleAssignment(this, "NetworkContributor", {
      scope: subnetId,
      roleDefinitionName: "Network Contributor",
      principalId: identity.principalId,
      principalType: "ServicePrincipal",
    });

    const cluster = new KubernetesCluster(this, "Resource", {
      name,
      location,
      resourceGroupName,
      dnsPrefix,
      kubernetesVersion,
      skuTier: props.skuTier ?? "Standard",
      identity: { type: "UserAssigned", identityIds: [identity.id] },
      defaultNodePool: {
        name: "system",
        temporaryNameForRotation: "systemtmp",
        orchestratorVersion: kubernetesVersion,
        vmSize: systemPool.machineType,
        zones: [...zones],
        vnetSubnetId: subnetId,
        autoScalingEnabled: true,
        minCount: systemPool.minNodes,
        maxCount: systemPool.maxNodes,
        osDiskSizeGb: systemPool.diskGiB,
        // The taint CriticalAddonsOnly=true:NoSchedule; this pool takes no other.
        onlyCriticalAddonsEnabled: true,
        upgradeSettings: { maxSurge: "33%" },
        tags: { ...tags },
      },
      networkProfile: networkProfile(networkDataPlane, podCidr, serviceCidr),
      ...access(props),
      ...upgrades(props, maintenanceWindow),
      oidcIssuerEnabled: true,
      workloadIdentityEnabled: true,
      tags: { ...tags },
      dependsOn: [networkContributor],
    });

    if (props.deployerIsAdmin) {
      new RoleAssignment(this, "DeployerIsAdmin", {
        scope: cluster.id,
        roleDefinitionName: "Azure Kubernetes Service RBAC Cluster Admin",
        principalId: new DataAzurermClientConfig(this, "Deployer").objectId,
      });
    }

    this.clusterId = cluster.id;
    this.clusterName = cluster.name;
    this.kubernetesVersion = kubernetesVersion;
    this.resourceGroupName = resourceGroupName;
    this.location = location;
    this.subnetId = subnetId;
    this.network = place instanceof AksNetwork ? place : undefined;
    this.oidcIssuerUrl = cluster.oidcIssuerUrl;
    const administrator = cluster.kubeConfig.get(0);
    this.endpoint = administrator.host;
    this.certificateAuthority = administrator.clusterCaCertificate;
    this.clientCertificate = administrator.clientCertificate;
    this.clientKey = administrator.clientKey;
  }
}

function existingPlace({ subnetId, resourceGroupName }: AksClusterProps) {
  return subnetId !== undefined && resourceGroupName !== undefined ? { subnetId, resourceGroupName } : undefined;
}

function networkProfile(networkDataPlane: string, podCidr: string, serviceCidr: string) {
  return {
    networkPlugin: "azure",
    networkPluginMode: "overlay",
    networkDataPlane,
    // Azure takes no other policy with this plane.
    networkPolicy: networkDataPlane === "cilium" ? "cilium" : undefined,
    loadBalancerSku: "standard",
    outboundType: "loadBalancer",
    podCidr,
    serviceCidr,
    dnsServiceIp: Fn.cidrhost(serviceCidr, 10),
  };
}

function access({ publicAccessCidrs, adminGroupObjectIds, deployerIsAdmin = false }: AksClusterProps) {
  const entra = deployerIsAdmin || adminGroupObjectIds !== undefined;
  return {
    privateClusterEnabled: publicAccessCidrs?.length === 0,
    apiServerAccessProfile: publicAccessCidrs?.length ? { authorizedIpRanges: [...publicAccessCidrs] } : undefined,
    azureActiveDirectoryRoleBasedAccessControl: entra
      ? { azureRbacEnabled: true, adminGroupObjectIds: adminGroupObjectIds && [...adminGroupObjectIds] }
      : undefined,
    localAccountDisabled: entra,
  };
}

function upgrades(
  { automaticUpgradeChannel = "patch", nodeOsUpgradeChannel = "NodeImage" }: AksClusterProps,
  window: AksMaintenanceWindow,
) {
  const { dayOfWeek, startTime, hours } = window;
  const weekly = { frequency: "Weekly", interval: 1, dayOfWeek, startTime, utcOffset: "+00:00", duration: hours };
  return {
    automaticUpgradeChannel: automaticUpgradeChannel === "none" ? undefined : automaticUpgradeChannel,
    maintenanceWindowAutoUpgrade: automaticUpgradeChannel === "none" ? undefined : weekly,
    nodeOsUpgradeChannel,
    maintenanceWindowNodeOs: nodeOsUpgradeChannel === "None" ? undefined : weekly,
  };
}
