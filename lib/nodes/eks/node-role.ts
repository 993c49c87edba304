import { DataAwsPartition } from "@cdktf/provider-aws/lib/data-aws-partition";
import { IamInstanceProfile } from "@cdktf/provider-aws/lib/iam-instance-profile";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import { Construct } from "constructs";

/** What every EKS node may do (EKS user guide, "Amazon EKS node IAM role"). */
const POLICIES = ["AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryReadOnly"] as const;

/** The role that nodes of a pool assume. */
export class NodeRole extends Construct {
  readonly arn: string;
  /** Whatever starts nodes must depend on these, or the first nodes come up without permissions and out again after they lost them. */
  readonly attachments: readonly IamRolePolicyAttachment[];
  readonly #role: IamRole;
  readonly #tags: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, { tags }: { readonly tags: Readonly<Record<string, string>> }) {
    super(scope, id);
    const partition = new DataAwsPartition(this, "Partition");

    this.#tags = tags;
    this.#role = new IamRole(this, "Resource", {
      namePrefix: "broker-node-",
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "ec2.amazonaws.com" } }],
      }),
      tags,
    });
    this.arn = this.#role.arn;
    this.attachments = POLICIES.map(
      (policy) =>
        new IamRolePolicyAttachment(this, policy, {
          role: this.#role.name,
          policyArn: `arn:${partition.partition}:iam::aws:policy/${policy}`,
        }),
    );
  }

  /** The instance profile for machines that we start ourselves. */
  instanceProfile(): IamInstanceProfile {
    return new IamInstanceProfile(this, "InstanceProfile", { namePrefix: "broker-node-", role: this.#role.name, tags: this.#tags });
  }
}
