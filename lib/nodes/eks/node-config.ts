import type { TuningPlan } from "../../kernel/tuning-plan";
import type { Taint } from "../broker-node-pool";

/** Coordinates that a node needs to join. Every string may be a token. */
export interface ClusterCoordinates {
  readonly name: string;
  readonly apiServerEndpoint: string;
  readonly certificateAuthority: string;
  readonly cidr: string;
}

/** What user data is made from, on every operating system. */
export interface NodeSettings {
  readonly plan: TuningPlan;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** Undefined for managed node groups: EKS adds its own part with the coordinates. */
  readonly cluster?: ClusterCoordinates;
  /** Further kubelet settings in the form of the operating system. */
  readonly kubelet: Readonly<Record<string, unknown>>;
}

/**
 * The NodeConfig for nodeadm (awslabs/amazon-eks-ami nodeadm/doc/api.md), in JSON, which every YAML reader takes.
 *
 * A later part replaces lists, so `allowedUnsafeSysctls`, `registerWithTaints` and `rlimits` must all stand in this one.
 */
export function nodeConfig({ plan, labels, taints, cluster, kubelet }: NodeSettings): string {
  const { limit } = plan.openFiles;
  const config = {
    apiVersion: "node.eks.aws/v1alpha1",
    kind: "NodeConfig",
    spec: {
      ...(cluster && { cluster }),
      kubelet: {
        config: {
          ...kubelet,
          allowedUnsafeSysctls: plan.allowedUnsafeSysctls,
          registerWithTaints: taints,
        },
        // Labels have no field in KubeletConfiguration.
        flags: [`--node-labels=${nodeLabels(labels)}`],
      },
      // Soft and hard alike: the Erlang VM does not raise its soft limit.
      containerd: { baseRuntimeSpec: { process: { rlimits: [{ type: "RLIMIT_NOFILE", soft: limit, hard: limit }] } } },
    },
  };
  return JSON.stringify(config, undefined, 2);
}

/** Labels as the kubelet's flag takes them. */
export function nodeLabels(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}
