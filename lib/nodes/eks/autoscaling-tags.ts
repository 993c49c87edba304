import type { AutoscalingGroupTag } from "@cdktf/provider-aws/lib/autoscaling-group";
import type { ResolvedEksPool } from "./eks-pool-options";

/**
 * Tags of the Auto Scaling group: ownership, which the cloud provider looks for, and what cluster-autoscaler reads to find the group and to
 * know labels and taints of nodes that do not exist yet (cluster-autoscaler, cloudprovider/aws README: "Auto-Discovery Setup",
 * "Scaling from 0").
 */
export function autoscalingTags(clusterName: string, { labels, taints, tags }: ResolvedEksPool): AutoscalingGroupTag[] {
  const hints = {
    "k8s.io/cluster-autoscaler/enabled": "true",
    [`k8s.io/cluster-autoscaler/${clusterName}`]: "owned",
    ...withPrefix("k8s.io/cluster-autoscaler/node-template/label/", Object.entries(labels)),
    ...withPrefix(
      "k8s.io/cluster-autoscaler/node-template/taint/",
      taints.map(({ key, value, effect }) => [key, `${value}:${effect}`]),
    ),
  };
  return [
    { key: `kubernetes.io/cluster/${clusterName}`, value: "owned", propagateAtLaunch: true },
    ...Object.entries(hints).map(([key, value]) => ({ key, value, propagateAtLaunch: false })),
    ...Object.entries(tags).map(([key, value]) => ({ key, value, propagateAtLaunch: false })),
  ];
}

function withPrefix(prefix: string, entries: readonly (readonly [string, string])[]): Record<string, string> {
  return Object.fromEntries(entries.map(([key, value]) => [`${prefix}${key}`, value]));
}
