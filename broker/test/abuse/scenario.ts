import type { TargetReport } from "../fuzz/target-process.js";

/** What a scenario attacks with. */
export interface Attack {
  /** Ports of the broker's listeners by name; the witnesses use "tcp". */
  readonly ports: Readonly<Record<string, number>>;
  /** 1 for the whole thing, less for a short one. */
  readonly scale: number;
  /** What the broker counts; holds nobody up. */
  readonly count: () => Promise<TargetReport>;
  /** The same after a garbage collection. */
  readonly report: () => Promise<TargetReport>;
  /** The good clients are there, the bad ones come now: ends the time that the others' latency is compared with. */
  readonly begin: () => Promise<void>;
  readonly problem: (text: string) => void;
}

/** One way to be a bad client. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** Settings of the broker as in the file; `folder` is an empty one of its own. */
  readonly settings: (folder: string, scale: number) => object;
  /** How much the broker may hold more than before while it lasts, in bytes of process memory. */
  readonly maxGrowthBytes: (scale: number) => number;
  /** Whether the others are to see no more than twice the p99 that they see without it: not so where all cores are busy for the length of it. */
  readonly sparesOthers: boolean;
  /** Whether its attackers need more than a broker leaves of its cores. @default false */
  readonly needsAllCores?: true;
  /** How much of it comes first, unmeasured, 0 to 1. @default 0.25 */
  readonly rehearsedShare?: number;
  /** Does harm, checks what attackers and counters saw, and goes away. Returns what is worth telling. */
  readonly run: (attack: Attack) => Promise<string>;
}

/** A number of the whole attack at a smaller scale. */
export function scaled(count: number, scale: number): number {
  return Math.max(1, Math.round(count * scale));
}

export const MIB = 1_048_576;

/** Counts until one is as wanted; a problem if none is in time. */
export async function eventually(
  { count, problem }: Attack,
  what: string,
  isSo: (report: TargetReport) => boolean,
  withinMs = 20_000,
): Promise<TargetReport> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const latest = await count();
    if (isSo(latest)) return latest;
    if (performance.now() > deadline) {
      problem(`not in time: ${what}`);
      return latest;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
