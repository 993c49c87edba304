import { ContainerNodePool, type ContainerNodePoolNodeConfigKubeletConfig } from "@cdktf/provider-google/lib/container-node-pool";
import { Construct } from "constructs";
import type { IGkeCluster } from "../../clusters/gke/i-gke-cluster";
import { InvalidPropsError } from "../../errors";
import type { TuningPlan } from "../../kernel/tuning-plan";
import type { Architecture, BrokerNodePoolOptions, IBrokerNodePool, Taint, Toleration } from "../broker-node-pool";
import { chooseArchitecture } from "../choose-architecture";
import { resolvePool } from "../resolve-pool";
import { machineArchitecture } from "./machine-type";

export interface GkeNodePoolProps extends BrokerNodePoolOptions {
  /** Cluster that receives the pool. Standard mode: Autopilot has no node pools. */
  readonly cluster: IGkeCluster;

  /**
   * Name of the pool: a small letter, then up to 39 small letters, digits or dashes.
   *
   * @default "broker"
   */
  readonly name?: string;

  /**
   * Zones for the nodes, for example `europe-west1-b`.
   *
   * @default - those of the cluster
   */
  readonly zones?: readonly string[];

  /**
   * Kind of boot disk. Newer machine series take only Hyperdisk.
   *
   * @default - Google's for the machine type
   */
  readonly diskType?: string;

  /**
   * Email of the nodes' service account.
   *
   * @default - the cluster's
   */
  readonly serviceAccount?: string;

  /**
   * Whether the cluster has Workload Identity; pods then see identities of their own instead of the node's. Google refuses such pools on
   * clusters without it.
   *
   * @default true
   */
  readonly workloadIdentity?: boolean;

  /**
   * Further kubelet settings.
   *
   * @default - none
   */
  readonly kubelet?: Omit<ContainerNodePoolNodeConfigKubeletConfig, "allowedUnsafeSysctls">;
}

/** container.googleapis.com: names of node pools. */
const POOL_NAME = /^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/;

/** Effects as the GKE API spells them. */
const EFFECT = { NoSchedule: "NO_SCHEDULE", PreferNoSchedule: "PREFER_NO_SCHEDULE", NoExecute: "NO_EXECUTE" } as const;

/** What GKE puts on every Arm node by itself (GKE docs, "Arm workloads on GKE"). */
const ARM_TAINT: Taint = { key: "kubernetes.io/arch", value: "arm64", effect: "NoSchedule" };

/** Zones of a regional cluster, where they are not named. */
const ZONES_OF_A_REGION = 3;

/** Broker nodes on GKE Standard, tuned through `linux_node_config` before they join. `node.defaultChild` is the node pool. */
export class GkeNodePool extends Construct implements IBrokerNodePool {
  readonly tuning: TuningPlan;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  readonly architecture: Architecture;
  /** For what we did not model. */
  readonly resource: ContainerNodePool;

  /** @throws InvalidPropsError, TuningError */
  constructor(scope: Construct, id: string, props: GkeNodePoolProps) {
    super(scope, id);
    const { cluster, name = "broker", zones } = props;
    if (cluster.autopilot) {
      throw new InvalidPropsError(
        this,
        "cluster",
        `'${cluster.clusterName}' runs in Autopilot, which has no node pools and takes no node sysctls; use a Standard cluster`,
      );
    }
    if (!POOL_NAME.test(name)) {
      throw new InvalidPropsError(
        this,
        "name",
        `is '${name}'; a pool's name is a small letter and up to 39 small letters, digits or dashes`,
      );
    }
    const architecture = chooseArchitecture(this, { ...props, read: machineArchitecture, example: "c4a-standard-8" });
    const pool = resolvePool(this, props, {
      platform: "gke-cos",
      kubernetesVersion: cluster.kubernetesVersion,
      architecture,
      cloudTaints: architecture === "arm64" ? [ARM_TAINT] : [],
    });
    ({
      tuning: this.tuning,
      labels: this.labels,
      taints: this.taints,
      nodeSelector: this.nodeSelector,
      tolerations: this.tolerations,
      architecture: this.architecture,
    } = pool);

    this.resource = new ContainerNodePool(this, "Resource", {
      name,
      cluster: cluster.clusterName,
      location: cluster.location,
      project: cluster.project,
      nodeLocations: zones && [...zones],
      // Counted per zone, and only for the first nodes.
      initialNodeCount: Math.ceil(pool.desiredNodes / (zones?.length ?? ZONES_OF_A_REGION)),
      autoscaling: { totalMinNodeCount: pool.minNodes, totalMaxNodeCount: pool.maxNodes, locationPolicy: pool.spot ? "ANY" : "BALANCED" },
      management: { autoRepair: true, autoUpgrade: true },
      upgradeSettings: { strategy: "SURGE", maxSurge: pool.surge, maxUnavailable: 0 },
      nodeConfig: {
        machineType: props.machineType,
        imageType: "COS_CONTAINERD",
        diskSizeGb: pool.diskGiB,
        diskType: props.diskType,
        spot: pool.spot,
        labels: { ...pool.labels },
        // GKE adds ARM_TAINT itself; stating it would be a difference at every plan.
        taint: pool.taints.filter((taint) => taint !== ARM_TAINT).map(({ key, value, effect }) => ({ key, value, effect: EFFECT[effect] })),
        resourceLabels: { ...pool.tags },
        serviceAccount: props.serviceAccount ?? cluster.nodeServiceAccount,
        oauthScopes: ["https://www.googleapis.com/auth/cloud-platform"],
        metadata: { "disable-legacy-endpoints": "true" },
        shieldedInstanceConfig: { enableSecureBoot: true, enableIntegrityMonitoring: true },
        workloadMetadataConfig: { mode: (props.workloadIdentity ?? true) ? "GKE_METADATA" : "GCE_METADATA" },
        kubeletConfig: { ...props.kubelet, allowedUnsafeSysctls: [...pool.tuning.allowedUnsafeSysctls] },
        linuxNodeConfig: { sysctls: Object.fromEntries(pool.tuning.node.map((sysctl) => [sysctl.name, sysctl.value])) },
      },
      // The autoscaler owns the number of nodes after the first apply.
      lifecycle: { ignoreChanges: ["initial_node_count"] },
    });
  }
}
