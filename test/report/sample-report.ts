import { PLATFORMS } from "../../lib/kernel/platforms";
import type { PlatformId } from "../../lib/kernel/platforms/platform";
import { SysctlProfile } from "../../lib/kernel/sysctl-profile";
import { planTuning, type TuningPlan } from "../../lib/kernel/tuning-plan";
import type { ReportedPool, StackReport } from "../../lib/report/stack-report";

export const PLATFORM_IDS = Object.keys(PLATFORMS) as PlatformId[];

/** The plan of a million connections for a platform, on a Kubernetes version that it has. */
export function millionPlan(platform: PlatformId): TuningPlan {
  return planTuning(SysctlProfile.MILLION, platform, PLATFORMS[platform].lastKubernetes?.version ?? "1.34");
}

export function samplePool(platform: PlatformId, overrides: Partial<ReportedPool> = {}): ReportedPool {
  return {
    path: `mqtt/${platform}`,
    tuning: millionPlan(platform),
    labels: { dedicated: "mqtt-broker", "example.org/tier": "edge" },
    taints: [{ key: "dedicated", value: "mqtt-broker", effect: "NoSchedule" }],
    ...overrides,
  };
}

export function sampleReport(...pools: readonly ReportedPool[]): StackReport {
  return { stack: "mqtt", pools };
}

/** What a reader sees in wrapped or laid-out text, for comparing. */
export function withoutBlanks(text: string): string {
  return text.replace(/\s+/g, "");
}
