import { WorkloadError } from "../errors";
import { openFilesFor } from "../kernel/open-files";
import { SysctlProfile } from "../kernel/sysctl-profile";
import { type Comparison, comparisonsFor } from "./comparisons";
import { type LoadBalancerLimit, loadBalancerLimit } from "./load-balancers";
import { type Cloud, MACHINE_TYPES, type MachineType } from "./machine-types";
import { MEASURED_ON } from "./measurements";
import { countNodes, MOST_NODES, type NodeCount, type PodBounds, SPARE_NODES } from "./node-count";
import { type FullWorkload, resolveWorkload, type Workload } from "./workload";

const MIB = 2 ** 20;

export interface SizingOptions {
  /** Only these clouds. @default - all */
  readonly clouds?: readonly Cloud[];

  /** Only machines of this architecture. @default - both */
  readonly architecture?: "amd64" | "arm64";

  /**
   * Share of its core that a pod may use while a node is missing, 0.1 to 0.9. The rest is for bursts, and for what a benchmark on one machine does
   * not see: real network cards, neighbours, slower cores.
   *
   * @default 0.5
   */
  readonly utilisation?: number;

  /**
   * Most connections of one pod, 1,000 to 1,000,000: so many clients come back at once when it fails.
   *
   * @default 100,000
   */
  readonly maxConnectionsPerPod?: number;

  /** Seconds in which the clients of a lost node are back, 1 to 3,600. @default 60 */
  readonly reconnectSeconds?: number;

  /** Availability zones, 1 to 6. @default 3 */
  readonly zones?: number;
}

/** What one cloud and architecture needs. */
export interface CloudSizing {
  readonly cloud: Cloud;
  readonly architecture: "amd64" | "arm64";
  readonly machine: MachineType;
  /** One of them may be missing. */
  readonly nodes: number;
  readonly podsPerNode: number;
  readonly pods: number;
  /** Of one pod while a node is missing. */
  readonly pod: {
    readonly connections: number;
    readonly busyCores: number;
    readonly cores: number;
    readonly memoryBytes: number;
    readonly openFiles: number;
  };
  /** Of one node while another is missing. */
  readonly node: { readonly connections: number; readonly conntrackEntries: number; readonly conntrackMax: number };
  readonly tls: "none" | "lb" | "broker";
  readonly loadBalancer: LoadBalancerLimit;
  /** Props of a node pool of that cloud. */
  readonly pool: { readonly profile: SysctlProfile; readonly machineType: string; readonly minNodes: number; readonly maxNodes: number };
  /** Props of a `CompanionRelease`. */
  readonly release: {
    readonly replicas: number;
    readonly connectionsPerPod: number;
    readonly runtime: "bun" | "node";
    readonly cpu: string;
    readonly memory: `${number}Mi`;
  };
}

export interface Sizing {
  readonly workload: FullWorkload;
  readonly measuredOn: typeof MEASURED_ON;
  readonly clouds: readonly CloudSizing[];
  readonly comparisons: readonly Comparison[];
}

/** A GiB costs about a ninth of what a core costs, in the price lists of all three clouds: 4 GiB more on a core of m7i make it an r7i. */
const CORES_PER_GIB = 0.11;
/** Memory for garbage, and for moments that are worse than the average. */
const MEMORY_HEADROOM = 1.25;
/** What `SysctlProfile.forConnections` computes for. */
const MOST_PROFILE_CONNECTIONS = 10_000_000;

/**
 * Pods, nodes and settings for a workload: for each cloud and architecture the cheapest machine type that carries it while one node is missing.
 * Costs are measured (`measurements.ts`); the formulas are at `podDemand`, `countNodes`, `allocatableOf` and `loadBalancerLimit`.
 *
 * @throws WorkloadError for settings that make no sense, or a load that no known machine carries on 1,000 nodes
 */
export function sizing(workload: Workload, options: SizingOptions = {}): Sizing {
  const full = resolveWorkload(workload);
  const { clouds = ["eks", "aks", "gke"], architecture, zones = 3 } = options;
  checkOptions(options);
  const architectures = (["amd64", "arm64"] as const).filter((each) => architecture === undefined || each === architecture);
  return {
    workload: full,
    measuredOn: MEASURED_ON,
    clouds: clouds.flatMap((cloud) => architectures.map((each) => sizeCloud(full, cloud, each, { ...options, zones }))),
    comparisons: comparisonsFor(full),
  };
}

