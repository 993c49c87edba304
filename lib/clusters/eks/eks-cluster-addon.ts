import { DataAwsEksAddonVersion } from "@cdktf/provider-aws/lib/data-aws-eks-addon-version";
import { EksAddon } from "@cdktf/provider-aws/lib/eks-addon";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";

export interface EksClusterAddonProps {
  readonly clusterName: string;
  /** Name by which EKS knows the add-on. */
  readonly addonName: string;
  /** `major.minor` of the cluster; the add-on's version follows it. */
  readonly kubernetesVersion: string;

  /**
   * By the add-on's own schema: `aws eks describe-addon-configuration`.
   *
   * @default - as AWS ships it
   */
  readonly configuration?: Readonly<Record<string, unknown>>;

  /**
   * What has to exist before.
   *
   * @default - the cluster only
   */
  readonly dependsOn?: readonly ITerraformDependable[];

  readonly tags: Readonly<Record<string, string>>;
}

/**
 * An EKS add-on in the version that AWS recommends for the cluster's Kubernetes. Without a stated version it would stay behind when
 * the cluster is upgraded.
 */
export class EksClusterAddon extends Construct {
  readonly resource: EksAddon;

  constructor(scope: Construct, id: string, props: EksClusterAddonProps) {
    super(scope, id);
    const { clusterName, addonName, kubernetesVersion, configuration, dependsOn, tags } = props;

    const { version } = new DataAwsEksAddonVersion(this, "Version", { addonName, kubernetesVersion });
    this.resource = new EksAddon(this, "Resource", {
      clusterName,
      addonName,
      addonVersion: version,
      configurationValues: configuration && JSON.stringify(configuration),
      // What is written here holds; an edit by hand does not survive the next change.
      resolveConflictsOnCreate: "OVERWRITE",
      resolveConflictsOnUpdate: "OVERWRITE",
      dependsOn: dependsOn && [...dependsOn],
      tags: { ...tags },
    });
  }
}
