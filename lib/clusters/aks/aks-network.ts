import { ResourceGroup } from "@cdktf/provider-azurerm/lib/resource-group";
import { Subnet } from "@cdktf/provider-azurerm/lib/subnet";
import { VirtualNetwork } from "@cdktf/provider-azurerm/lib/virtual-network";
import { Fn, Token } from "cdktf";
import { Construct } from "constructs";
import { InvalidPropsError } from "../../errors";
import { checkCidr } from "../cidr";

/** Addresses of the network unless stated. */
export const DEFAULT_CIDR = "10.0.0.0/16";

/** From Azure's naming rules: letters, digits, - _ . ( ), at most 90, no period at the end. */
const RESOURCE_GROUP = /^[-\w.()]{0,89}[-\w()]$/;

export interface AksNetworkOptions {
  /**
   * Resource group that exists and takes everything.
   *
   * @default - a new one with the name of the network or cluster
   */
  readonly resourceGroupName?: string;

  /**
   * Addresses of the virtual network, prefix /8 to /24. Its first sixteenth is the subnet for nodes; /16 leaves 4,091 of them. Pods take
   * none: with the overlay they have addresses of their own.
   *
   * @default "10.0.0.0/16"
   */
  readonly cidr?: string;
}

export interface AksNetworkProps extends AksNetworkOptions {
  /** Name of the virtual network, and of the resource group unless `resourceGroupName` is stated. */
  readonly name: string;

  /** Azure region, for example "westeurope". */
  readonly location: string;

  /**
   * Tags on everything.
   *
   * @default - none
   */
  readonly tags?: Readonly<Record<string, string>>;
}

/** A virtual network for an AKS cluster, with one subnet for nodes: subnets span a region's zones on Azure, pools choose the zones. */
export class AksNetwork extends Construct {
  readonly resourceGroupName: string;
  readonly location: string;
  readonly virtualNetworkId: string;
  /** For nodes. */
  readonly subnetId: string;

  constructor(scope: Construct, id: string, props: AksNetworkProps) {
    super(scope, id);
    const { name, location, cidr = DEFAULT_CIDR, tags = {} } = props;
    checkCidr(this, "cidr", cidr, { shortest: 8, longest: 24 });
    const [prop, group] = props.resourceGroupName === undefined ? ["name", name] : ["resourceGroupName", props.resourceGroupName];
    if (!Token.isUnresolved(group) && !RESOURCE_GROUP.test(group)) {
      const rule = "must be 1 to 90 letters, digits, - _ . ( ) without a period at the end";
      throw new InvalidPropsError(this, prop, `names the resource group and ${rule}, got '${group}'`);
    }

    this.location = location;
    this.resourceGroupName =
      props.resourceGroupName ?? new ResourceGroup(this, "ResourceGroup", { name, location, tags: { ...tags } }).name;
    const network = new VirtualNetwork(this, "Resource", {
      name,
      location,
      resourceGroupName: this.resourceGroupName,
      addressSpace: [cidr],
      tags: { ...tags },
    });
    this.virtualNetworkId = network.id;
    this.subnetId = new Subnet(this, "Nodes", {
      name: "nodes",
      resourceGroupName: this.resourceGroupName,
      virtualNetworkName: network.name,
      addressPrefixes: [Fn.cidrsubnet(cidr, 4, 0)],
    }).id;
  }
}
