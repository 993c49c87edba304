// AKS: what an application that lives on Azure needs.
export * from "./clusters/aks/i-aks-cluster";
export { AksNodePool, type AksNodePoolProps } from "./nodes/aks/aks-node-pool";
export * from "./nodes/broker-node-pool";
