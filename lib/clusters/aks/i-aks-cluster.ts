/** What an AKS node pool needs to know of its cluster. Every string may be a token. */
export interface IAksCluster {
  /** Azure resource id of the managed cluster. */
  readonly clusterId: string;
  /** `major.minor`, known at synth: the plan depends on it. */
  readonly kubernetesVersion: string;
  /** Subnet for nodes; undefined where the cluster has none of its own. */
  readonly subnetId?: string;

  /** HTTPS endpoint of the API server, for a Helm provider. Pools do without. */
  readonly endpoint?: string;
  /** Base64 of the cluster's CA certificate in PEM, for a Helm provider. Pools do without. */
  readonly certificateAuthority?: string;
  /** Base64 of the local administrator's certificate; empty where local accounts are disabled. Secret. */
  readonly clientCertificate?: string;
  /** Base64 of the local administrator's key; empty where local accounts are disabled. Secret. */
  readonly clientKey?: string;
}
