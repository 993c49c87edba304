import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import type { DataAwsPartition } from "@cdktf/provider-aws/lib/data-aws-partition";
import { EksCluster } from "@cdktf/provider-aws/lib/eks-cluster";
import type { Construct } from "constructs";
import type { EksClusterProps, EksLogType } from "./eks-cluster-props";
import { EksRole } from "./eks-role";

/** Props with their defaults, and what the cluster's construct has made before. */
export interface ControlPlaneProps extends EksClusterProps {
  readonly subnetIds: readonly string[];
  readonly serviceCidr: string;
  readonly publicAccessCidrs: readonly string[];
  readonly logTypes: readonly EksLogType[];
  readonly logRetentionDays: number;
  readonly partition: DataAwsPartition;
  readonly tags: Readonly<Record<string, string>>;
}

/** The control plane as `Resource` of `scope`, so that it is the default child there, with its role and its logs beside it. */
export function createControlPlane(scope: Construct, props: ControlPlaneProps): EksCluster {
  const { name, subnetIds, serviceCidr, publicAccessCidrs, logTypes, logRetentionDays, partition, tags } = props;

  const role = new EksRole(scope, "Role", {
    description: `Control plane of the EKS cluster ${name}`,
    namePrefix: "eks-control-plane-",
    service: "eks.amazonaws.com",
    actions: ["sts:AssumeRole"],
    policies: ["AmazonEKSClusterPolicy"],
    partition,
    tags,
  });
  // EKS would make the group itself and keep its logs for ever.
  const logs = new CloudwatchLogGroup(scope, "Logs", {
    name: `/aws/eks/${name}/cluster`,
    retentionInDays: logRetentionDays,
    tags: { ...tags },
  });

  return new EksCluster(scope, "Resource", {
    name,
    version: props.kubernetesVersion,
    roleArn: role.arn,
    vpcConfig: {
      subnetIds: [...subnetIds],
      endpointPrivateAccess: true,
      endpointPublicAccess: publicAccessCidrs.length > 0,
      publicAccessCidrs: publicAccessCidrs.length > 0 ? [...publicAccessCidrs] : undefined,
    },
    kubernetesNetworkConfig: { ipFamily: "ipv4", serviceIpv4Cidr: serviceCidr },
    accessConfig: {
      authenticationMode: props.authenticationMode ?? "API",
      bootstrapClusterCreatorAdminPermissions: props.bootstrapClusterCreatorAdminPermissions ?? true,
    },
    // The add-ons come by name, in an order: see EksCluster.
    bootstrapSelfManagedAddons: false,
    enabledClusterLogTypes: [...logTypes],
    deletionProtection: props.deletionProtection ?? true,
    tags: { ...tags },
    dependsOn: [...role.attachments, logs],
  });
}
