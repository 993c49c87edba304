import { DataAwsPartition } from "@cdktf/provider-aws/lib/data-aws-partition";
import type { Construct } from "constructs";
import { EksRole, type EksRoleProps } from "./eks-role";

/** What every EKS node may do (EKS user guide, "Amazon EKS node IAM role"). */
const POLICIES = ["AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryReadOnly"] as const;

/** The role that the nodes of a pool assume. */
export function nodeRole(scope: Construct, id: string, props: Pick<EksRoleProps, "description" | "namePrefix" | "tags">): EksRole {
  const partition = new DataAwsPartition(scope, "Partition");
  return new EksRole(scope, id, {
    ...props,
    service: "ec2.amazonaws.com",
    actions: ["sts:AssumeRole"],
    policies: POLICIES,
    partition,
  });
}
