import type { Verdict } from "./check.js";

/** Compares values as /proc/sys prints them: `at-least` number by number, beyond what a double holds. */
export function compareValues(effective: string, wanted: string, comparison: "at-least" | "equal"): Verdict & ("ok" | "short" | "differs") {
  if (comparison === "equal") return effective === wanted ? "ok" : "differs";
  const have = effective.split(" ");
  const isCovered = wanted.split(" ").every((number, index) => isAtLeast(have[index], number));
  return isCovered ? "ok" : "short";
}

function isAtLeast(have: string | undefined, wanted: string): boolean {
  if (have === "unlimited") return true;
  return have !== undefined && /^-?\d+$/.test(have) && BigInt(have) >= BigInt(wanted);
}
