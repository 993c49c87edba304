import type { TerraformStack } from "cdktf";
import { AksNodePool } from "../../lib/nodes/aks/aks-node-pool";
import type { BrokerNodePoolOptions, IBrokerNodePool } from "../../lib/nodes/broker-node-pool";
import { EksManagedNodePool } from "../../lib/nodes/eks/eks-managed-node-pool";
import { EksSelfManagedNodePool } from "../../lib/nodes/eks/eks-self-managed-node-pool";
import { GkeNodePool } from "../../lib/nodes/gke/gke-node-pool";
import { knownEksCluster } from "../nodes/eks-cluster-fixture";

type Options = Partial<BrokerNodePoolOptions>;

/** The four kinds of pools in clusters that exist, all on Kubernetes 1.34. */
export const POOLS = {
  "EKS, AL2023": (stack: TerraformStack, options: Options = {}): IBrokerNodePool =>
    new EksSelfManagedNodePool(stack, "Pool", { cluster: knownEksCluster("1.34"), machineType: "m7i.2xlarge", ...options }),
  "EKS, Bottlerocket": (stack: TerraformStack, options: Options = {}): IBrokerNodePool =>
    new EksManagedNodePool(stack, "Pool", {
      cluster: knownEksCluster("1.34"),
      machineType: "m7i.2xlarge",
      operatingSystem: "bottlerocket",
      ...options,
    }),
  AKS: (stack: TerraformStack, options: Options = {}): IBrokerNodePool =>
    new AksNodePool(stack, "Pool", {
      cluster: { clusterId: "/subscriptions/0/resourceGroups/mqtt", kubernetesVersion: "1.34" },
      machineType: "Standard_D8s_v6",
      ...options,
    }),
  GKE: (stack: TerraformStack, options: Options = {}): IBrokerNodePool =>
    new GkeNodePool(stack, "Pool", {
      cluster: { clusterName: "prod", location: "europe-west1", kubernetesVersion: "1.34", autopilot: false },
      machineType: "n2-standard-8",
      ...options,
    }),
} as const;

export type PoolName = keyof typeof POOLS;
export const POOL_NAMES = Object.keys(POOLS) as PoolName[];
