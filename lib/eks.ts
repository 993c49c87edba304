// EKS: what an application that lives on AWS needs.
export * from "./clusters/eks/i-eks-cluster";
export * from "./nodes/broker-node-pool";
export { EksManagedNodePool, type EksManagedNodePoolProps } from "./nodes/eks/eks-managed-node-pool";
export type { EksNodePoolOptions } from "./nodes/eks/eks-pool-options";
export { EksSelfManagedNodePool, type EksSelfManagedNodePoolProps } from "./nodes/eks/eks-self-managed-node-pool";
export type { EksOperatingSystem } from "./nodes/eks/user-data";
