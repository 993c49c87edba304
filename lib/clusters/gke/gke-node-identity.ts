import { ProjectIamMember } from "@cdktf/provider-google/lib/project-iam-member";
import { ServiceAccount } from "@cdktf/provider-google/lib/service-account";
import { Token } from "cdktf";
import { Construct } from "constructs";

export interface GkeNodeIdentityProps {
  readonly clusterName: string;
  readonly project: string;
}

/** A service account for nodes with what nodes need and no more; the project's default account may edit the whole project. */
export class GkeNodeIdentity extends Construct {
  readonly email: string;
  /** Depend on it to start nodes only once they may write logs and metrics. */
  readonly membership: ProjectIamMember;

  constructor(scope: Construct, id: string, props: GkeNodeIdentityProps) {
    super(scope, id);
    const { clusterName, project } = props;

    const account = new ServiceAccount(this, "Resource", {
      accountId: accountId(clusterName),
      project,
      displayName: `Nodes of the GKE cluster ${clusterName}`,
    });
    this.email = account.email;
    this.membership = new ProjectIamMember(this, "Membership", {
      project,
      role: "roles/container.defaultNodeServiceAccount",
      member: account.member,
    });
  }
}

/** Account ids have 6 to 30 characters; cluster names up to 40. */
function accountId(clusterName: string): string {
  return Token.isUnresolved(clusterName) ? `${clusterName}-nodes` : `${clusterName.slice(0, 24).replace(/-+$/, "")}-nodes`;
}
