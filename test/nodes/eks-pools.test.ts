import { EksManagedNodePool } from "../../lib/nodes/eks/eks-managed-node-pool";
import { EksSelfManagedNodePool } from "../../lib/nodes/eks/eks-self-managed-node-pool";
import type { EksOperatingSystem } from "../../lib/nodes/eks/user-data";
import { type Block, resourceOf, type SynthesisedStack } from "../support/synth";
import { knownEksCluster } from "./eks-cluster-fixture";
import { describeNodePool, type PoolFacts } from "./node-pool.suite";
import { decodeUserData, readUserData } from "./read-user-data";

const MACHINES = { amd64: "m7i.2xlarge", arm64: "m7g.2xlarge" };

for (const operatingSystem of ["al2023", "bottlerocket", "al2"] as const satisfies EksOperatingSystem[]) {
  describeNodePool(`EksSelfManagedNodePool on ${operatingSystem}`, {
    ...MACHINES,
    kubernetes: operatingSystem === "al2" ? "1.32" : "1.34",
    resourceType: "aws_autoscaling_group",
    build: (stack, id, options, version) =>
      new EksSelfManagedNodePool(stack, id, { cluster: knownEksCluster(version), operatingSystem, ...options }),
    read: (synthesised) => {
      const group = resourceOf(synthesised, "aws_autoscaling_group");
      const template = resourceOf(synthesised, "aws_launch_template");
      return {
        ...machineFacts(template),
        min: group.min_size,
        max: group.max_size,
        desired: group.desired_capacity,
        spot: template.instance_market_options?.market_type === "spot",
        surge: group.instance_refresh.preferences.max_healthy_percentage,
        tags: Object.fromEntries(group.tag.map((tag: Record<string, string>) => [tag.key, tag.value])),
      };
    },
  });
}

for (const operatingSystem of ["al2023", "bottlerocket"] as const) {
  describeNodePool(`EksManagedNodePool on ${operatingSystem}`, {
    ...MACHINES,
    resourceType: "aws_eks_node_group",
    build: (stack, id, options, version) =>
      new EksManagedNodePool(stack, id, { cluster: knownEksCluster(version), operatingSystem, ...options }),
    read: readManaged,
  });
}

/** Taints and labels must be the same by the API and by the kubelet, or pods land on a node before it is ready for them. */
function readManaged(synthesised: SynthesisedStack): PoolFacts {
  const group = resourceOf(synthesised, "aws_eks_node_group");
  const facts = machineFacts(resourceOf(synthesised, "aws_launch_template"));
  const spelled: Record<string, string> = { NO_SCHEDULE: "NoSchedule", NO_EXECUTE: "NoExecute", PREFER_NO_SCHEDULE: "PreferNoSchedule" };
  const byApi = group.taint.map((taint: Record<string, string>) => `${taint.key}=${taint.value}:${spelled[taint.effect ?? ""]}`).sort();
  if (byApi.join() !== facts.taints.join()) throw new Error(`the API taints ${byApi}, the kubelet ${facts.taints}`);
  if (JSON.stringify(sorted(group.labels)) !== JSON.stringify(sorted(facts.labels)))
    throw new Error("labels differ between API and kubelet");
  return {
    ...facts,
    min: group.scaling_config.min_size,
    max: group.scaling_config.max_size,
    desired: group.scaling_config.desired_size,
    spot: group.capacity_type === "SPOT",
    surge: group.update_config.max_unavailable,
    tags: group.tags,
  };
}

function machineFacts(template: Block) {
  return {
    ...readUserData(decodeUserData(template.user_data)),
    machineType: template.instance_type,
    diskGiB: template.block_device_mappings[0].ebs.volume_size,
  };
}

function sorted(labels: Record<string, string>) {
  return Object.entries(labels).sort();
}
