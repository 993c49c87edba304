import { readFileSync } from "node:fs";
import type { Plan, PlanKey } from "../../src/doctor/plan-file.js";

/** A plan as `lib` makes it for AKS. */
export const SAMPLE_PLAN = JSON.parse(readFileSync(new URL("plan.json", import.meta.url), "utf8")) as Plan;

/** The sample with these keys alone. */
export function planOf(...keys: readonly PlanKey[]): Plan {
  return { ...SAMPLE_PLAN, keys: [...keys] };
}

/** A key that the pod sets, unless it is said otherwise. */
export function planKey(key: string, value: string, more: Partial<PlanKey> = {}): PlanKey {
  return {
    ...{ key, wanted: value, expected: value, comparison: "at-least", need: "required", setBy: ["pod"], status: "set" },
    remedy: `add ${key} to the pod`,
    ...more,
  };
}
