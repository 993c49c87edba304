import type { IConstruct } from "constructs";
import { InvalidPropsError } from "../errors";
import type { IBrokerNodePool } from "../nodes/broker-node-pool";
import type { Values } from "./merge-values";
import { AWS_IDLE_SECONDS, cloudOf, type ServiceOptions, serviceAnnotations } from "./service-options";

/** The chart's values of the Service. @throws InvalidPropsError for what the pool's cloud does not have */
export function serviceValues(release: IConstruct, pool: IBrokerNodePool, options: ServiceOptions): Values {
  const cloud = cloudOf(pool);
  const { type = cloud === "none" ? "ClusterIP" : "LoadBalancer", internal = true, awsController = "built-in", certificateArn } = options;
  const { idleTimeoutSeconds, sourceRanges = [], annotations = {} } = options;

  if (certificateArn !== undefined && (cloud !== "aws" || awsController === "built-in")) {
    throw new InvalidPropsError(
      release,
      "service.certificateArn",
      `is given, but only the AWS Load Balancer Controller ends TLS; ${cloud === "aws" ? "set service.awsController to 'aws-load-balancer-controller'" : "give the broker a certificate by tls"}`,
    );
  }
  const builtInAws = cloud === "aws" && awsController === "built-in" && type === "LoadBalancer";
  if (builtInAws && idleTimeoutSeconds !== undefined && idleTimeoutSeconds !== AWS_IDLE_SECONDS) {
    throw new InvalidPropsError(
      release,
      "service.idleTimeoutSeconds",
      `is ${idleTimeoutSeconds}, but AWS' built-in controller leaves it at ${AWS_IDLE_SECONDS}; leave it out, or set service.awsController to 'aws-load-balancer-controller'`,
    );
  }

  return {
    cloud: builtInAws ? "none" : cloud,
    // Three quarters, as the chart takes of the time-outs it knows.
    ...(builtInAws && { config: { mqtt: { maxKeepAliveSeconds: Math.floor((AWS_IDLE_SECONDS * 3) / 4) } } }),
    service: {
      type,
      internal: builtInAws ? false : internal,
      idleTimeoutSeconds: builtInAws ? AWS_IDLE_SECONDS : idleTimeoutSeconds,
      loadBalancerSourceRanges: [...sourceRanges],
      annotations: { ...(builtInAws && serviceAnnotations(cloud, internal)), ...annotations },
      ...(certificateArn !== undefined && { aws: { tlsTermination: { enabled: true, certificateArn } } }),
    },
  };
}
