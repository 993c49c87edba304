import { Annotations, Token } from "cdktf";
import type { IConstruct } from "constructs";
import { SMALLEST_DISK_GIB } from "../clusters/system-pool";
import { InvalidPropsError } from "../errors";
import type { PlatformId } from "../kernel/platforms/platform";
import { SysctlProfile } from "../kernel/sysctl-profile";
import type { TuningPlan } from "../kernel/tuning-plan";
import type { Architecture, BrokerNodePoolOptions, Taint, Toleration } from "./broker-node-pool";
import { labelProblem, taintProblem } from "./kubernetes-names";
import { planFor } from "./plan-for";

/** Options with every default filled in and every rule checked that holds on all clouds. */
export interface ResolvedPool {
  readonly tuning: TuningPlan;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  readonly architecture: Architecture;
  readonly minNodes: number;
  readonly maxNodes: number;
  readonly desiredNodes: number;
  readonly diskGiB: number;
  readonly spot: boolean;
  readonly surge: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** What a cloud adds to the common rules. */
export interface PoolSurroundings {
  readonly platform: PlatformId;
  readonly kubernetesVersion: string;
  readonly architecture: Architecture;
  /** Taints that the cloud puts on such nodes by itself. @default - none */
  readonly cloudTaints?: readonly Taint[];
}

/**
 * Fills in defaults, checks sizes, labels and taints, plans the tuning, and turns the plan's warnings into annotations.
 *
 * @throws InvalidPropsError, TuningError
 */
export function resolvePool(pool: IConstruct, options: BrokerNodePoolOptions, surroundings: PoolSurroundings): ResolvedPool {
  const { profile = SysctlProfile.MILLION, dedicatedTo = "mqtt-broker", surge = 1, diskGiB = 50 } = options;
  const { minNodes, maxNodes, desiredNodes } = resolveSizes(pool, options);
  wholeNumber(pool, "surge", surge, 1);
  if (!Token.isUnresolved(diskGiB) && (!Number.isInteger(diskGiB) || diskGiB < SMALLEST_DISK_GIB)) {
    throw new InvalidPropsError(pool, "diskGiB", `is ${diskGiB}; a node needs a whole number of GiB, at least ${SMALLEST_DISK_GIB}`);
  }

  const nodeSelector = { dedicated: dedicatedTo };
  const labels = { ...options.labels, ...nodeSelector };
  const dedicated: Taint = { key: "dedicated", value: dedicatedTo, effect: "NoSchedule" };
  const taints = [dedicated, ...(options.taints ?? []), ...(surroundings.cloudTaints ?? [])];
  checkDedicatedTo(pool, dedicatedTo);
  for (const [key, value] of Object.entries(options.labels ?? {})) {
    refuse(
      pool,
      "labels",
      key === "dedicated" ? "label 'dedicated' is the pool's own; state its value as dedicatedTo" : labelProblem(key, value),
    );
  }
  for (const taint of options.taints ?? []) {
    refuse(
      pool,
      "taints",
      taint.key === "dedicated" ? "taint 'dedicated' is the pool's own; state its value as dedicatedTo" : taintProblem(taint),
    );
  }

  const tuning = planFor(pool, profile, surroundings.platform, surroundings.kubernetesVersion, options);
  for (const warning of tuning.warnings) Annotations.of(pool).addWarning(warning);

  return {
    tuning,
    labels,
    taints,
    nodeSelector,
    tolerations: taints.map(({ key, value, effect }) => ({ key, operator: "Equal", value, effect })),
    architecture: surroundings.architecture,
    minNodes,
    maxNodes,
    desiredNodes,
    diskGiB,
    spot: options.spot ?? false,
    surge,
    tags: options.tags ?? {},
  };
}

function checkDedicatedTo(pool: IConstruct, dedicatedTo: string): void {
  if (dedicatedTo === "")
    throw new InvalidPropsError(pool, "dedicatedTo", "is empty; name whom the nodes are for, for example 'mqtt-broker'");
  refuse(pool, "dedicatedTo", taintProblem({ key: "dedicated", value: dedicatedTo, effect: "NoSchedule" }));
}

function resolveSizes(pool: IConstruct, options: BrokerNodePoolOptions) {
  const { minNodes = 3 } = options;
  wholeNumber(pool, "minNodes", minNodes, 0);
  const { maxNodes = Math.max(3, 2 * minNodes), desiredNodes = minNodes } = options;
  wholeNumber(pool, "maxNodes", maxNodes, 1);
  wholeNumber(pool, "desiredNodes", desiredNodes, 0);
  if (known(minNodes, maxNodes) && maxNodes < minNodes) {
    throw new InvalidPropsError(pool, "maxNodes", `is ${maxNodes}, below minNodes (${minNodes}); raise maxNodes or lower minNodes`);
  }
  if (known(minNodes, maxNodes, desiredNodes) && (desiredNodes < minNodes || desiredNodes > maxNodes)) {
    throw new InvalidPropsError(
      pool,
      "desiredNodes",
      `is ${desiredNodes}; it must be between minNodes (${minNodes}) and maxNodes (${maxNodes})`,
    );
  }
  return { minNodes, maxNodes, desiredNodes };
}

function wholeNumber(pool: IConstruct, prop: string, value: number, floor: number): void {
  if (!known(value) || (Number.isInteger(value) && value >= floor)) return;
  throw new InvalidPropsError(pool, prop, `is ${value}; it takes a whole number from ${floor} on`);
}

function known(...values: readonly number[]): boolean {
  return !values.some((value) => Token.isUnresolved(value));
}

function refuse(pool: IConstruct, prop: string, problem: string | undefined): void {
  if (problem) throw new InvalidPropsError(pool, prop, `has a mistake: ${problem}`);
}
