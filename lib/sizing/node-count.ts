import { allocatableOf } from "./allocatable";
import type { MachineType } from "./machine-types";
import { type PodDemand, podDemand } from "./pod-demand";
import type { FullWorkload } from "./workload";

const MIB = 2 ** 20;
/** Beyond it nobody should believe a formula. */
export const MOST_NODES = 1_000;
const MOST_PODS_PER_NODE = 64;
/** So that a failing zone takes a third. */
const FEWEST_NODES = 3;
/** Nodes that may be missing: lost, or being replaced. */
export const SPARE_NODES = 1;

/** What may be asked of a pod. */
export interface PodBounds {
  /** Share of its core that a pod uses with a node missing. */
  readonly utilisation: number;
  /** Most connections of a pod. */
  readonly connections: number;
  /** Memory that is asked for, in units of what is needed. */
  readonly memoryHeadroom: number;
  /** Seconds in which the clients of a lost node are back. */
  readonly reconnectSeconds: number;
}

/** How often a machine is needed, and what each pod on it carries while a node is missing. */
export interface NodeCount {
  readonly nodes: number;
  readonly podsPerNode: number;
  readonly pod: PodDemand;
  /** Cores that a pod asks for, in steps of a tenth. */
  readonly requestedCores: number;
  /** Memory that a pod asks for, in steps of 64 MiB. */
  readonly requestedBytes: number;
}

/**
 * The fewest nodes of a machine type that carry the workload while one is missing and its clients come back, and the fewest pods on them.
 * Undefined: not on `MOST_NODES` of them.
 */
export function countNodes(workload: FullWorkload, machine: MachineType, bounds: PodBounds): NodeCount | undefined {
  for (let nodes = FEWEST_NODES; nodes <= MOST_NODES; nodes++) {
    for (let podsPerNode = 1; podsPerNode <= MOST_PODS_PER_NODE; podsPerNode++) {
      const count = fitOn(workload, machine, bounds, { nodes, podsPerNode });
      if (count !== undefined) return count;
    }
  }
  return undefined;
}

function fitOn(
  workload: FullWorkload,
  machine: MachineType,
  bounds: PodBounds,
  { nodes, podsPerNode }: { readonly nodes: number; readonly podsPerNode: number },
): NodeCount | undefined {
  const pods = (nodes - SPARE_NODES) * podsPerNode;
  const returning = (workload.connections * SPARE_NODES) / nodes;
  const pod = podDemand(workload, { pods, connectsPerSecond: returning / bounds.reconnectSeconds });
  if (pod.cores > bounds.utilisation || pod.connections > bounds.connections) return undefined;

  const requestedCores = Math.max(0.1, Math.ceil((10 * pod.cores) / bounds.utilisation - 1e-9) / 10);
  const requestedBytes = Math.ceil((pod.memoryBytes * bounds.memoryHeadroom) / (64 * MIB)) * 64 * MIB;
  const { cores, memoryBytes } = allocatableOf(machine);
  if (podsPerNode * requestedCores > cores || podsPerNode * requestedBytes > memoryBytes) return undefined;
  return { nodes, podsPerNode, pod, requestedCores, requestedBytes };
}
