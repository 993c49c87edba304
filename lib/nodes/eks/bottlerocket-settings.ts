import { stringify } from "smol-toml";
import type { NodeSettings } from "./node-config";

/** Addresses nodes of a self-managed group need beyond the coordinates. */
export interface BottlerocketCluster {
  /** Address of cluster DNS: the tenth of the Service range. */
  readonly dnsAddress: string;
}

/**
 * Bottlerocket's settings as TOML (bottlerocket.dev, "Settings reference"). Keys and values of sysctls are strings; both
 * open-file limits are mandatory. Failed writes are only logged there, so the plan's values must be right before they get here.
 */
export function bottlerocketSettings({ plan, labels, taints, cluster, kubelet }: NodeSettings, self?: BottlerocketCluster): string {
  const { limit } = plan.openFiles;
  const settings = {
    kernel: { sysctl: Object.fromEntries(plan.node.map(({ name, value }) => [name, value])) },
    kubernetes: {
      ...kubelet,
      ...(cluster && {
        "cluster-name": cluster.name,
        "api-server": cluster.apiServerEndpoint,
        "cluster-certificate": cluster.certificateAuthority,
      }),
      ...(self && { "cluster-dns-ip": self.dnsAddress }),
      "allowed-unsafe-sysctls": plan.allowedUnsafeSysctls,
      "node-labels": labels,
      "node-taints": taintsByKey(taints),
    },
    "oci-defaults": { "resource-limits": { "max-open-files": { "soft-limit": limit, "hard-limit": limit } } },
  };
  return `${stringify({ settings })}\n`;
}

/** `{ key: ["value:effect", …] }` */
function taintsByKey(taints: NodeSettings["taints"]): Record<string, string[]> {
  const byKey: Record<string, string[]> = {};
  for (const { key, value, effect } of taints) {
    byKey[key] = [...(byKey[key] ?? []), `${value}:${effect}`];
  }
  return byKey;
}
