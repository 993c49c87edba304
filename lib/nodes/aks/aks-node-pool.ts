import {
  KubernetesClusterNodePool,
  type KubernetesClusterNodePoolKubeletConfig,
} from "@cdktf/provider-azurerm/lib/kubernetes-cluster-node-pool";
import { Construct } from "constructs";
import type { IAksCluster } from "../../clusters/aks/i-aks-cluster";
import { InvalidPropsError } from "../../errors";
import type { TuningPlan } from "../../kernel/tuning-plan";
import type { Architecture, BrokerNodePoolOptions, IBrokerNodePool, Taint, Toleration } from "../broker-node-pool";
import { chooseArchitecture } from "../choose-architecture";
import { resolvePool } from "../resolve-pool";
import { linuxOsConfig } from "./linux-os-config";
import { vmArchitecture } from "./vm-size";

export interface AksNodePoolProps extends BrokerNodePoolOptions {
  /** Cluster that receives the pool. */
  readonly cluster: IAksCluster;

  /**
   * Name of the pool: a small letter, then up to eleven small letters or digits.
   *
   * @default "broker"
   */
  readonly name?: string;

  /**
   * Name the pool has for a short while when a change replaces its nodes; needed for every change of sysctls, kubelet or machine type.
   *
   * @default - the first nine characters of `name` and "tmp"
   */
  readonly temporaryName?: string;

  /**
   * Operating system of the nodes.
   *
   * @default "ubuntu"
   */
  readonly operatingSystem?: "ubuntu" | "azurelinux";

  /**
   * Availability zones.
   *
   * @default ["1", "2", "3"]
   */
  readonly zones?: readonly string[];

  /**
   * Subnet for the nodes.
   *
   * @default - the cluster's
   */
  readonly subnetId?: string;

  /**
   * Disk of the operating system: `Managed`, or `Ephemeral` where the machine has room for it.
   *
   * @default "Managed"
   */
  readonly osDiskType?: "Managed" | "Ephemeral";

  /**
   * Further kubelet settings.
   *
   * @default - none
   */
  readonly kubelet?: Omit<KubernetesClusterNodePoolKubeletConfig, "allowedUnsafeSysctls">;
}

/** `^[a-z][a-z0-9]{0,11}$` for both names (azurerm internal/services/containers/validate/kubernetes.go). */
const POOL_NAME = /^[a-z][a-z0-9]{0,11}$/;

/** What AKS puts on every spot node by itself (AKS docs, "Add a spot node pool"). */
const SPOT_TAINT: Taint = { key: "kubernetes.azure.com/scalesetpriority", value: "spot", effect: "NoSchedule" };

const OS_SKU = { ubuntu: "Ubuntu", azurelinux: "AzureLinux" } as const;

/** Broker nodes on AKS, tuned through `linux_os_config` before they join. `node.defaultChild` is the node pool. */
export class AksNodePool extends Construct implements IBrokerNodePool {
  readonly tuning: TuningPlan;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  readonly architecture: Architecture;
  /** For what we did not model. */
  readonly resource: KubernetesClusterNodePool;

  /** @throws InvalidPropsError, TuningError */
  constructor(scope: Construct, id: string, props: AksNodePoolProps) {
    super(scope, id);
    const { cluster, name = "broker", operatingSystem = "ubuntu", zones = ["1", "2", "3"] } = props;
    const temporaryName = props.temporaryName ?? `${name.slice(0, 9)}tmp`;
    checkNames(this, name, temporaryName);
    refuseReserved(this, props);

    const pool = resolvePool(this, props, {
      platform: `aks-${operatingSystem}`,
      kubernetesVersion: cluster.kubernetesVersion,
      architecture: chooseArchitecture(this, { ...props, read: vmArchitecture, example: "Standard_D8ps_v6" }),
      cloudTaints: props.spot ? [SPOT_TAINT] : [],
    });
    ({
      tuning: this.tuning,
      labels: this.labels,
      taints: this.taints,
      nodeSelector: this.nodeSelector,
      tolerations: this.tolerations,
      architecture: this.architecture,
    } = pool);

    this.resource = new KubernetesClusterNodePool(this, "Resource", {
      name,
      temporaryNameForRotation: temporaryName,
      kubernetesClusterId: cluster.clusterId,
      mode: "User",
      orchestratorVersion: pool.tuning.kubernetesVersion,
      vmSize: props.machineType,
      osType: "Linux",
      osSku: OS_SKU[operatingSystem],
      osDiskSizeGb: pool.diskGiB,
      osDiskType: props.osDiskType ?? "Managed",
      vnetSubnetId: props.subnetId ?? cluster.subnetId,
      zones: [...zones],
      autoScalingEnabled: true,
      minCount: pool.minNodes,
      maxCount: pool.maxNodes,
      nodeCount: pool.desiredNodes,
      ...(pool.spot
        ? { priority: "Spot", evictionPolicy: "Delete", spotMaxPrice: -1 }
        : // Spot pools take no surge.
          { upgradeSettings: { maxSurge: String(pool.surge), drainTimeoutInMinutes: 30, nodeSoakDurationInMinutes: 0 } }),
      nodeLabels: { ...pool.labels, ...(pool.spot && { [SPOT_TAINT.key]: SPOT_TAINT.value }) },
      nodeTaints: pool.taints.map(({ key, value, effect }) => `${key}=${value}:${effect}`),
      kubeletConfig: { ...props.kubelet, allowedUnsafeSysctls: [...pool.tuning.allowedUnsafeSysctls] },
      linuxOsConfig: linuxOsConfig(pool.tuning),
      tags: { ...pool.tags },
      // The autoscaler owns the number of nodes after the first apply.
      lifecycle: { ignoreChanges: ["node_count"] },
    });
  }
}

function checkNames(pool: AksNodePool, name: string, temporaryName: string): void {
  for (const [prop, value] of Object.entries({ name, temporaryName })) {
    if (!POOL_NAME.test(value)) {
      throw new InvalidPropsError(pool, prop, `is '${value}'; a pool's name is a small letter and up to eleven small letters or digits`);
    }
  }
  if (name === temporaryName) {
    throw new InvalidPropsError(
      pool,
      "temporaryName",
      `is '${temporaryName}' like the pool itself; both exist side by side while nodes are replaced`,
    );
  }
}

/** `kubernetes.azure.com` belongs to AKS (AKS docs, "Use labels"). */
function refuseReserved(pool: AksNodePool, { labels = {}, taints = [] }: AksNodePoolProps): void {
  for (const key of [...Object.keys(labels), ...taints.map((taint) => taint.key)]) {
    if (!key.startsWith("kubernetes.azure.com/")) continue;
    throw new InvalidPropsError(pool, "labels", `or taints use '${key}', whose prefix is reserved for AKS; use one of your own`);
  }
}
