import { ComputeNetwork } from "@cdktf/provider-google/lib/compute-network";
import { ComputeRouter } from "@cdktf/provider-google/lib/compute-router";
import { ComputeRouterNat } from "@cdktf/provider-google/lib/compute-router-nat";
import { ComputeSubnetwork } from "@cdktf/provider-google/lib/compute-subnetwork";
import { Token } from "cdktf";
import { Construct } from "constructs";
import { InvalidPropsError } from "../../errors";
import { checkApart, checkCidr } from "../cidr";

/** Compute Engine takes 63 characters; the longest suffix here has seven. */
const NAME = /^[a-z](?:[-a-z0-9]{0,54}[a-z0-9])?$/;

/** Addresses unless stated. */
export const DEFAULT_CIDRS = { nodeCidr: "10.0.0.0/20", podCidr: "10.4.0.0/14", serviceCidr: "172.20.0.0/20" } as const;

/** What a cluster needs to know of its network. Every string may be a token. */
export interface IGkeNetwork {
  /** Name or id of the network. */
  readonly networkId: string;
  /** Name or id of the subnetwork for nodes, in the cluster's region. */
  readonly subnetworkId: string;
  /** Secondary range of the subnetwork that pods take their addresses from. */
  readonly podRangeName: string;
  /** Secondary range of the subnetwork that Services take their addresses from. */
  readonly serviceRangeName: string;
}

export interface GkeNetworkOptions {
  /**
   * Addresses of nodes, prefix /8 to /28; /20 leaves 4,092 of them.
   *
   * @default "10.0.0.0/20"
   */
  readonly nodeCidr?: string;

  /**
   * Addresses of pods, prefix /9 to /21: each node takes a /24 of it, so /14 serves 1,024 nodes.
   *
   * @default "10.4.0.0/14"
   */
  readonly podCidr?: string;

  /**
   * Addresses of Services, prefix /16 to /27; /20 leaves 4,096 of them.
   *
   * @default "172.20.0.0/20"
   */
  readonly serviceCidr?: string;
}

export interface GkeNetworkProps extends GkeNetworkOptions {
  /** Begins the name of everything: lower-case letters, digits and -, at most 56, beginning with a letter. */
  readonly name: string;

  /** Region of the subnetwork. Subnetworks span a region's zones on Google Cloud. */
  readonly region: string;

  /**
   * Project that owns the network.
   *
   * @default - the provider's
   */
  readonly project?: string;
}

/** A VPC network for a GKE cluster: one subnetwork with ranges for pods and Services, and Cloud NAT as the way out for private nodes. */
export class GkeNetwork extends Construct implements IGkeNetwork {
  readonly networkId: string;
  readonly subnetworkId: string;
  readonly podRangeName = "pods";
  readonly serviceRangeName = "services";

  constructor(scope: Construct, id: string, props: GkeNetworkProps) {
    super(scope, id);
    const { name, region, project } = props;
    const { nodeCidr = DEFAULT_CIDRS.nodeCidr, podCidr = DEFAULT_CIDRS.podCidr, serviceCidr = DEFAULT_CIDRS.serviceCidr } = props;
    if (!Token.isUnresolved(name) && !NAME.test(name)) {
      const rule = "must be 1 to 56 lower-case letters, digits and -, beginning with a letter and not ending with -";
      throw new InvalidPropsError(this, "name", `${rule}, got '${name}'`);
    }
    checkCidr(this, "nodeCidr", nodeCidr, { shortest: 8, longest: 28 });
    checkCidr(this, "podCidr", podCidr, { shortest: 9, longest: 21 });
    checkCidr(this, "serviceCidr", serviceCidr, { shortest: 16, longest: 27 });
    checkApart(this, { nodeCidr, podCidr, serviceCidr });

    const network = new ComputeNetwork(this, "Resource", { name, project, autoCreateSubnetworks: false, routingMode: "REGIONAL" });
    const subnetwork = new ComputeSubnetwork(this, "Nodes", {
      name: `${name}-nodes`,
      project,
      region,
      network: network.id,
      ipCidrRange: nodeCidr,
      secondaryIpRange: [
        { rangeName: this.podRangeName, ipCidrRange: podCidr },
        { rangeName: this.serviceRangeName, ipCidrRange: serviceCidr },
      ],
      // Nodes without public addresses reach Google's own registries and logs this way, not through Cloud NAT.
      privateIpGoogleAccess: true,
    });
    const router = new ComputeRouter(this, "Router", { name: `${name}-router`, project, region, network: network.id });
    new ComputeRouterNat(this, "Nat", {
      name: `${name}-nat`,
      project,
      region,
      router: router.name,
      natIpAllocateOption: "AUTO_ONLY",
      sourceSubnetworkIpRangesToNat: "LIST_OF_SUBNETWORKS",
      subnetwork: [{ name: subnetwork.id, sourceIpRangesToNat: ["ALL_IP_RANGES"] }],
      logConfig: { enable: true, filter: "ERRORS_ONLY" },
    });

    this.networkId = network.id;
    this.subnetworkId = subnetwork.id;
  }
}
