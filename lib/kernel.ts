// The pure half of the library: profiles and plans, with neither cdktf nor a provider.
export * from "./errors";
export * from "./kernel/kubernetes-version";
export type { NodePlacement, Semantics } from "./kernel/node-placement";
export { openFilesFor } from "./kernel/open-files";
export type { OpenFilesPlan } from "./kernel/open-files-row";
export { PLATFORMS } from "./kernel/platforms";
export type {
  AcceptedKeys,
  AcceptedRange,
  NodeSetting,
  OpenFilesSetting,
  Overwritten,
  Platform,
  PlatformId,
} from "./kernel/platforms/platform";
export {
  allowListProblem,
  allows,
  type PodAdmission,
  type PodSurroundings,
  type PodSysctl,
  podAdmission,
  podSysctlProblem,
} from "./kernel/pod-sysctls";
export type { Folklore } from "./kernel/profile-values";
export type { IntegerShape, IntegersShape, Sysctl, TextShape, ValueShape } from "./kernel/sysctl";
export * from "./kernel/sysctl-profile";
export { SYSCTLS, type SysctlName, type SysctlValue, type SysctlValues } from "./kernel/sysctls";
export * from "./kernel/tuning-plan";
export * from "./kernel/tuning-row";
export type { Version } from "./kernel/version";
