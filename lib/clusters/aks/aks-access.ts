import { Fn } from "cdktf";
import { EXEC_API_VERSION, type KubernetesAccess } from "../kubernetes-access";
import type { IAksCluster } from "./i-aks-cluster";

/** Application id of the AKS server in Entra, the same in every tenant (azure.github.io/kubelogin, "Using kubelogin with AKS"). */
const AKS_SERVER = "6dae42f8-4368-4678-94ff-3960e28e3630";

/**
 * Signs in to an AKS cluster with Entra (`deployerIsAdmin` or `adminGroupObjectIds`) by kubelogin, as whom `az login` says. A cluster
 * with local accounts alone knows no such tokens.
 *
 * @throws RangeError for attributes without an endpoint
 */
export function aksAccess({ endpoint, certificateAuthority }: IAksCluster): KubernetesAccess {
  if (endpoint === undefined || certificateAuthority === undefined) {
    throw new RangeError(
      "'endpoint' and 'certificateAuthority' of the cluster are needed to sign in; state them in AksCluster.fromAttributes",
    );
  }
  return {
    host: endpoint,
    clusterCaCertificate: Fn.base64decode(certificateAuthority),
    exec: {
      apiVersion: EXEC_API_VERSION,
      command: "kubelogin",
      args: ["get-token", "--login", "azurecli", "--server-id", AKS_SERVER],
    },
  };
}
