import { EksNodeGroup } from "@cdktf/provider-aws/lib/eks-node-group";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { SystemPoolOptions } from "../system-pool";
import { instanceArchitecture } from "./instance-type";
import { nodeRole } from "./node-role";

/** Tolerated by CoreDNS, the EBS driver and most cluster add-ons, by nothing else. */
const CRITICAL_ADDONS_ONLY = "CriticalAddonsOnly";

/** For the `tolerations` of what shall run on the system pool. */
export const SYSTEM_POOL_TOLERATION = { key: CRITICAL_ADDONS_ONLY, operator: "Exists" } as const;

export interface EksSystemPoolProps extends Required<SystemPoolOptions> {
  readonly clusterName: string;
  /** `major.minor` of the nodes. */
  readonly kubernetesVersion: string;
  readonly subnetIds: readonly string[];
  /** What nodes need before they come: the network plugin first of all. */
  readonly dependsOn: readonly ITerraformDependable[];
  readonly tags: Readonly<Record<string, string>>;
}

/** A managed group of stock Amazon Linux 2023 nodes for cluster add-ons. */
export class EksSystemPool extends Construct {
  readonly resource: EksNodeGroup;
  readonly nodeRoleArn: string;

  constructor(scope: Construct, id: string, props: EksSystemPoolProps) {
    super(scope, id);
    const { clusterName, kubernetesVersion, subnetIds, machineType, minNodes, maxNodes, diskGiB, dependsOn, tags } = props;

    const role = nodeRole(this, "Role", {
      description: `System nodes of the EKS cluster ${clusterName}`,
      namePrefix: "eks-system-nodes-",
      tags,
    });
    this.nodeRoleArn = role.arn;

    this.resource = new EksNodeGroup(this, "Resource", {
      clusterName,
      nodeGroupName: "system",
      nodeRoleArn: role.arn,
      subnetIds: [...subnetIds],
      version: kubernetesVersion,
      amiType: instanceArchitecture(machineType) === "arm64" ? "AL2023_ARM_64_STANDARD" : "AL2023_x86_64_STANDARD",
      instanceTypes: [machineType],
      diskSize: diskGiB,
      scalingConfig: { minSize: minNodes, maxSize: maxNodes, desiredSize: minNodes },
      updateConfig: { maxUnavailable: 1 },
      taint: [{ key: CRITICAL_ADDONS_ONLY, value: "true", effect: "NO_SCHEDULE" }],
      tags: { ...tags },
      dependsOn: [...role.attachments, ...dependsOn],
      // An autoscaler decides after the beginning.
      lifecycle: { ignoreChanges: ["scaling_config[0].desired_size"] },
    });
  }
}
