import type { IConstruct } from "constructs";
import type { SysctlProfile } from "../kernel/sysctl-profile";
import type { PlanOptions, TuningPlan } from "../kernel/tuning-plan";

/** Processor architecture, by the name in the label `kubernetes.io/arch`. */
export type Architecture = "amd64" | "arm64";

/** Keeps pods off a node that do not tolerate it. */
export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

/** Lets a pod onto the nodes that carry the taint. Ready for a pod's `tolerations`. */
export interface Toleration {
  readonly key: string;
  readonly operator: "Equal";
  readonly value: string;
  readonly effect: Taint["effect"];
}

/** Nodes tuned for brokers, whatever the cloud. Releases place themselves by this interface alone. */
export interface IBrokerNodePool extends IConstruct {
  /** What is set where. The pool carries it out; a release must not ask for more. */
  readonly tuning: TuningPlan;
  /** Labels on every node from registration on. */
  readonly labels: Readonly<Record<string, string>>;
  /** Taints on every node from registration on. */
  readonly taints: readonly Taint[];
  /** For the `nodeSelector` of pods that belong here. */
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** For the `tolerations` of pods that belong here: one per taint. */
  readonly tolerations: readonly Toleration[];
  /** Architecture of the nodes, so that a release can choose its image. */
  readonly architecture: Architecture;
}

/** What every pool takes, on each cloud under the same name. */
export interface BrokerNodePoolOptions extends Omit<PlanOptions, "openFiles"> {
  /**
   * What is wanted of kernel and container limits.
   *
   * @default SysctlProfile.MILLION
   */
  readonly profile?: SysctlProfile;

  /** Size of each machine by the cloud's name for it: an EC2 instance type, an Azure VM size, a Compute Engine machine type. */
  readonly machineType: string;

  /**
   * Architecture of those machines. Only needed when `machineType` is a token; otherwise a check.
   *
   * @default - read from `machineType`
   */
  readonly architecture?: Architecture;

  /**
   * Fewest nodes, over all zones.
   *
   * @default 3
   */
  readonly minNodes?: number;

  /**
   * Most nodes, over all zones.
   *
   * @default - twice `minNodes`, at least 3
   */
  readonly maxNodes?: number;

  /**
   * Nodes to begin with; an autoscaler decides afterwards.
   *
   * @default - `minNodes`
   */
  readonly desiredNodes?: number;

  /**
   * Whom the nodes are for: the value of the label and the taint `dedicated`. At most 63 characters.
   *
   * @default "mqtt-broker"
   */
  readonly dedicatedTo?: string;

  /**
   * Further labels.
   *
   * @default - none
   */
  readonly labels?: Readonly<Record<string, string>>;

  /**
   * Further taints.
   *
   * @default - none
   */
  readonly taints?: readonly Taint[];

  /**
   * Root disk in GiB, at least 30.
   *
   * @default 50
   */
  readonly diskGiB?: number;

  /**
   * Spare capacity of the cloud, cheaper and withdrawn at short notice. Every withdrawal disconnects that node's clients.
   *
   * @default false
   */
  readonly spot?: boolean;

  /**
   * Nodes replaced at a time when the pool changes. Each costs its clients one reconnect.
   *
   * @default 1
   */
  readonly surge?: number;

  /**
   * Tags (Google: resource labels) on what the pool creates.
   *
   * @default - none
   */
  readonly tags?: Readonly<Record<string, string>>;
}
