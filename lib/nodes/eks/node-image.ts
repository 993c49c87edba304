import { DataAwsSsmParameter } from "@cdktf/provider-aws/lib/data-aws-ssm-parameter";
import type { Construct } from "constructs";
import type { ResolvedEksPool } from "./eks-pool-options";
import type { EksOperatingSystem } from "./user-data";

/** Names of the public parameters that hold AMI ids (EKS user guide, "Retrieve recommended … AMI IDs"). */
const PARAMETER: Readonly<Record<EksOperatingSystem, (kubernetes: string, architecture: "x86_64" | "arm64") => string>> = {
  al2023: (kubernetes, architecture) =>
    `/aws/service/eks/optimized-ami/${kubernetes}/amazon-linux-2023/${architecture}/standard/recommended/image_id`,
  bottlerocket: (kubernetes, architecture) => `/aws/service/bottlerocket/aws-k8s-${kubernetes}/${architecture}/latest/image_id`,
  al2: (kubernetes, architecture) =>
    `/aws/service/eks/optimized-ami/${kubernetes}/amazon-linux-2${architecture === "arm64" ? "-arm64" : ""}/recommended/image_id`,
};

/** Image kinds that a managed node group knows (EKS API, `amiType`). */
const AMI_TYPE = {
  al2023: { amd64: "AL2023_x86_64_STANDARD", arm64: "AL2023_ARM_64_STANDARD" },
  bottlerocket: { amd64: "BOTTLEROCKET_x86_64", arm64: "BOTTLEROCKET_ARM_64" },
} as const;

/** Id of the recommended image; a new image becomes a new launch template version and an instance refresh. */
export function recommendedImageId(pool: Construct, { operatingSystem, architecture, tuning }: ResolvedEksPool): string {
  const name = PARAMETER[operatingSystem](tuning.kubernetesVersion, architecture === "arm64" ? "arm64" : "x86_64");
  return new DataAwsSsmParameter(pool, "Image", { name }).value;
}

/** The managed node group's word for an operating system and architecture. */
export function amiType(operatingSystem: keyof typeof AMI_TYPE, architecture: "amd64" | "arm64"): string {
  return AMI_TYPE[operatingSystem][architecture];
}
