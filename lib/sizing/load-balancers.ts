import type { Cloud } from "./machine-types";

/** How many connections a cloud's load balancer carries to one pod. */
export interface LoadBalancerLimit {
  /** Most connections to one target; undefined: the target's own limits come first. */
  readonly connectionsPerTarget?: number;
  readonly why: string;
  /** Where it is written. */
  readonly source: string;
}

/**
 * Connections from a Network Load Balancer's address in one zone to one target, where it does not preserve client addresses: it has one
 * source address a zone, and 55,000 ports of it for each target (AWS, "Troubleshoot your Network Load Balancer", port allocation errors).
 */
const NLB_PORTS_PER_ZONE = 55_000;

/**
 * What bounds the connections between the load balancer and one pod.
 *
 * @param zones availability zones in which the load balancer has an address
 * @param tls a load balancer that ends TLS opens connections of its own to the pods
 */
export function loadBalancerLimit(
  cloud: Cloud,
  { zones, tls }: { readonly zones: number; readonly tls: "none" | "lb" | "broker" },
): LoadBalancerLimit {
  if (cloud === "eks" && tls === "lb") {
    return {
      connectionsPerTarget: NLB_PORTS_PER_ZONE * zones,
      why: `the Network Load Balancer ends TLS, connects from one address a zone, and has ${NLB_PORTS_PER_ZONE} ports of each for a pod`,
      source: "docs.aws.amazon.com, Network Load Balancers, Troubleshooting: port allocation errors",
    };
  }
  if (cloud === "eks") {
    return {
      why: "the Network Load Balancer preserves client addresses (preserve_client_ip.enabled), so a pod sees as many as there are clients",
      source: "docs.aws.amazon.com, Network Load Balancers, Target groups: client IP preservation",
    };
  }
  return {
    why: `the ${cloud === "aks" ? "Azure" : "passthrough Network"} Load Balancer passes packets on, client addresses and all`,
    source:
      cloud === "aks"
        ? "learn.microsoft.com, Azure Load Balancer components"
        : "cloud.google.com, Passthrough Network Load Balancer overview",
  };
}
