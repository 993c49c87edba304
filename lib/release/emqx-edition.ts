import type { IConstruct } from "constructs";
import { InvalidPropsError } from "../errors";
import { EMQX_ENTERPRISE_VERSION, EMQX_VERSION } from "./chart-sources";
import type { EmqxReleaseProps } from "./emqx-props";

/** The chart of an edition, and the version. */
export interface EmqxEdition {
  readonly chart: "emqx" | "emqx-enterprise";
  readonly version: string;
}

/** @throws InvalidPropsError for a version that the edition does not have, and for nodes that lack a licence */
export function emqxEdition(release: IConstruct, props: EmqxReleaseProps): EmqxEdition {
  const { edition = "open-source", licence, replicas = 3 } = props;
  const { version = edition === "enterprise" ? EMQX_ENTERPRISE_VERSION : EMQX_VERSION } = props;
  const [, ...numbers] = /^(\d+)\.(\d+)\.(\d+)$/.exec(version) ?? [];
  const [major = 0, minor = 0, patch = 0] = numbers.map(Number);
  if (major < 5)
    throw new InvalidPropsError(release, "version", `is '${version}'; write a version from 5.1.0 on, for example '${EMQX_VERSION}'`);

  /** Below 0 for an older version than `other`, 0 for the same, above it for a newer one. */
  const comparedTo = (other: readonly [number, number, number]) =>
    [major - other[0], minor - other[1], patch - other[2]].find((difference) => difference !== 0) ?? 0;
  if (edition === "open-source" && comparedTo([5, 8, 9]) > 0) {
    throw new InvalidPropsError(
      release,
      "version",
      `is '${version}', but the last one under the Apache licence is ${EMQX_VERSION}; leave it out, or choose edition 'enterprise' with its licence`,
    );
  }
  if (edition === "enterprise" && comparedTo([5, 9, 0]) >= 0 && !licence && replicas > 1) {
    throw new InvalidPropsError(
      release,
      "licence",
      `is not given for ${replicas} nodes of EMQX ${version}, whose licence allows one; name the Secret with yours, set replicas to 1, or take the open-source edition`,
    );
  }

  // `node.process_limit` was ignored from 5.1 to 6.2 (emqx_conf_schema.erl).
  if (props.processLimit !== undefined && comparedTo([6, 3, 0]) < 0) {
    throw new InvalidPropsError(
      release,
      "processLimit",
      `is ${props.processLimit}, but EMQX ${version} ignores it and takes twice maxPorts; leave it out and raise maxPorts`,
    );
  }
  return { chart: edition === "enterprise" ? "emqx-enterprise" : "emqx", version };
}
