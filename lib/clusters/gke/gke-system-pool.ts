import { ContainerNodePool } from "@cdktf/provider-google/lib/container-node-pool";
import { Construct } from "constructs";
import type { SystemPoolOptions } from "../system-pool";

export interface GkeSystemPoolProps extends Required<SystemPoolOptions> {
  readonly clusterName: string;
  readonly location: string;
  readonly project: string;
  readonly nodeServiceAccount: string;
  /** Resource labels on the machines. */
  readonly tags: Readonly<Record<string, string>>;
}

/** Nodes for the pods that GKE manages: DNS, metrics, the network's agents. */
export class GkeSystemPool extends Construct {
  constructor(scope: Construct, id: string, props: GkeSystemPoolProps) {
    super(scope, id);
    const { clusterName, location, project, nodeServiceAccount, machineType, minNodes, maxNodes, diskGiB, tags } = props;

    new ContainerNodePool(this, "Resource", {
      name: "system",
      cluster: clusterName,
      location,
      project,
      // In each zone; the totals below hold over all of them.
      initialNodeCount: 1,
      autoscaling: { totalMinNodeCount: minNodes, totalMaxNodeCount: maxNodes, locationPolicy: "BALANCED" },
      management: { autoRepair: true, autoUpgrade: true },
      upgradeSettings: { strategy: "SURGE", maxSurge: 1, maxUnavailable: 0 },
      nodeConfig: {
        machineType,
        imageType: "COS_CONTAINERD",
        diskSizeGb: diskGiB,
        diskType: "pd-balanced",
        serviceAccount: nodeServiceAccount,
        // The account's roles decide, not the scope.
        oauthScopes: ["https://www.googleapis.com/auth/cloud-platform"],
        workloadMetadataConfig: { mode: "GKE_METADATA" },
        shieldedInstanceConfig: { enableSecureBoot: true, enableIntegrityMonitoring: true },
        // Tolerated by what GKE manages and by nothing else: cloud.google.com/kubernetes-engine/docs/how-to/isolate-workloads-dedicated-nodes.
        taint: [{ key: "components.gke.io/gke-managed-components", value: "true", effect: "NO_SCHEDULE" }],
        resourceLabels: { ...tags },
      },
      // Counts only at creation; reading it back later would replace the pool.
      lifecycle: { ignoreChanges: ["initial_node_count"] },
    });
  }
}
