/**
 * How a Kubernetes or Helm provider signs in to a cluster: a program prints a short-lived token each time, so that no secret is in plan or state. The
 * program has to be where Terraform runs. In the form of `HelmProvider`'s `kubernetes`.
 */
export interface KubernetesAccess {
  /** HTTPS endpoint of the API server. */
  readonly host: string;
  /** CA certificate in PEM. */
  readonly clusterCaCertificate: string;
  readonly exec: {
    readonly apiVersion: string;
    readonly command: string;
    readonly args: string[];
  };
}

/** Spoken by all of the clouds' programs. */
export const EXEC_API_VERSION = "client.authentication.k8s.io/v1beta1";
