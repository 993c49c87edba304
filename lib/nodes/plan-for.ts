import type { IConstruct } from "constructs";
import { TuningError } from "../errors";
import type { PlatformId } from "../kernel/platforms/platform";
import type { SysctlProfile } from "../kernel/sysctl-profile";
import { type PlanOptions, planTuning, type TuningPlan } from "../kernel/tuning-plan";

/** `planTuning`, saying which pool a plan was refused for: an application may have many. @throws TuningError */
export function planFor(
  pool: IConstruct,
  profile: SysctlProfile,
  platform: PlatformId,
  kubernetesVersion: string,
  options: PlanOptions,
): TuningPlan {
  try {
    return planTuning(profile, platform, kubernetesVersion, options);
  } catch (error) {
    if (!(error instanceof TuningError)) throw error;
    throw new TuningError(`${pool.node.path}: ${error.heading}`, error.problems, { cause: error });
  }
}
