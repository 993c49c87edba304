import { LaunchTemplate, type LaunchTemplateBlockDeviceMappings } from "@cdktf/provider-aws/lib/launch-template";
import { Token, Tokenization } from "cdktf";
import type { Construct } from "constructs";
import type { IEksCluster } from "../../clusters/eks/i-eks-cluster";
import { InvalidPropsError } from "../../errors";
import type { EksNodePoolOptions, ResolvedEksPool } from "./eks-pool-options";
import { encodeUserData } from "./encode-user-data";
import { type UserDataSettings, userData } from "./user-data";

/** What differs between machines that EKS starts and machines that we start. */
export type LaunchTemplateParts = {
  /** For self-managed nodes only: EKS allows neither in the template of a managed group. */
  readonly imageId?: string;
  readonly instanceProfileArn?: string;
  /** For self-managed nodes only: EKS supplies them to managed ones. */
  readonly coordinates?: Pick<UserDataSettings, "cluster" | "dnsAddress">;
  /** Spot by the template; managed groups ask for it by their capacity type. */
  readonly spot: boolean;
};

/** The launch template of a pool: user data that tunes, IMDSv2 only, an encrypted disk, the cluster's security group. */
export function nodeLaunchTemplate(
  pool: Construct,
  props: EksNodePoolOptions,
  resolved: ResolvedEksPool,
  parts: LaunchTemplateParts,
): LaunchTemplate {
  const { cluster, securityGroupIds = [] } = props;
  const tags = { Name: pool.node.path.replaceAll("/", "-"), ...resolved.tags };

  return new LaunchTemplate(pool, "LaunchTemplate", {
    namePrefix: "broker-node-",
    imageId: parts.imageId,
    instanceType: props.machineType,
    keyName: props.keyName,
    iamInstanceProfile: parts.instanceProfileArn === undefined ? undefined : { arn: parts.instanceProfileArn },
    userData: encodeUserData(pool, renderUserData(pool, props, resolved, parts.coordinates)),
    updateDefaultVersion: true,
    vpcSecurityGroupIds: [cluster.clusterSecurityGroupId, ...securityGroupIds],
    // Version 2 only, and not from inside a pod: one hop ends at the node.
    metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
    blockDeviceMappings: disks(resolved),
    instanceMarketOptions: parts.spot ? { marketType: "spot" } : undefined,
    tagSpecifications: ["instance", "volume", "network-interface"].map((resourceType) => ({ resourceType, tags })),
    tags: { ...resolved.tags },
  });
}

/** The template's newest version as a number: `$Latest` would differ at every plan. */
export function pinnedVersion(template: LaunchTemplate): string {
  return Token.asString(template.latestVersion);
}

function renderUserData(
  pool: Construct,
  props: EksNodePoolOptions,
  { tuning, labels, taints, operatingSystem, kubelet }: ResolvedEksPool,
  coordinates: LaunchTemplateParts["coordinates"],
): string {
  try {
    return userData({ operatingSystem, plan: tuning, labels, taints, kubelet, preJoinScript: props.preJoinScript, ...coordinates });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const prop = props.preJoinScript === undefined ? "kubelet" : "preJoinScript";
    throw new InvalidPropsError(pool, prop, `cannot go into user data: ${error.message}`, { cause: error });
  }
}

/** Bottlerocket keeps its system on the first disk and everything that grows on the second. */
function disks({ diskGiB, operatingSystem }: ResolvedEksPool): LaunchTemplateBlockDeviceMappings[] {
  const deviceName = operatingSystem === "bottlerocket" ? "/dev/xvdb" : "/dev/xvda";
  return [{ deviceName, ebs: { volumeSize: diskGiB, volumeType: "gp3", encrypted: "true", deleteOnTermination: "true" } }];
}

/**
 * The cluster's coordinates for nodes that must find it themselves.
 *
 * @throws InvalidPropsError for a raw `${…}`: cdktf does not know it for an expression, so it would be encoded letter by letter
 */
export function coordinatesOf(pool: Construct, cluster: IEksCluster) {
  const coordinates = {
    name: cluster.clusterName,
    apiServerEndpoint: cluster.endpoint,
    certificateAuthority: cluster.certificateAuthority,
    cidr: cluster.serviceCidr,
  };
  for (const [field, value] of Object.entries(coordinates)) {
    const raw = Tokenization.reverseString(value).literals.find((literal) => /[$%]\{/.test(String(literal)));
    if (raw === undefined) continue;
    throw new InvalidPropsError(
      pool,
      "cluster",
      `has the raw Terraform expression '${value}' as its ${field}; pass an attribute of a construct, or Token.asString(ref("…")) without the \${}`,
    );
  }
  return coordinates;
}
