/** What an EKS node pool needs to know of its cluster. Every string may be a token. */
export interface IEksCluster {
  readonly clusterName: string;
  /** `major.minor`, known at synth: the plan depends on it. */
  readonly kubernetesVersion: string;
  /** HTTPS endpoint of the API server. */
  readonly endpoint: string;
  /** Base64 of the cluster's CA certificate in PEM. */
  readonly certificateAuthority: string;
  /** Addresses of Services, for example 172.20.0.0/16; nodes derive the DNS address from it. */
  readonly serviceCidr: string;
  /** The security group that EKS made for the cluster; nodes join it to be reached and to reach. */
  readonly clusterSecurityGroupId: string;
  /** Subnets for nodes: private, one or more per zone. */
  readonly subnetIds: readonly string[];
}
