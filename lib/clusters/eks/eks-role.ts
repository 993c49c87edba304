import type { DataAwsPartition } from "@cdktf/provider-aws/lib/data-aws-partition";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import { Construct } from "constructs";

export interface EksRoleProps {
  /** What the role is for, as the console shows it. */
  readonly description: string;
  /** Beginning of the generated name: at most 38 characters. */
  readonly namePrefix: string;
  /** Service that may take on the role, for example eks.amazonaws.com. */
  readonly service: string;
  /** What the service does to take it on. */
  readonly actions: readonly string[];
  /** Policies that AWS manages, by name. */
  readonly policies: readonly string[];
  /** AWS, GovCloud or China: policies have other ARNs in each. */
  readonly partition: DataAwsPartition;
  readonly tags: Readonly<Record<string, string>>;
}

/** An IAM role for one service, with policies that AWS manages. */
export class EksRole extends Construct {
  readonly arn: string;
  readonly roleName: string;
  /** Depend on these to use the role only once it may do what it is for, and to give it up before it no longer may. */
  readonly attachments: readonly IamRolePolicyAttachment[];

  constructor(scope: Construct, id: string, props: EksRoleProps) {
    super(scope, id);
    const { description, namePrefix, service, actions, policies, partition, tags } = props;

    const role = new IamRole(this, "Resource", {
      namePrefix,
      description,
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: actions }],
      }),
      tags: { ...tags },
    });
    this.arn = role.arn;
    this.roleName = role.name;
    this.attachments = policies.map(
      (policy) =>
        new IamRolePolicyAttachment(this, policy, {
          role: role.name,
          policyArn: `arn:${partition.partition}:iam::aws:policy/${policy}`,
        }),
    );
  }
}
