import type { IConstruct } from "constructs";
import { InvalidPropsError, TuningError } from "../errors";
import { parseKubernetesVersion } from "../kernel/kubernetes-version";
import type { Version } from "../kernel/version";

/**
 * The prop `kubernetesVersion` as `major.minor`.
 *
 * @throws InvalidPropsError when it is no version this library plans for, or a token: the tuning plan needs it at synth
 */
export function checkVersion(construct: IConstruct, kubernetesVersion: string): Version {
  try {
    return parseKubernetesVersion(kubernetesVersion);
  } catch (cause) {
    if (!(cause instanceof TuningError)) throw cause;
    throw new InvalidPropsError(construct, "kubernetesVersion", cause.problems.join("; "), { cause });
  }
}
