// EKS: what an application that lives on AWS needs.
export { eksAccess } from "./clusters/eks/eks-access";
export { EksCluster } from "./clusters/eks/eks-cluster";
export type { EksClusterProps } from "./clusters/eks/eks-cluster-props";
export { EksNetwork, type EksNetworkOptions, type EksNetworkProps } from "./clusters/eks/eks-network";
export type { EksClusterLookup } from "./clusters/eks/existing-eks-cluster";
export * from "./clusters/eks/i-eks-cluster";
export type { KubernetesAccess } from "./clusters/kubernetes-access";
export type { SystemPoolOptions } from "./clusters/system-pool";
export * from "./nodes/broker-node-pool";
export { EksManagedNodePool, type EksManagedNodePoolProps } from "./nodes/eks/eks-managed-node-pool";
export type { EksNodePoolOptions } from "./nodes/eks/eks-pool-options";
export { EksSelfManagedNodePool, type EksSelfManagedNodePoolProps } from "./nodes/eks/eks-self-managed-node-pool";
export type { EksOperatingSystem } from "./nodes/eks/user-data";
