/** What is known of a container's open-file limit on stock nodes and what connections need. */

/** Descriptors a broker needs besides its clients: listeners, logs, stores, peers. A floor for small processes. */
const RESERVE_FILES = 1024;

/** The same for large ones, as a share of the connections: sockets of bridges, hooks and clients on their way out. */
const RESERVE_SHARE = 0.04;

/**
 * Soft limit that the EKS runtime spec gives every container, and so the smallest limit anyone meets on a stock node
 * (awslabs/amazon-eks-ami nodeadm/internal/containerd/base-runtime-spec.json).
 */
export const STOCK_CONTAINER_SOFT_LIMIT = 65_536;

/**
 * Open-file limit (RLIMIT_NOFILE) for a process that holds `connections` clients: one descriptor each plus a reserve of 4 %,
 * at least 1,024, rounded up to a power of two and never below the 65,536 of a stock EKS node.
 *
 * 1,000,000 connections give 1,048,576: the most that every platform here grants a container.
 */
export function openFilesFor(connections: number): number {
  return Math.max(STOCK_CONTAINER_SOFT_LIMIT, powerOfTwoAtLeast(filesNeeded(connections)));
}

/** Open files that a process with `connections` clients cannot do without: one each and the reserve. */
export function filesNeeded(connections: number): number {
  return Math.ceil(connections + Math.max(RESERVE_FILES, connections * RESERVE_SHARE));
}

/** The smallest power of two that is not below `number`. */
export function powerOfTwoAtLeast(number: number): number {
  return 2 ** Math.ceil(Math.log2(number));
}
