import type { IConstruct } from "constructs";
import { InvalidPropsError } from "../errors";
import type { PlatformId } from "../kernel/platforms/platform";
import type { IBrokerNodePool } from "../nodes/broker-node-pool";

/** What the chart adds to the drain itself: proxies and load balancers learn first, and there is a margin (values `drain`). */
const AROUND_DRAIN_SECONDS = 25;

/**
 * How long a pod may take to end while its node is replaced, in seconds; afterwards it is killed. EKS: a managed group gives up after 15 minutes
 * (eks user guide, "Managed node update"). AKS: `drainTimeoutInMinutes` of our pools. GKE: "surge upgrades respect
 * terminationGracePeriodSeconds for up to an hour".
 */
const PATIENCE_SECONDS: Readonly<Record<PlatformId, number>> = {
  "eks-al2023": 900,
  "eks-bottlerocket": 900,
  "eks-al2": 900,
  "aks-ubuntu": 1800,
  "aks-azurelinux": 1800,
  "gke-cos": 3600,
  generic: 3600,
};

/** How long a pod with so many clients takes to end, in seconds. */
export function drainSeconds(connections: number, rate: number): number {
  return Math.ceil(connections / rate) + AROUND_DRAIN_SECONDS;
}

/** @throws InvalidPropsError when the clients of a pod take longer to send away than a cloud waits */
export function checkDrain(release: IConstruct, { node, tuning }: IBrokerNodePool, connections: number, rate: number): void {
  if (!Number.isFinite(rate) || rate < 1) {
    throw new InvalidPropsError(release, "drainRate", `is ${rate}; it takes clients a second, a whole number from 1 on`);
  }
  const seconds = drainSeconds(connections, rate);
  const patience = PATIENCE_SECONDS[tuning.platform];
  if (seconds <= patience) return;
  const enough = Math.ceil(connections / (patience - AROUND_DRAIN_SECONDS));
  throw new InvalidPropsError(
    release,
    "drainRate",
    `is ${rate}: ${connections} clients then take ${seconds} s to leave, but a node of pool '${node.path}' is replaced after ${patience} s; raise it to ${enough} or more, or put fewer connections on each pod`,
  );
}
