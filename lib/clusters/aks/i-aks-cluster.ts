/** What an AKS node pool needs to know of its cluster. Every string may be a token. */
export interface IAksCluster {
  /** Azure resource id of the managed cluster. */
  readonly clusterId: string;
  /** `major.minor`, known at synth: the plan depends on it. */
  readonly kubernetesVersion: string;
  /** Subnet for nodes; undefined where the cluster has none of its own. */
  readonly subnetId?: string;
}
