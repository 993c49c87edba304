import { TuningError } from "../errors";
import { atLeast, type Version } from "./version";

/** Oldest Kubernetes the plan knows: kubelets before it lack the drop-in directories and safe sysctls the plan relies on. */
export const OLDEST_KUBERNETES: Version = "1.24";

/** Newest Kubernetes whose safe list this release has read (kubernetes/kubernetes `pkg/kubelet/sysctl/safe_sysctls.go`). */
export const NEWEST_KNOWN_KUBERNETES: Version = "1.37";

/** Beyond this a version is taken for a typing error, not for the future: three releases a year make it the year 2039. */
const NEWEST_PLAUSIBLE: Version = "1.75";

/**
 * Reads a Kubernetes version as the clouds print it: `1.34`, `v1.34`, `1.34.2`, `1.34.1-gke.1829001`.
 *
 * @returns its `major.minor`
 * @throws TuningError when it is no version, older than 1.24 or implausibly new
 */
export function parseKubernetesVersion(text: string): Version {
  const match = /^v?(\d+)\.(\d+)(?:\.\d+)?(?:[-+][0-9A-Za-z.-]+)?$/.exec(text.trim());
  if (!match) {
    throw new TuningError("Kubernetes version", [`'${text}' is not a version; write major.minor, for example "1.34"`]);
  }
  const version: Version = `${Number(match[1])}.${Number(match[2])}`;
  if (!atLeast(version, OLDEST_KUBERNETES)) {
    throw new TuningError("Kubernetes version", [
      `'${text}' is older than ${OLDEST_KUBERNETES}, the oldest this library plans for; upgrade the cluster`,
    ]);
  }
  if (atLeast(version, NEWEST_PLAUSIBLE)) {
    throw new TuningError("Kubernetes version", [
      `'${text}' does not exist; the newest this library knows is ${NEWEST_KNOWN_KUBERNETES}, write major.minor, for example "1.34"`,
    ]);
  }
  return version;
}
