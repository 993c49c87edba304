import type { ReadText } from "../limits/host-limits.js";

/** Present value of a sysctl, with single blanks; undefined where this kernel or network namespace does not have it. */
export function readSysctl(key: string, readText: ReadText): string | undefined {
  return readText(`/proc/sys/${key.replaceAll(".", "/")}`)
    ?.trim()
    .replaceAll(/\s+/g, " ");
}

/** Whether this is the node's own network namespace: others lack the keys of network devices (net/core/sysctl_net_core.c). */
export function isInNodeNetwork(readText: ReadText): boolean {
  return readSysctl("net.core.netdev_max_backlog", readText) !== undefined;
}
