/**
 * `short`: less than wanted. `differs`: another value than the one that is wanted. `failed`: it is not there, or does not work. `unseen`:
 * it counts where this process cannot look, so nothing is said against it.
 */
export type Verdict = "ok" | "short" | "differs" | "failed" | "unseen";

/** One thing that was looked at. */
export interface Check {
  /** The key of a plan, or `memory`, `backlog tcp:default`, `nats`. */
  readonly name: string;
  /** Whether a broker may serve without it. */
  readonly need: "required" | "advised";
  readonly wanted: string | undefined;
  readonly effective: string | undefined;
  readonly verdict: Verdict;
  /** What is wrong, or worth to be known where nothing is. */
  readonly detail?: string;
  /** Which change mends it; where something is wrong. */
  readonly remedy?: string;
}

/** Whether something is to be mended. */
export function isWrong({ verdict }: Check): boolean {
  return verdict !== "ok" && verdict !== "unseen";
}
