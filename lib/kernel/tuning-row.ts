import type { Semantics } from "./node-placement";
import type { Folklore } from "./profile-values";
import type { Need } from "./sysctl-profile";
import type { SysctlName } from "./sysctls";

/** The row of the container open-file limit. */
export const OPEN_FILES_KEY = "RLIMIT_NOFILE";

/** What became of one wanted key. */
export interface TuningRow {
  readonly key: SysctlName | typeof OPEN_FILES_KEY;
  /** As the profile has it; undefined for a key that only the platform brings in. */
  readonly wanted?: string;
  readonly need: Need;
  /** What the list in circulation says, where the profile corrects it. */
  readonly original?: Folklore;
  readonly node?: { readonly value: string; readonly semantics: Semantics };
  /** The allow-list entry that the kubelet needs for it. */
  readonly kubelet?: string;
  readonly pod?: { readonly value: string; readonly admission: "safe" | "allow-list" };
  /**
   * `set` as wanted; `image`: the image gives as much already; `adjusted`: set, but to another value;
   * `missing`: nothing gives it.
   */
  readonly status: "set" | "image" | "adjusted" | "missing";
  /** Reasons, in full sentences without capitals, for every placement that is not the obvious one. */
  readonly notes: readonly string[];
  /** Why this row deserves a warning, where it does. */
  readonly warning?: string;
}
