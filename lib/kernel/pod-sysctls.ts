import type { Sysctl } from "./sysctl";
import { isSysctlName, SYSCTLS, type SysctlName } from "./sysctls";
import { atLeast, type Version } from "./version";

/** One line of a pod's `securityContext.sysctls`. */
export interface PodSysctl {
  readonly name: string;
  readonly value: string;
}

/** What the kubelet asks of a pod that sets a key: nothing, an allow-list entry, or not to. */
export type PodAdmission = "safe" | "allow-list" | "refused";

/** Name groups a kubelet accepts in its allow-list; any other stops it (kubernetes component-helpers node/util/sysctl/namespace.go). */
const ALLOW_LIST_GROUPS = ["kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue.", "net."] as const;

/** Whether the key belongs to a namespace, and so to the pod, on this kernel. */
export function isNamespaced(sysctl: Sysctl, kernel: Version): boolean {
  return sysctl.scope !== "node" && (sysctl.namespacedSince === undefined || atLeast(kernel, sysctl.namespacedSince));
}

/** What it takes for a pod to set `name`. */
export function podAdmission(name: SysctlName, kubernetes: Version, kernel: Version): PodAdmission {
  const sysctl = SYSCTLS[name];
  if (!isNamespaced(sysctl, kernel)) return "refused";
  return sysctl.safeSince !== undefined && atLeast(kubernetes, sysctl.safeSince) ? "safe" : "allow-list";
}

/** Whether an allow-list with these entries admits `name`: exact names, or prefixes that end in `*`. */
export function allows(allowList: readonly string[], name: string): boolean {
  return allowList.some((entry) => (entry.endsWith("*") ? name.startsWith(entry.slice(0, -1)) : entry === name));
}

function inAllowListGroup(name: string): boolean {
  return ALLOW_LIST_GROUPS.some((group) => name.startsWith(group));
}

/** What is wrong with an entry of `allowedUnsafeSysctls`, or undefined. */
export function allowListProblem(entry: string, kernel: Version): string | undefined {
  const shown = `allowedUnsafeSysctls entry '${entry}'`;
  if (!/^[a-z0-9._-]+\*?$/.test(entry)) return `${shown} is no sysctl name; write a name with dots, or a prefix that ends in *`;
  if (!inAllowListGroup(entry)) {
    return `${shown} is not namespaced, and a kubelet that finds it does not start; allowed are ${ALLOW_LIST_GROUPS.map((group) => `${group}*`).join(", ")}. Put a node-wide key into the profile instead`;
  }
  if (isSysctlName(entry) && !isNamespaced(SYSCTLS[entry], kernel)) {
    return `${shown} belongs to the whole node on kernel ${kernel}: the kubelet would admit the pod and its sandbox would then fail for ever. Put the key into the profile, which sets it on the node`;
  }
  return undefined;
}

/** Where pod sysctls are going to run. */
export interface PodSurroundings {
  readonly kubernetesVersion: Version;
  readonly kernel: Version;
  readonly hostNetwork: boolean;
  readonly allowedUnsafeSysctls: readonly string[];
}

/** What would go wrong with a pod that sets `name` there, or undefined. */
export function podSysctlProblem(
  name: string,
  { kubernetesVersion, kernel, hostNetwork, allowedUnsafeSysctls }: PodSurroundings,
): string | undefined {
  const shown = `pod sysctl '${name}'`;
  if (hostNetwork && name.startsWith("net.")) {
    return `${shown} cannot go with hostNetwork: the kubelet refuses every net.* key there. Put it into the profile of a pool with hostNetwork, which sets it on the node`;
  }
  const admission = isSysctlName(name) ? podAdmission(name, kubernetesVersion, kernel) : inAllowListGroup(name) ? "allow-list" : "refused";
  if (admission === "refused") {
    return `${shown} belongs to the whole node on kernel ${kernel}: the pod would stay in FailedCreatePodSandBox. Put it into the profile, which sets it on the node`;
  }
  if (admission === "allow-list" && !allows(allowedUnsafeSysctls, name)) {
    const allowed = allowedUnsafeSysctls.length ? allowedUnsafeSysctls.join(", ") : "nothing";
    return `${shown} is unsafe on Kubernetes ${kubernetesVersion} and its pool allows ${allowed}: the kubelet would reject the pod with SysctlForbidden. Add it to the pool's profile or to its allowedUnsafeSysctls`;
  }
  return undefined;
}
