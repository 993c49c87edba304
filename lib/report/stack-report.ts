import type { PodSysctl } from "../kernel/pod-sysctls";
import type { TuningPlan } from "../kernel/tuning-plan";
import type { Taint } from "../nodes/broker-node-pool";

/** What the report needs of one pool. */
export interface ReportedPool {
  /** Path of the construct, `stack/…/id`. */
  readonly path: string;
  readonly tuning: TuningPlan;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** What runs on it, in whichever stack. @default - nothing that is known: the plan stands for its pods */
  readonly releases?: readonly ReportedRelease[];
}

/** A broker on a pool, as its pods are rendered. */
export interface ReportedRelease {
  /** Path of the construct. */
  readonly path: string;
  readonly sysctls: readonly PodSysctl[];
  readonly connectionsPerPod: number;
}

/** One stack and its pools, in the order in which they were created. */
export interface StackReport {
  /** The stack's id, which is also its folder under `stacks/`. */
  readonly stack: string;
  readonly pools: readonly ReportedPool[];
}
