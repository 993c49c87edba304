// GKE: what an application that lives on Google Cloud needs.

export type { GkeClusterLookup } from "./clusters/gke/existing-gke-cluster";
export { gkeAccess } from "./clusters/gke/gke-access";
export { GkeCluster } from "./clusters/gke/gke-cluster";
export type { GkeClusterProps, GkeMaintenanceWindow } from "./clusters/gke/gke-cluster-props";
export { GkeNetwork, type GkeNetworkOptions, type GkeNetworkProps } from "./clusters/gke/gke-network";
export * from "./clusters/gke/i-gke-cluster";
export type { KubernetesAccess } from "./clusters/kubernetes-access";
export type { SystemPoolOptions } from "./clusters/system-pool";
export * from "./nodes/broker-node-pool";
export { GkeNodePool, type GkeNodePoolProps } from "./nodes/gke/gke-node-pool";
