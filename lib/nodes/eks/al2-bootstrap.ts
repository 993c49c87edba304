import { type NodeSettings, nodeLabels } from "./node-config";

/** Flags our own settings occupy. */
export const AL2_RESERVED_FLAGS = ["allowed-unsafe-sysctls", "node-labels", "register-with-taints"];

/**
 * The call of AL2's `bootstrap.sh`. Legacy: Amazon stopped publishing AL2 images on 26 November 2025.
 *
 * The kubelet arguments end up between single quotes in a systemd unit and are split at blanks, so none may contain either.
 *
 * @param dnsAddress address of cluster DNS; bootstrap.sh guesses it from the VPC otherwise, wrongly for a Service range of one's own
 */
export function al2Bootstrap({ plan, labels, taints, cluster, kubelet }: NodeSettings, dnsAddress: string): string {
  if (!cluster) throw new RangeError("AL2 needs the cluster's coordinates");
  const flags = {
    "allowed-unsafe-sysctls": plan.allowedUnsafeSysctls.join(","),
    "node-labels": nodeLabels(labels),
    "register-with-taints": taints.map(({ key, value, effect }) => `${key}=${value}:${effect}`).join(","),
    ...kubelet,
  };
  const args = Object.entries(flags)
    .filter(([, value]) => value !== "")
    .map(([flag, value]) => kubeletArgument(flag, value));
  return [
    "set -e",
    `/etc/eks/bootstrap.sh "${cluster.name}" \\`,
    `  --apiserver-endpoint "${cluster.apiServerEndpoint}" \\`,
    `  --b64-cluster-ca "${cluster.certificateAuthority}" \\`,
    `  --dns-cluster-ip "${dnsAddress}" \\`,
    `  --kubelet-extra-args '${args.join(" ")}'`,
    "",
  ].join("\n");
}

function kubeletArgument(flag: string, value: unknown): string {
  const argument = `--${flag}=${String(value)}`;
  if (/[\s'"\\]/.test(argument)) {
    throw new RangeError(
      `kubelet argument ${argument} must not contain blanks, quotes or backslashes: bootstrap.sh writes it into a systemd unit`,
    );
  }
  return argument;
}
