import type { IBrokerNodePool } from "../nodes/broker-node-pool";

/** A toleration as pods write it. */
export interface SystemToleration {
  readonly key: string;
  readonly operator: "Exists" | "Equal";
  readonly value?: string;
  readonly effect?: "NoSchedule";
}

/** On EKS and AKS the taint of system pools, tolerated by cluster add-ons. */
const CRITICAL_ADDONS: SystemToleration = { key: "CriticalAddonsOnly", operator: "Exists" };

/** What GKE's own pods tolerate: cloud.google.com/kubernetes-engine/docs/how-to/isolate-workloads-dedicated-nodes. */
const GKE_MANAGED: SystemToleration = {
  key: "components.gke.io/gke-managed-components",
  operator: "Equal",
  value: "true",
  effect: "NoSchedule",
};

/** Lets pods onto the cluster's system pool, as this library's clusters taint it; a broker pool's taint still keeps them out there. */
export function systemTolerations({ tuning }: IBrokerNodePool): SystemToleration[] {
  const { platform } = tuning;
  if (platform === "generic") return [];
  return [platform === "gke-cos" ? GKE_MANAGED : CRITICAL_ADDONS];
}
