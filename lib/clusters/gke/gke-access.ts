import { Fn } from "cdktf";
import { EXEC_API_VERSION, type KubernetesAccess } from "../kubernetes-access";
import type { IGkeCluster } from "./i-gke-cluster";

/**
 * Signs in to a GKE cluster by gke-gcloud-auth-plugin, with application default credentials or as whom `gcloud auth login` says.
 *
 * @throws RangeError for attributes without an endpoint
 */
export function gkeAccess({ endpoint, certificateAuthority }: IGkeCluster): KubernetesAccess {
  if (endpoint === undefined || certificateAuthority === undefined) {
    throw new RangeError(
      "'endpoint' and 'certificateAuthority' of the cluster are needed to sign in; state them in GkeCluster.fromAttributes",
    );
  }
  return {
    host: endpoint,
    clusterCaCertificate: Fn.base64decode(certificateAuthority),
    exec: { apiVersion: EXEC_API_VERSION, command: "gke-gcloud-auth-plugin", args: ["--use_application_default_credentials"] },
  };
}
