import { Fn } from "cdktf";
import { EXEC_API_VERSION, type KubernetesAccess } from "../kubernetes-access";
import type { IEksCluster } from "./i-eks-cluster";

/** Signs in to an EKS cluster with the AWS command line (`aws`) and the credentials that it finds. */
export function eksAccess(cluster: IEksCluster, { region }: { readonly region: string }): KubernetesAccess {
  return {
    host: cluster.endpoint,
    clusterCaCertificate: Fn.base64decode(cluster.certificateAuthority),
    exec: {
      apiVersion: EXEC_API_VERSION,
      command: "aws",
      args: ["eks", "get-token", "--cluster-name", cluster.clusterName, "--region", region, "--output", "json"],
    },
  };
}