function sizeCloud(
  workload: FullWorkload,
  cloud: Cloud,
  architecture: "amd64" | "arm64",
  { utilisation = 0.5, maxConnectionsPerPod = 100_000, reconnectSeconds = 60, zones }: SizingOptions & { readonly zones: number },
): CloudSizing {
  // The other clouds' load balancers pass packets on, and end no TLS.
  const tls = workload.tls === "lb" && cloud !== "eks" ? "broker" : workload.tls;
  const loadBalancer = loadBalancerLimit(cloud, { zones, tls });
  const bounds: PodBounds = {
    utilisation,
    connections: Math.min(maxConnectionsPerPod, loadBalancer.connectionsPerTarget ?? Number.POSITIVE_INFINITY),
    memoryHeadroom: MEMORY_HEADROOM,
    reconnectSeconds,
  };
  const machines = MACHINE_TYPES.filter((each) => each.cloud === cloud && each.architecture === architecture);
  const choices = machines.flatMap((machine) => {
    const count = countNodes({ ...workload, tls }, machine, bounds);
    return count === undefined ? [] : [{ machine, count, price: count.nodes * priceOf(machine) }];
  });
  const [first, ...others] = choices;
  if (first === undefined) {
    throw new WorkloadError([
      `no machine type of ${cloud} (${architecture}) carries it on ${MOST_NODES} nodes; split 'connections' ${workload.connections} and 'publishRate' ${workload.publishRate} over several clusters`,
    ]);
  }
  const { machine, count } = others.reduce((best, each) => (each.price < best.price ? each : best), first);
  return describe(workload, { machine, count, tls, loadBalancer });
}

function describe(
  { connections, runtime }: FullWorkload,
  { machine, count, tls, loadBalancer }: Pick<CloudSizing, "machine" | "tls" | "loadBalancer"> & { readonly count: NodeCount },
): CloudSizing {
  const { nodes, podsPerNode, pod, requestedCores, requestedBytes } = count;
  const connectionsOfNode = Math.ceil(connections / (nodes - SPARE_NODES));
  const connectionsPerPod = roundUp(pod.connections, 1_000);
  const openFiles = openFilesFor(connectionsPerPod);
  // The kernel's tables are the node's; open files are counted for each process.
  const ofNode = SysctlProfile.forConnections(Math.min(MOST_PROFILE_CONNECTIONS, connectionsOfNode));
  const profile = ofNode.withOpenFiles(openFiles).named(ofNode.name);
  return {
    cloud: machine.cloud,
    architecture: machine.architecture,
    machine,
    nodes,
    podsPerNode,
    pods: nodes * podsPerNode,
    pod: {
      connections: pod.connections,
      busyCores: pod.cores,
      cores: requestedCores,
      memoryBytes: requestedBytes,
      openFiles,
    },
    node: {
      connections: connectionsOfNode,
      conntrackEntries: connectionsOfNode,
      conntrackMax: Number(profile.get("net.netfilter.nf_conntrack_max")),
    },
    tls,
    loadBalancer,
    pool: { profile, machineType: machine.name, minNodes: nodes, maxNodes: nodes + Math.max(1, Math.ceil(nodes / 2)) },
    release: {
      replicas: nodes * podsPerNode,
      connectionsPerPod,
      runtime,
      cpu: `${Math.round(requestedCores * 1_000)}m`,
      memory: `${requestedBytes / MIB}Mi`,
    },
  };
}

/** What a machine costs, in cores. */
export function priceOf({ cores, memoryGiB }: MachineType): number {
  return cores + memoryGiB * CORES_PER_GIB;
}

function roundUp(number: number, step: number): number {
  return Math.ceil(number / step) * step;
}

function checkOptions({
  utilisation = 0.5,
  maxConnectionsPerPod = 100_000,
  reconnectSeconds = 60,
  zones = 3,
  clouds,
}: SizingOptions): void {
  const problems = [
    within("utilisation", utilisation, 0.1, 0.9),
    within("maxConnectionsPerPod", maxConnectionsPerPod, 1_000, 1_000_000),
    within("reconnectSeconds", reconnectSeconds, 1, 3_600),
    within("zones", zones, 1, 6),
    ...(clouds ?? []).map((cloud) =>
      ["eks", "aks", "gke"].includes(cloud) ? undefined : `'clouds' has '${cloud}'; write eks, aks or gke`,
    ),
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) throw new WorkloadError(problems);
}

function within(name: string, value: number, least: number, most: number): string | undefined {
  return value >= least && value <= most ? undefined : `'${name}' is ${value}; write a number from ${least} to ${most}`;
}
