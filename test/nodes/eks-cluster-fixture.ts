import { ref, Token } from "cdktf";
import type { IEksCluster } from "../../lib/clusters/eks/i-eks-cluster";

/** A cluster whose coordinates are known at synth. */
export function knownEksCluster(kubernetesVersion: string): IEksCluster {
  return {
    clusterName: "prod",
    kubernetesVersion,
    endpoint: "https://0123456789ABCDEF.gr7.eu-central-1.eks.example",
    certificateAuthority: Buffer.from("-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n").toString("base64"),
    serviceCidr: "172.20.0.0/16",
    clusterSecurityGroupId: "sg-cluster",
    subnetIds: ["subnet-a", "subnet-b", "subnet-c"],
  };
}

/** A cluster that Terraform has yet to make: its coordinates are tokens. */
export function plannedEksCluster(reference: string, kubernetesVersion = "1.34"): IEksCluster {
  const attribute = (name: string) => Token.asString(ref(`${reference}.${name}`));
  return {
    ...knownEksCluster(kubernetesVersion),
    clusterName: attribute("name"),
    endpoint: attribute("endpoint"),
    certificateAuthority: attribute("ca"),
    serviceCidr: attribute("cidr"),
  };
}
