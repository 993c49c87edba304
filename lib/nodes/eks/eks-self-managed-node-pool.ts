import { AutoscalingGroup } from "@cdktf/provider-aws/lib/autoscaling-group";
import { EksAccessEntry } from "@cdktf/provider-aws/lib/eks-access-entry";
import { IamInstanceProfile } from "@cdktf/provider-aws/lib/iam-instance-profile";
import type { LaunchTemplate } from "@cdktf/provider-aws/lib/launch-template";
import { Fn } from "cdktf";
import { Construct } from "constructs";
import { nodeRole } from "../../clusters/eks/node-role";
import type { TuningPlan } from "../../kernel/tuning-plan";
import type { Architecture, IBrokerNodePool, Taint, Toleration } from "../broker-node-pool";
import { autoscalingTags } from "./autoscaling-tags";
import { type EksNodePoolOptions, resolveEksPool } from "./eks-pool-options";
import { recommendedImageId } from "./node-image";
import { coordinatesOf, nodeLaunchTemplate, pinnedVersion } from "./node-launch-template";

export interface EksSelfManagedNodePoolProps extends EksNodePoolOptions {
  /**
   * Image of the nodes, of the chosen operating system.
   *
   * @default - the one that Amazon recommends for the Kubernetes version and architecture
   */
  readonly imageId?: string;

  /**
   * Whether to let the nodes' role into the cluster by an access entry. Needs a cluster whose authentication mode includes `API`;
   * switch it off where `aws-auth` does it.
   *
   * @default true
   */
  readonly accessEntry?: boolean;
}

/**
 * Broker nodes on EKS that we start ourselves, in an Auto Scaling group: everything in the user data is ours, and no controller
 * of EKS comes between. `node.defaultChild` is the Auto Scaling group.
 */
export class EksSelfManagedNodePool extends Construct implements IBrokerNodePool {
  readonly tuning: TuningPlan;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  readonly architecture: Architecture;
  /** Role of the nodes. */
  readonly roleArn: string;
  /** For what we did not model. */
  readonly launchTemplate: LaunchTemplate;
  /** For what we did not model. */
  readonly resource: AutoscalingGroup;

  /** @throws InvalidPropsError, TuningError */
  constructor(scope: Construct, id: string, props: EksSelfManagedNodePoolProps) {
    super(scope, id);
    const { cluster, accessEntry = true } = props;
    const pool = resolveEksPool(this, props);
    ({
      tuning: this.tuning,
      labels: this.labels,
      taints: this.taints,
      nodeSelector: this.nodeSelector,
      tolerations: this.tolerations,
      architecture: this.architecture,
    } = pool);

    const role = nodeRole(this, "Role", { description: `Broker nodes of ${this.node.path}`, namePrefix: "broker-node-", tags: pool.tags });
    this.roleArn = role.arn;
    const profile = new IamInstanceProfile(this, "InstanceProfile", {
      namePrefix: "broker-node-",
      role: role.roleName,
      tags: { ...pool.tags },
    });
    const entry = accessEntry
      ? [
          new EksAccessEntry(this, "AccessEntry", {
            clusterName: cluster.clusterName,
            principalArn: role.arn,
            type: "EC2_LINUX",
            tags: { ...pool.tags },
          }),
        ]
      : [];

    this.launchTemplate = nodeLaunchTemplate(this, props, pool, {
      imageId: props.imageId ?? recommendedImageId(this, pool),
      instanceProfileArn: profile.arn,
      // nodeadm works out the DNS address itself; the others must be told. It is the tenth address by convention of EKS.
      coordinates: {
        cluster: coordinatesOf(this, cluster),
        dnsAddress: pool.operatingSystem === "al2023" ? undefined : Fn.cidrhost(cluster.serviceCidr, 10),
      },
      spot: pool.spot,
    });

    this.resource = new AutoscalingGroup(this, "Resource", {
      namePrefix: "broker-node-",
      minSize: pool.minNodes,
      maxSize: pool.maxNodes,
      desiredCapacity: pool.desiredNodes,
      vpcZoneIdentifier: [...pool.subnetIds],
      launchTemplate: { id: this.launchTemplate.id, version: pinnedVersion(this.launchTemplate) },
      capacityRebalance: pool.spot,
      instanceRefresh: {
        strategy: "Rolling",
        // New nodes first, old ones after: capacity never drops below what clients need.
        preferences: { minHealthyPercentage: 100, maxHealthyPercentage: refreshCeiling(pool.surge, pool.desiredNodes), autoRollback: true },
      },
      tag: autoscalingTags(cluster.clusterName, pool),
      // The autoscaler owns the number of nodes after the first apply.
      lifecycle: { ignoreChanges: ["desired_capacity"] },
      dependsOn: [...role.attachments, ...entry],
    });
  }
}

/** `surge` more nodes than desired, as the percentage between 101 and 200 that EC2 Auto Scaling asks for. */
function refreshCeiling(surge: number, desiredNodes: number): number {
  return Math.min(200, 100 + Math.max(1, Math.ceil((100 * surge) / Math.max(1, desiredNodes))));
}
