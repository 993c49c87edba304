import type { SystemPoolOptions } from "../system-pool";
import type { EksNetworkOptions } from "./eks-network";

/** Logs that the control plane can write. */
export type EksLogType = "api" | "audit" | "authenticator" | "controllerManager" | "scheduler";

/** Besides the cluster itself, `cidr`, `zones` and `natGateways` describe the network made for it when `subnetIds` is left out. */
export interface EksClusterProps extends EksNetworkOptions {
  /** Letters, digits, - and _, at most 100, beginning with a letter or digit. */
  readonly name: string;

  /** `major.minor`, for example "1.34", known at synth. Nodes and add-ons follow it. EKS upgrades one minor version at a time. */
  readonly kubernetesVersion: string;

  /**
   * Private subnets that exist, in two zones at least, with a way out to the internet or VPC endpoints for ECR, S3, EC2, EKS and STS.
   *
   * @default - the private subnets of a new `EksNetwork`
   */
  readonly subnetIds?: readonly string[];

  /**
   * Addresses of Services: prefix /12 to /24 within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, apart from the network's. Cannot be changed later.
   *
   * @default "172.20.0.0/16"
   */
  readonly serviceCidr?: string;

  /**
   * Networks that reach the API server from outside; every call still needs credentials. An empty list closes the public
   * endpoint. Nodes always use the private one.
   *
   * @default ["0.0.0.0/0"]
   */
  readonly publicAccessCidrs?: readonly string[];

  /**
   * How IAM identities are let in. Both include access entries, which self-managed broker pools join by. One cannot go back
   * from "API".
   *
   * @default "API"
   */
  readonly authenticationMode?: "API" | "API_AND_CONFIG_MAP";

  /**
   * Whoever creates the cluster becomes its administrator. Releases in the same stack need it, or an access entry of their own. Cannot be
   * changed later.
   *
   * @default true
   */
  readonly bootstrapClusterCreatorAdminPermissions?: boolean;

  /**
   * Logs that the control plane writes to CloudWatch, which charges by the GB. An empty list writes none.
   *
   * @default ["api", "audit", "authenticator"]
   */
  readonly logTypes?: readonly EksLogType[];

  /**
   * How long those logs are kept, in days: one of the periods CloudWatch knows, such as 7, 30, 90, 365.
   *
   * @default 30
   */
  readonly logRetentionDays?: number;

  /**
   * EKS refuses to delete the cluster until this is false.
   *
   * @default true
   */
  readonly deletionProtection?: boolean;

  /**
   * Nodes for CoreDNS, the EBS controller and other add-ons. A managed group of Amazon Linux 2023.
   *
   * @default - two to three m7i.large, 50 GiB each
   */
  readonly systemPool?: SystemPoolOptions;

  /**
   * Tags on everything that is created.
   *
   * @default - none
   */
  readonly tags?: Readonly<Record<string, string>>;
}
