/** What a GKE node pool needs to know of its cluster. Every string may be a token. */
export interface IGkeCluster {
  /** Name, or the full id `projects/…/locations/…/clusters/…`. */
  readonly clusterName: string;
  /** Region or zone. */
  readonly location: string;
  /** Project; undefined for the provider's. */
  readonly project?: string;
  /** `major.minor`, known at synth: the plan depends on it. */
  readonly kubernetesVersion: string;
  /** Autopilot clusters have no node pools; pools refuse them. */
  readonly autopilot: boolean;
  /** Email of the service account for nodes; undefined for the project's default. */
  readonly nodeServiceAccount?: string;

  /** HTTPS endpoint of the API server, for a Helm provider. Pools do without. */
  readonly endpoint?: string;
  /** Base64 of the cluster's CA certificate in PEM, for a Helm provider. Pools do without. */
  readonly certificateAuthority?: string;
}
