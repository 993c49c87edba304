import { DataAwsEksCluster } from "@cdktf/provider-aws/lib/data-aws-eks-cluster";
import { Token } from "cdktf";
import type { Construct } from "constructs";
import { InvalidPropsError } from "../../errors";
import { parseKubernetesVersion } from "../../kernel/kubernetes-version";
import { checkVersion } from "../check-version";
import type { IEksCluster } from "./i-eks-cluster";

/** How to find an EKS cluster. */
export interface EksClusterLookup {
  readonly name: string;

  /** `major.minor` that the cluster runs. Stated, not read: the tuning plan is made at synth, before AWS is asked. */
  readonly kubernetesVersion: string;

  /**
   * Private subnets for nodes.
   *
   * @default - the subnets the cluster was created with; state them when public ones are among those
   */
  readonly subnetIds?: readonly string[];
}

/** @throws TuningError when `kubernetesVersion` is none */
export function existingEksCluster(attributes: IEksCluster): IEksCluster {
  return { ...attributes, kubernetesVersion: parseKubernetesVersion(attributes.kubernetesVersion) };
}

/** @throws InvalidPropsError */
export function lookUpEksCluster(scope: Construct, id: string, props: EksClusterLookup): IEksCluster {
  const kubernetesVersion = checkVersion(scope, props.kubernetesVersion);
  if (props.subnetIds && !Token.isUnresolved(props.subnetIds) && props.subnetIds.length === 0) {
    throw new InvalidPropsError(scope, "subnetIds", "must name a subnet at least, got none; leave it out to use the cluster's own");
  }

  const cluster = new DataAwsEksCluster(scope, id, { name: props.name });
  return {
    clusterName: cluster.name,
    kubernetesVersion,
    endpoint: cluster.endpoint,
    certificateAuthority: cluster.certificateAuthority.get(0).data,
    serviceCidr: cluster.kubernetesNetworkConfig.get(0).serviceIpv4Cidr,
    clusterSecurityGroupId: cluster.vpcConfig.get(0).clusterSecurityGroupId,
    subnetIds: props.subnetIds ?? cluster.vpcConfig.get(0).subnetIds,
  };
}
