import type { Version } from "./version";

/** One whole number. Bounds are inclusive. */
export interface IntegerShape {
  readonly kind: "integer";
  readonly min: number;
  readonly max: number;
  /** What one step is: `bytes`, `seconds`, `pages`, `entries` … */
  readonly unit: string;
}

/** Whole numbers in ascending order, written with blanks between them. Bounds are inclusive and hold for each. */
export interface IntegersShape<Names extends readonly string[] = readonly string[]> {
  readonly kind: "integers";
  /** What each place means, for example `min default max`. */
  readonly names: Names;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
}

/** Text that must match a pattern. */
export interface TextShape {
  readonly kind: "text";
  readonly pattern: RegExp;
  /** What the pattern asks for, in words. */
  readonly expects: string;
}

/** What a sysctl's value looks like. */
export type ValueShape = IntegerShape | IntegersShape | TextShape;

/** One key of `/proc/sys` as the kernel, the kubelet and a broker see it. */
export interface Sysctl {
  readonly shape: ValueShape;

  /**
   * Whose value it is: one for the whole node, or one per network or IPC namespace, so that each pod has its own.
   */
  readonly scope: "node" | "network-namespace" | "ipc-namespace";

  /** Kernel since which `scope` is true; before it the key belonged to the node. */
  readonly namespacedSince?: Version;

  /** A new network namespace copies the node's value, so a value set on the node before pods start reaches them. */
  readonly inherited?: boolean;

  /** Set where a pod could own the key but only the node's value has an effect. The text says why. */
  readonly countsOnNode?: string;

  /** Any larger value serves as well: applied and checked as "at least", never lowered. */
  readonly atLeast?: boolean;

  /** The kernel sizes it from memory at boot, so on a large node its own value may be above any that is assigned. */
  readonly sizedFromMemory?: boolean;

  /** Kubernetes release since which a pod may set it without an allow-list entry. */
  readonly safeSince?: Version;

  /** Kernel module that creates the key. */
  readonly module?: string;

  /** Value that a kubelet with `protectKernelDefaults` insists on; any other stops it. */
  readonly kubeletExpects?: string;

  /** Why a broker or a load generator cares. */
  readonly why: string;

  /** Where this is documented. Paths are of the Linux kernel unless they say otherwise. */
  readonly source: string;
}

/** The largest integer that JavaScript holds exactly; the kernel's own limit for a `long` is 2^63-1. */
const MAX_LONG = Number.MAX_SAFE_INTEGER;

/** The kernel's limit for an `int`. */
export const MAX_INT = 2_147_483_647;

/** An integer between `min` and `max` inclusive. */
export function integer(min: number, max: number, unit: string): IntegerShape {
  return { kind: "integer", min, max, unit };
}

/** A `long` in the kernel. */
export function long(min: number, unit: string): IntegerShape {
  return integer(min, MAX_LONG, unit);
}

/** Several integers in ascending order. */
export function integers<const Names extends readonly string[]>(
  names: Names,
  min: number,
  max: number,
  unit: string,
): IntegersShape<Names> {
  return { kind: "integers", names, min, max, unit };
}

/** Text that matches `pattern`. */
export function text(pattern: RegExp, expects: string): TextShape {
  return { kind: "text", pattern, expects };
}
