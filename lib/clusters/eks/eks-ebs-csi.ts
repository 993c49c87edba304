import type { DataAwsPartition } from "@cdktf/provider-aws/lib/data-aws-partition";
import { EksPodIdentityAssociation } from "@cdktf/provider-aws/lib/eks-pod-identity-association";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { EksClusterAddon } from "./eks-cluster-addon";
import { EksRole } from "./eks-role";
import { SYSTEM_POOL_TOLERATION } from "./eks-system-pool";

export interface EksEbsCsiProps {
  readonly clusterName: string;
  readonly kubernetesVersion: string;
  readonly partition: DataAwsPartition;
  /** What the controller needs to run: nodes it tolerates, and the agent that hands it its role. */
  readonly dependsOn: readonly ITerraformDependable[];
  readonly tags: Readonly<Record<string, string>>;
}

/** Volumes for stateful pods, JetStream's above all: the EBS CSI driver, and the role its controller works with. */
export class EksEbsCsi extends Construct {
  constructor(scope: Construct, id: string, props: EksEbsCsiProps) {
    super(scope, id);
    const { clusterName, kubernetesVersion, partition, dependsOn, tags } = props;

    const role = new EksRole(this, "Role", {
      description: `EBS CSI driver of the EKS cluster ${clusterName}`,
      namePrefix: "eks-ebs-csi-",
      service: "pods.eks.amazonaws.com",
      actions: ["sts:AssumeRole", "sts:TagSession"],
      // Only volumes that the driver has made and tagged; its predecessor allowed more: kubernetes-sigs/aws-ebs-csi-driver#2918.
      policies: ["AmazonEBSCSIDriverPolicyV2"],
      partition,
      tags,
    });
    const identity = new EksPodIdentityAssociation(this, "Identity", {
      clusterName,
      namespace: "kube-system",
      serviceAccount: "ebs-csi-controller-sa",
      roleArn: role.arn,
      tags: { ...tags },
    });
    new EksClusterAddon(this, "Addon", {
      clusterName,
      addonName: "aws-ebs-csi-driver",
      kubernetesVersion,
      configuration: {
        controller: { tolerations: [SYSTEM_POOL_TOLERATION] },
        // Broker nodes are tainted too, and mount volumes.
        node: { tolerateAllTaints: true },
      },
      // Pods get their role when they are created: the association has to be there before them.
      dependsOn: [...dependsOn, ...role.attachments, identity],
      tags,
    });
  }
}
