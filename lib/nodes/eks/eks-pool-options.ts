import { Token } from "cdktf";
import type { IConstruct } from "constructs";
import type { IEksCluster } from "../../clusters/eks/i-eks-cluster";
import { instanceArchitecture } from "../../clusters/eks/instance-type";
import { InvalidPropsError } from "../../errors";
import type { PlatformId } from "../../kernel/platforms/platform";
import type { BrokerNodePoolOptions } from "../broker-node-pool";
import { chooseArchitecture } from "../choose-architecture";
import { type ResolvedPool, resolvePool } from "../resolve-pool";
import { AL2_RESERVED_FLAGS } from "./al2-bootstrap";
import type { EksOperatingSystem } from "./user-data";

/** What both kinds of EKS pools take. */
export interface EksNodePoolOptions extends BrokerNodePoolOptions {
  /** Cluster that receives the nodes. */
  readonly cluster: IEksCluster;

  /**
   * Operating system of the nodes. `al2` is legacy: no images for Kubernetes 1.33 or newer.
   *
   * @default "al2023"
   */
  readonly operatingSystem?: EksOperatingSystem;

  /**
   * Subnets for the nodes.
   *
   * @default - those of the cluster
   */
  readonly subnetIds?: readonly string[];

  /**
   * Security groups besides the cluster's own, which nodes always join.
   *
   * @default - none
   */
  readonly securityGroupIds?: readonly string[];

  /**
   * Further kubelet settings, in the form of the operating system: fields of KubeletConfiguration (al2023), keys of
   * `settings.kubernetes` (bottlerocket), flags without dashes (al2). Not the ones that come from the plan, the labels and the taints.
   *
   * @default - none
   */
  readonly kubelet?: Readonly<Record<string, unknown>>;

  /**
   * Shell commands of your own that run before the node joins, after the tuning. Not on Bottlerocket, which has no shell.
   *
   * @default - none
   */
  readonly preJoinScript?: string;

  /**
   * Name of an EC2 key pair for logging in.
   *
   * @default - none
   */
  readonly keyName?: string;
}

const PLATFORM: Readonly<Record<EksOperatingSystem, PlatformId>> = {
  al2023: "eks-al2023",
  bottlerocket: "eks-bottlerocket",
  al2: "eks-al2",
};

/** Kubelet settings that come from plan, labels and taints: overwriting them would lose a setting. */
const RESERVED: Readonly<Record<EksOperatingSystem, readonly string[]>> = {
  al2023: ["allowedUnsafeSysctls", "registerWithTaints"],
  bottlerocket: [
    "allowed-unsafe-sysctls",
    "node-labels",
    "node-taints",
    "cluster-name",
    "api-server",
    "cluster-certificate",
    "cluster-dns-ip",
  ],
  al2: AL2_RESERVED_FLAGS,
};

/** A pool's options with defaults, as both kinds use them. */
export interface ResolvedEksPool extends ResolvedPool {
  readonly operatingSystem: EksOperatingSystem;
  readonly subnetIds: readonly string[];
  readonly kubelet: Readonly<Record<string, unknown>>;
}

/** @throws InvalidPropsError, TuningError */
export function resolveEksPool(pool: IConstruct, props: EksNodePoolOptions): ResolvedEksPool {
  const { cluster, operatingSystem = "al2023", kubelet = {}, subnetIds = cluster.subnetIds } = props;

  const reserved = RESERVED[operatingSystem].filter((key) => key in kubelet);
  if (reserved.length > 0) {
    throw new InvalidPropsError(
      pool,
      "kubelet",
      `sets ${reserved.join(", ")}, which the pool writes itself; use allowedUnsafeSysctls, labels or taints of the pool instead`,
    );
  }
  if (operatingSystem === "bottlerocket" && props.preJoinScript !== undefined) {
    throw new InvalidPropsError(
      pool,
      "preJoinScript",
      "cannot run on Bottlerocket, which has no shell; use operatingSystem 'al2023' or leave it out",
    );
  }
  if (!Token.isUnresolved(subnetIds) && subnetIds.length === 0) {
    throw new InvalidPropsError(pool, "subnetIds", "is empty; name at least one subnet, best one in each of three zones");
  }

  const architecture = chooseArchitecture(pool, { ...props, read: instanceArchitecture, example: "m7g.2xlarge" });
  const resolved = resolvePool(pool, props, {
    platform: PLATFORM[operatingSystem],
    kubernetesVersion: cluster.kubernetesVersion,
    architecture,
  });
  if (resolved.taints.length > 50) {
    throw new InvalidPropsError(pool, "taints", `has ${resolved.taints.length} entries with the pool's own; EKS takes 50`);
  }
  return { ...resolved, operatingSystem, kubelet, subnetIds };
}
