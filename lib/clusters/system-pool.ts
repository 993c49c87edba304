import { Token } from "cdktf";
import type { IConstruct } from "constructs";
import { InvalidPropsError } from "../errors";

/** Smallest disk all three clouds take: Azure refuses an operating-system disk below 30 GiB. */
export const SMALLEST_DISK_GIB = 30;

/** Nodes for what the cluster itself runs: DNS, storage controllers, agents. Their taint keeps brokers and everything else away. */
export interface SystemPoolOptions {
  /**
   * Size of each machine by the cloud's name for it.
   *
   * @default - stated at the cluster's `systemPool`
   */
  readonly machineType?: string;

  /**
   * Fewest nodes, over all zones.
   *
   * @default - stated at the cluster's `systemPool`
   */
  readonly minNodes?: number;

  /**
   * Most nodes, over all zones.
   *
   * @default - stated at the cluster's `systemPool`, at least `minNodes`
   */
  readonly maxNodes?: number;

  /**
   * Root disk in GiB, at least 30.
   *
   * @default 50
   */
  readonly diskGiB?: number;
}

/** What a cloud chooses when its user does not. */
export interface SystemPoolDefaults {
  readonly machineType: string;
  readonly minNodes: number;
  readonly maxNodes: number;
}

/**
 * Fills in what was left out.
 *
 * @throws InvalidPropsError for counts that are no counts, `minNodes` above `maxNodes`, and disks too small
 */
export function resolveSystemPool(
  construct: IConstruct,
  defaults: SystemPoolDefaults,
  options: SystemPoolOptions = {},
): Required<SystemPoolOptions> {
  const { machineType = defaults.machineType, minNodes = defaults.minNodes, diskGiB = 50 } = options;
  const { maxNodes = Token.isUnresolved(minNodes) ? defaults.maxNodes : Math.max(minNodes, defaults.maxNodes) } = options;

  checkWhole(construct, "systemPool.minNodes", minNodes, 1);
  checkWhole(construct, "systemPool.maxNodes", maxNodes, 1);
  checkWhole(construct, "systemPool.diskGiB", diskGiB, SMALLEST_DISK_GIB);
  if (!Token.isUnresolved(minNodes) && !Token.isUnresolved(maxNodes) && minNodes > maxNodes) {
    throw new InvalidPropsError(construct, "systemPool.maxNodes", `must be at least minNodes (${minNodes}), got ${maxNodes}`);
  }
  return { machineType, minNodes, maxNodes, diskGiB };
}

function checkWhole(construct: IConstruct, prop: string, value: number, least: number): void {
  if (Token.isUnresolved(value) || (Number.isInteger(value) && value >= least)) return;
  throw new InvalidPropsError(construct, prop, `must be a whole number of at least ${least}, got ${value}`);
}
