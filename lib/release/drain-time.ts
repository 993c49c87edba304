import type { IConstruct } from "constructs";
import { InvalidPropsError } from "../errors";
import type { PlatformId } from "../kernel/platforms/platform";
import type { IBrokerNodePool } from "../nodes/broker-node-pool";

/** How a pod takes leave of its clients, as the chart's values `drain` say it. */
export interface Drain {
  /** Clients that are told to go, a second. */
  readonly disconnectRate: number;
  /** Before that, while proxies in the cluster forget the pod. @default 5 */
  readonly preStopSeconds?: number;
  /** And while load balancers notice. @default 10 */
  readonly delaySeconds?: number;
  /** After that, to store and to close. @default 10 */
  readonly marginSeconds?: number;
}

/** The shortest time that the chart gives a broker to tell its clients (templates/_drain.tpl). */
const SHORTEST_SECONDS = 5;

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

/** How long a pod with so many clients takes to end, in seconds: as long as the chart lets it. */
export function drainSeconds(connections: number, drain: Drain): number {
  return Math.max(SHORTEST_SECONDS, tenthMore(connections, drain.disconnectRate)) + secondsAround(drain);
}

/** @throws InvalidPropsError for what is no rate */
export function checkDrainRate(release: IConstruct, rate: number): void {
  if (Number.isSafeInteger(rate) && rate >= 1) return;
  throw new InvalidPropsError(release, "drainRate", `is ${rate}; it takes clients a second, a whole number from 1 on`);
}

/** @throws InvalidPropsError when the clients of a pod take longer to send away than a cloud waits */
export function checkDrain(release: IConstruct, { node, tuning }: IBrokerNodePool, connections: number, drain: Drain): void {
  const seconds = drainSeconds(connections, drain);
  const patience = PATIENCE_SECONDS[tuning.platform];
  if (seconds <= patience) return;
  const left = patience - secondsAround(drain);
  if (left < SHORTEST_SECONDS) {
    throw new InvalidPropsError(
      release,
      "values",
      `have a pod wait ${secondsAround(drain)} s before and after it sends its clients away, but a node of pool '${node.path}' is replaced after ${patience} s; lower drain.preStopSeconds, drain.delaySeconds or drain.marginSeconds`,
    );
  }
  throw new InvalidPropsError(
    release,
    "drainRate",
    `is ${drain.disconnectRate}: ${connections} clients then take ${seconds} s to leave, but a node of pool '${node.path}' is replaced after ${patience} s; raise it to ${tenthMore(connections, left)} or more, or put fewer connections on each pod`,
  );
}

/** 1.1 × `amount` / `by`, rounded up. In whole numbers: 1.1 × 50 is a little more than 55 in floating point. */
function tenthMore(amount: number, by: number): number {
  return Math.ceil((11 * amount) / (10 * by));
}

function secondsAround({ preStopSeconds = 5, delaySeconds = 10, marginSeconds = 10 }: Drain): number {
  return preStopSeconds + delaySeconds + marginSeconds;
}
