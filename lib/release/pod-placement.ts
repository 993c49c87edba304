import type { IBrokerNodePool, Toleration } from "../nodes/broker-node-pool";

/** Where pods go, in the fields of a pod's specification. */
export interface PodPlacement {
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  readonly affinity: { readonly nodeAffinity: object };
}

/**
 * Onto the pool's nodes and nowhere else. Selector and affinity say the same twice: the scheduler knows nothing of a kubelet's
 * allow-list, and a pod that lands on another node is rejected there with SysctlForbidden, again and again.
 */
export function podPlacement({ nodeSelector, tolerations, architecture }: IBrokerNodePool): PodPlacement {
  const matchExpressions = [
    ...Object.entries(nodeSelector).map(([key, value]) => ({ key, operator: "In", values: [value] })),
    { key: "kubernetes.io/os", operator: "In", values: ["linux"] },
    { key: "kubernetes.io/arch", operator: "In", values: [architecture] },
  ];
  return {
    nodeSelector: { ...nodeSelector },
    tolerations: tolerations.map((toleration) => ({ ...toleration })),
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] } } },
  };
}
