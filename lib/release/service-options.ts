import type { IBrokerNodePool } from "../nodes/broker-node-pool";

/** The Service in front of a broker. */
export interface ServiceOptions {
  /**
   * How it is reached.
   *
   * @default - "LoadBalancer" on a cloud's pool; "ClusterIP" on nodes of an existing cluster, which may have no load balancers
   */
  readonly type?: "LoadBalancer" | "ClusterIP" | "NodePort";

  /**
   * Whether only the cloud's private network reaches the load balancer.
   *
   * @default true
   */
  readonly internal?: boolean;

  /**
   * On AWS, what makes the load balancer: the cluster's own controller, which every EKS cluster has, or the AWS Load Balancer Controller (2.11 or
   * newer), which has to be installed. Only the latter sends PROXY protocol headers, ends TLS and keeps silent connections for longer than
   * 350 seconds.
   *
   * @default "built-in"
   */
  readonly awsController?: "built-in" | "aws-load-balancer-controller";

  /**
   * On AWS, a certificate in ACM: TLS ends at the load balancer, which then passes `mqtts` on as `mqtt` and `wss` as `ws`. Needs the AWS
   * Load Balancer Controller.
   *
   * @default - none
   */
  readonly certificateArn?: string;

  /**
   * How long the load balancer keeps silent connections, in seconds. The broker holds clients' keep alive below it.
   *
   * @default - 1800; 350, which is fixed, with AWS' built-in controller
   */
  readonly idleTimeoutSeconds?: number;

  /**
   * Networks that may connect.
   *
   * @default - all
   */
  readonly sourceRanges?: readonly string[];

  /**
   * Further annotations; they win over those of the cloud.
   *
   * @default - none
   */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Whose load balancers stand in front, in the chart's words. */
export type Cloud = "aws" | "azure" | "gcp" | "none";

/** The cloud of a pool's platform. */
export function cloudOf({ tuning: { platform } }: IBrokerNodePool): Cloud {
  if (platform.startsWith("eks-")) return "aws";
  if (platform.startsWith("aks-")) return "azure";
  return platform === "gke-cos" ? "gcp" : "none";
}

/**
 * What the controller that each cloud's clusters bring along reads. On AWS it makes a Network Load Balancer before the nodes, which keeps clients' addresses
 * (kubernetes/cloud-provider-aws docs/service_controller.md; kubernetes-sigs/cloud-provider-azure docs on LoadBalancer; GKE, "LoadBalancer Service
 * parameters").
 */
export function serviceAnnotations(cloud: Cloud, internal: boolean): Record<string, string> {
  switch (cloud) {
    case "aws":
      return {
        "service.beta.kubernetes.io/aws-load-balancer-type": "nlb",
        ...(internal && { "service.beta.kubernetes.io/aws-load-balancer-internal": "true" }),
      };
    case "azure":
      return internal ? { "service.beta.kubernetes.io/azure-load-balancer-internal": "true" } : {};
    case "gcp":
      return internal ? { "networking.gke.io/load-balancer-type": "Internal" } : {};
    case "none":
      return {};
  }
}

/** Fixed for Network Load Balancers that nobody tells otherwise (AWS' user guide, "Connection idle timeout"). */
export const AWS_IDLE_SECONDS = 350;
