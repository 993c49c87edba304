import type { Platform } from "./platforms/platform";
import type { Need, SysctlProfile } from "./sysctl-profile";
import type { PlannedRow } from "./sysctl-row";
import { OPEN_FILES_KEY, type TuningRow } from "./tuning-row";

/** The kernel's own `fs.nr_open` (include/linux/fs.h), where a profile does not set it. */
const DEFAULT_NR_OPEN = 1_048_576;

/** The open-file limit that containers really get. */
export interface OpenFilesPlan {
  /** RLIMIT_NOFILE of each container, soft and hard: as wanted where the pool sets it, else the image's. */
  readonly limit: number;
  /** Whether the pool sets it, or the image has it. */
  readonly setByPool: boolean;
  readonly need: Need;
}

/** Decides who gives containers their open-file limit, and whether it can be had. */
export function openFilesRow(
  profile: SysctlProfile,
  platform: Platform,
  need: Need = profile.openFiles.need,
): PlannedRow & { readonly plan: OpenFilesPlan } {
  const { limit } = profile.openFiles;
  const { openFiles: setting } = platform;
  const base = { key: OPEN_FILES_KEY, wanted: String(limit), need } as const;

  if (setting.by === "pool") {
    const nrOpen = Number(profile.get("fs.nr_open") ?? DEFAULT_NR_OPEN);
    const row: TuningRow = {
      ...base,
      node: { value: String(limit), semantics: "absolute" },
      status: "set",
      notes: [`each container, soft and hard: ${setting.where}`],
    };
    const plan: OpenFilesPlan = { limit, setByPool: true, need };
    if (nrOpen >= limit) return { row, plan };
    return {
      row,
      plan,
      problem: `the open-file limit ${limit} is above fs.nr_open (${nrOpen}), and no container would start; raise fs.nr_open to ${limit} or more, or lower the limit with withOpenFiles(${nrOpen})`,
    };
  }

  const plan: OpenFilesPlan = { limit: setting.limit, setByPool: false, need };
  if (limit <= setting.limit) {
    const notes = [`the image gives ${setting.limit} (${setting.source}); not confirmed on a live node, the pod's doctor checks it`];
    return { row: { ...base, status: "image", notes }, plan };
  }
  const reason = `containers on ${platform.title} get ${setting.limit} (${setting.source})`;
  const row: TuningRow = { ...base, status: "missing", notes: [reason], warning: `wanted ${limit}, is ${setting.limit}: ${reason}` };
  if (need === "advised") return { row, plan };
  return {
    row,
    plan,
    problem: `required open-file limit ${limit} cannot be had on '${platform.id}': ${reason}. Put fewer connections on each pod, lower it with withOpenFiles(${setting.limit}), or choose an EKS platform`,
  };
}
