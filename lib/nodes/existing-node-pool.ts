import { Annotations } from "cdktf";
import { Construct } from "constructs";
import { InvalidPropsError } from "../errors";
import { SysctlProfile } from "../kernel/sysctl-profile";
import type { PlanOptions, TuningPlan } from "../kernel/tuning-plan";
import type { Architecture, IBrokerNodePool, Taint, Toleration } from "./broker-node-pool";
import { labelProblem, taintProblem } from "./kubernetes-names";
import { planFor } from "./plan-for";

export interface ExistingNodePoolProps extends PlanOptions {
  /** `major.minor` that the nodes run, for example `1.34`. */
  readonly kubernetesVersion: string;

  /**
   * What is wanted of kernel and container limits. Of it, pods set what they may; the rest is a warning, for nodes that exist are not touched.
   *
   * @default SysctlProfile.MILLION
   */
  readonly profile?: SysctlProfile;

  /**
   * Labels of the nodes to use; all of them must match.
   *
   * @default - none: every node of the cluster
   */
  readonly labels?: Readonly<Record<string, string>>;

  /**
   * Taints of those nodes, which pods then tolerate.
   *
   * @default - none
   */
  readonly taints?: readonly Taint[];

  /**
   * Architecture of those nodes.
   *
   * @default "amd64"
   */
  readonly architecture?: Architecture;

  /**
   * Allow-list entries that the kubelets of those nodes are known to have: `--allowed-unsafe-sysctls`, or `allowedUnsafeSysctls` of their
   * KubeletConfiguration. A pod that sets another unsafe key is rejected there, so others are left out.
   *
   * @default - none
   */
  readonly allowedUnsafeSysctls?: readonly string[];

  /**
   * Open files that a container on those nodes is known to get (`ulimit -n` in one).
   *
   * @default 65536
   */
  readonly openFiles?: number;
}

/** Nodes of a cluster that exists, whatever made it. Makes nothing and changes nothing; releases place themselves on it. */
export class ExistingNodePool extends Construct implements IBrokerNodePool {
  readonly tuning: TuningPlan;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  readonly architecture: Architecture;

  /** @throws InvalidPropsError, TuningError */
  constructor(scope: Construct, id: string, props: ExistingNodePoolProps) {
    super(scope, id);
    const { profile = SysctlProfile.MILLION, labels = {}, taints = [], architecture = "amd64" } = props;
    const problems = [
      ...Object.entries(labels).map(([key, value]) => ["labels", labelProblem(key, value, { reserved: true })] as const),
      ...taints.map((taint) => ["taints", taintProblem(taint, { reserved: true, noValue: true })] as const),
    ];
    for (const [prop, problem] of problems) {
      if (problem) throw new InvalidPropsError(this, prop, `has a mistake: ${problem}`);
    }

    this.tuning = planFor(this, profile, "generic", props.kubernetesVersion, props);
    for (const warning of this.tuning.warnings) Annotations.of(this).addWarning(warning);
    this.labels = labels;
    this.taints = taints;
    this.nodeSelector = labels;
    this.tolerations = taints.map(({ key, value, effect }) => ({ key, operator: "Equal", value, effect }));
    this.architecture = architecture;
  }
}
