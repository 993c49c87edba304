import { Release } from "@cdktf/provider-helm/lib/release";
import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import { InvalidPropsError } from "../errors";
import type { Values } from "./merge-values";

/** One release as Helm is asked for it. */
export interface Installation {
  readonly name: string;
  readonly namespace: string;
  /** Name in the repository, or a path. */
  readonly chart: string;
  /** @default - none: `chart` is a path */
  readonly repository?: string;
  /** @default - what is at the path */
  readonly version?: string;
  readonly values: Values;
  readonly timeoutSeconds?: number;
  readonly dependsOn?: readonly ITerraformDependable[];
}

/** One less than Helm's own bound (pkg/chartutil/validate_name.go): what charts make of the name and cut to 52 would be another. */
const LONGEST_NAME = 52;
const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/**
 * The Helm release called "Resource", which makes it the construct's `node.defaultChild`. Apply waits until its pods are ready.
 *
 * @throws InvalidPropsError for a name that Helm refuses, or a chart cuts
 */
export function installRelease(scope: Construct, installation: Installation): Release {
  const { name, namespace, chart, repository, version, values, timeoutSeconds = 900, dependsOn = [] } = installation;
  checkReleaseName(scope, name);
  return new Release(scope, "Resource", {
    name,
    namespace,
    chart,
    repository,
    version,
    values: [asTemplate(JSON.stringify(values))],
    wait: true,
    timeout: timeoutSeconds,
    // A failed upgrade leaves what it made for someone to look at; the next apply mends it.
    cleanupOnFail: false,
    maxHistory: 10,
    dependsOn: [...dependsOn],
  });
}

/** @throws InvalidPropsError for a name that Helm refuses, or a chart cuts */
export function checkReleaseName(scope: Construct, name: string): void {
  if (NAME.test(name) && name.length <= LONGEST_NAME) return;
  throw new InvalidPropsError(
    scope,
    "releaseName",
    `is '${name}'; write 1 to ${LONGEST_NAME} small letters, digits and dashes, with a letter or digit at both ends`,
  );
}

/** Text for Terraform: a `${` or `%{` of the values' own stays one, cdktf's tokens become references. */
function asTemplate(text: string): string {
  return text.replace(/\$\{(?!TfToken\[)/g, "$$$${").replaceAll("%{", "%%{");
}
