const GIB = 2 ** 30;
const MIB = 2 ** 20;

/** Shares of memory that Kubernetes keeps for itself, band by band. */
const MEMORY_BANDS: readonly (readonly [gib: number, share: number])[] = [
  [4, 0.25],
  [4, 0.2],
  [8, 0.1],
  [112, 0.06],
  [Number.POSITIVE_INFINITY, 0.02],
];
/** The same of cores. */
const CORE_BANDS: readonly (readonly [cores: number, share: number])[] = [
  [1, 0.06],
  [1, 0.01],
  [2, 0.005],
  [Number.POSITIVE_INFINITY, 0.0025],
];
/** The kubelet evicts pods when less is free. */
const EVICTION_BYTES = 100 * MIB;
/** What agents on every node ask for: network, DNS cache, metrics, logs. Half a core and half a GiB is generous. */
const DAEMONS = { cores: 0.5, bytes: GIB / 2 };

/** What pods of ours can have of a machine. */
export interface Allocatable {
  readonly cores: number;
  readonly memoryBytes: number;
}

/**
 * Cores and memory that are left of a machine for broker pods. Reserved are the shares that Google documents for GKE ("Plan node sizes": a
 * quarter of the first 4 GiB, a fifth of the next 4, and so on); EKS and AKS reserve less on machines of these sizes, so it is the careful
 * choice for all. Half a core and half a GiB more are left to the agents that run on every node.
 */
export function allocatableOf({ cores, memoryGiB }: { readonly cores: number; readonly memoryGiB: number }): Allocatable {
  return {
    cores: Math.max(0, cores - banded(cores, CORE_BANDS) - DAEMONS.cores),
    memoryBytes: Math.max(0, Math.floor((memoryGiB - banded(memoryGiB, MEMORY_BANDS)) * GIB) - EVICTION_BYTES - DAEMONS.bytes),
  };
}

function banded(amount: number, bands: readonly (readonly [width: number, share: number])[]): number {
  let reserved = 0;
  let rest = amount;
  for (const [width, share] of bands) {
    const part = Math.min(rest, width);
    reserved += part * share;
    rest -= part;
  }
  return reserved;
}
