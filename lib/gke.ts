// GKE: what an application that lives on Google Cloud needs.
export * from "./clusters/gke/i-gke-cluster";
export * from "./nodes/broker-node-pool";
export { GkeNodePool, type GkeNodePoolProps } from "./nodes/gke/gke-node-pool";
