import { EksNodeGroup } from "@cdktf/provider-aws/lib/eks-node-group";
import type { LaunchTemplate } from "@cdktf/provider-aws/lib/launch-template";
import { Construct } from "constructs";
import { nodeRole } from "../../clusters/eks/node-role";
import { InvalidPropsError } from "../../errors";
import type { TuningPlan } from "../../kernel/tuning-plan";
import type { Architecture, IBrokerNodePool, Taint, Toleration } from "../broker-node-pool";
import { type EksNodePoolOptions, resolveEksPool } from "./eks-pool-options";
import { amiType } from "./node-image";
import { nodeLaunchTemplate, pinnedVersion } from "./node-launch-template";

export interface EksManagedNodePoolProps extends EksNodePoolOptions {
  /**
   * Release of the node image, for example `1.34.1-20251016`.
   *
   * @default - the newest when the group is made or its version changes
   */
  readonly releaseVersion?: string;
}

/** Effects as the EKS API spells them. */
const EFFECT = { NoSchedule: "NO_SCHEDULE", PreferNoSchedule: "PREFER_NO_SCHEDULE", NoExecute: "NO_EXECUTE" } as const;

/**
 * Broker nodes on EKS in a managed node group. The launch template names no image, so EKS merges its own part with the cluster's
 * coordinates behind ours; taints and labels are registered by the kubelet *and* by the API, which on its own is late.
 * `node.defaultChild` is the node group.
 */
export class EksManagedNodePool extends Construct implements IBrokerNodePool {
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
  readonly resource: EksNodeGroup;

  /** @throws InvalidPropsError, TuningError */
  constructor(scope: Construct, id: string, props: EksManagedNodePoolProps) {
    super(scope, id);
    const { cluster, operatingSystem = "al2023" } = props;
    if (operatingSystem === "al2") {
      throw new InvalidPropsError(
        this,
        "operatingSystem",
        "is 'al2', where EKS runs bootstrap.sh itself and takes no kubelet arguments, so the allow-list would be lost; use 'al2023', 'bottlerocket' or an EksSelfManagedNodePool",
      );
    }
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
    this.launchTemplate = nodeLaunchTemplate(this, props, pool, { spot: false });

    this.resource = new EksNodeGroup(this, "Resource", {
      clusterName: cluster.clusterName,
      nodeGroupNamePrefix: "broker-",
      nodeRoleArn: role.arn,
      subnetIds: [...pool.subnetIds],
      amiType: amiType(operatingSystem, pool.architecture),
      version: pool.tuning.kubernetesVersion,
      releaseVersion: props.releaseVersion,
      capacityType: pool.spot ? "SPOT" : "ON_DEMAND",
      scalingConfig: { minSize: pool.minNodes, maxSize: pool.maxNodes, desiredSize: pool.desiredNodes },
      updateConfig: { maxUnavailable: pool.surge },
      launchTemplate: { id: this.launchTemplate.id, version: pinnedVersion(this.launchTemplate) },
      labels: { ...pool.labels },
      taint: pool.taints.map(({ key, value, effect }) => ({ key, value, effect: EFFECT[effect] })),
      tags: { ...pool.tags },
      // The autoscaler owns the number of nodes after the first apply.
      lifecycle: { ignoreChanges: ["scaling_config[0].desired_size"], createBeforeDestroy: true },
      dependsOn: [...role.attachments],
    });
  }
}
