import type { Log } from "../log.js";
import { isWrong } from "./check.js";
import { type PlanSurroundings, planChecks } from "./plan-checks.js";
import type { Plan } from "./plan-file.js";

/** Says at start what is not as the node pool's plan has it. The doctor before it has the last word on whether the broker starts. */
export function logPlan(plan: Plan, surroundings: PlanSurroundings, log: Log): void {
  const checks = planChecks(plan, surroundings);
  const wrong = checks.filter(isWrong);
  for (const { name, need, wanted, effective, remedy } of wrong) {
    log.warn({ check: name, need, wanted, effective, remedy }, "not as the tuning plan has it");
  }
  log.info({ pool: plan.pool, profile: plan.profile, keys: checks.length, wrong: wrong.length }, "compared with the tuning plan");
}
