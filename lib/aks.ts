// AKS: what an application that lives on Azure needs.
export { aksAccess } from "./clusters/aks/aks-access";
export { AksCluster } from "./clusters/aks/aks-cluster";
export type { AksClusterProps, AksMaintenanceWindow } from "./clusters/aks/aks-cluster-props";
export { AksNetwork, type AksNetworkOptions, type AksNetworkProps } from "./clusters/aks/aks-network";
export type { AksClusterLookup } from "./clusters/aks/existing-aks-cluster";
export * from "./clusters/aks/i-aks-cluster";
export type { KubernetesAccess } from "./clusters/kubernetes-access";
export type { SystemPoolOptions } from "./clusters/system-pool";
export { AksNodePool, type AksNodePoolProps } from "./nodes/aks/aks-node-pool";
export * from "./nodes/broker-node-pool";
