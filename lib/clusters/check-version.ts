import { Token } from "cdktf";
import type { IConstruct } from "constructs";
import { InvalidPropsError, TuningError } from "../errors";
import { parseKubernetesVersion } from "../kernel/kubernetes-version";
import type { Version } from "../kernel/version";

/**
 * The prop `kubernetesVersion` as `major.minor`.
 *
 * @throws InvalidPropsError when it is no version this library plans for, or a token: the tuning is planned at synth
 */
export function checkVersion(construct: IConstruct, kubernetesVersion: string): Version {
  if (Token.isUnresolved(kubernetesVersion)) {
    throw new InvalidPropsError(
      construct,
      "kubernetesVersion",
      'must be known at synth, where the tuning is planned; write it out: "1.34"',
    );
  }
  try {
    return parseKubernetesVersion(kubernetesVersion);
  } catch (cause) {
    if (!(cause instanceof TuningError)) throw cause;
    throw new InvalidPropsError(construct, "kubernetesVersion", cause.problems.join("; "), { cause });
  }
}
