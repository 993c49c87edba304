import { DataAwsAvailabilityZones } from "@cdktf/provider-aws/lib/data-aws-availability-zones";
import { Eip } from "@cdktf/provider-aws/lib/eip";
import { InternetGateway } from "@cdktf/provider-aws/lib/internet-gateway";
import { NatGateway } from "@cdktf/provider-aws/lib/nat-gateway";
import { RouteTable } from "@cdktf/provider-aws/lib/route-table";
import { RouteTableAssociation } from "@cdktf/provider-aws/lib/route-table-association";
import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import { Fn, Token } from "cdktf";
import { Construct, type IConstruct } from "constructs";
import { InvalidPropsError } from "../../errors";
import { checkCidr } from "../cidr";

/** EKS puts no control plane there: docs.aws.amazon.com/eks/latest/userguide/network-reqs.html, "Subnet requirements". */
const ZONES_WITHOUT_EKS = ["use1-az3", "usw1-az2", "cac1-az3"];

/** Addresses of the network unless stated. */
export const DEFAULT_CIDR = "10.0.0.0/16";

const ANYWHERE = "0.0.0.0/0";

export interface EksNetworkOptions {
  /**
   * Addresses of the network, prefix /16 to /22. Three quarters go to the private subnets, one to each zone: with the VPC CNI every pod
   * takes an address of its subnet, and /16 leaves 16,379 a zone. The last quarter is for the public subnets.
   *
   * @default "10.0.0.0/16"
   */
  readonly cidr?: string;

  /**
   * Two or three availability zones. State them for a cluster that is to stay: when AWS opens a zone, the order of the default may
   * change, and with it the subnets.
   *
   * @default - the first three of the region that EKS works in and that need no opting in
   */
  readonly zones?: readonly string[];

  /**
   * Ways out for nodes, which pull images and reach AWS through them; connections of MQTT clients come in through a load balancer and
   * do not pass here. Each costs about 33 USD a month in us-east-1 and 0.045 USD a GB. With one only, an outage of its zone
   * leaves the other zones unable to start nodes, and traffic between zones costs 0.01 USD a GB each way.
   *
   * @default "per-zone"
   */
  readonly natGateways?: "one" | "per-zone";
}

export interface EksNetworkProps extends EksNetworkOptions {
  /** Cluster that the subnets are for: load balancers find them by its name. */
  readonly clusterName: string;

  /**
   * Tags on everything.
   *
   * @default - none beyond names and the tags Kubernetes looks for
   */
  readonly tags?: Readonly<Record<string, string>>;
}

/** A VPC for an EKS cluster: in each zone a private subnet for nodes, and a public one for load balancers and the way out. */
export class EksNetwork extends Construct {
  readonly vpcId: string;
  readonly cidr: string;
  /** For load balancers that face the internet. */
  readonly publicSubnetIds: readonly string[];
  /** For nodes and the control plane's interfaces. Whoever uses them waits until their way out works. */
  readonly privateSubnetIds: readonly string[];

  constructor(scope: Construct, id: string, props: EksNetworkProps) {
    super(scope, id);
    const { clusterName, cidr = DEFAULT_CIDR, natGateways = "per-zone", tags = {} } = props;
    checkCidr(this, "cidr", cidr, { shortest: 16, longest: 22 });
    if (props.zones) checkZones(this, props.zones);

    const named = (suffix: string) => ({ ...tags, Name: `${clusterName}-${suffix}` });
    const subnetTags = (kind: string, number: number) => ({
      ...named(`${kind}-${number}`),
      [`kubernetes.io/cluster/${clusterName}`]: "shared",
      [`kubernetes.io/role/${kind === "public" ? "elb" : "internal-elb"}`]: "1",
    });

    const vpc = new Vpc(this, "Resource", { cidrBlock: cidr, enableDnsHostnames: true, enableDnsSupport: true, tags: named("vpc") });
    const internet = new InternetGateway(this, "InternetGateway", { vpcId: vpc.id, tags: named("internet") });
    const publicRoutes = new RouteTable(this, "PublicRoutes", {
      vpcId: vpc.id,
      route: [{ cidrBlock: ANYWHERE, gatewayId: internet.id }],
      tags: named("public"),
    });

    let nat: NatGateway | undefined;
    const subnets = (props.zones ?? firstThreeZones(this)).map((availabilityZone, index) => {
      const number = index + 1;
      const zone = new Construct(this, `Zone${number}`);
      // Quarters 0 to 2 are private; the fourth quarter is quartered again for the public subnets: sixteenths 12 to 14.
      const publicSubnet = new Subnet(zone, "Public", {
        vpcId: vpc.id,
        availabilityZone,
        cidrBlock: Fn.cidrsubnet(cidr, 4, 12 + index),
        tags: subnetTags("public", number),
      });
      new RouteTableAssociation(zone, "PublicAssociation", { routeTableId: publicRoutes.id, subnetId: publicSubnet.id });
      const privateSubnet = new Subnet(zone, "Private", {
        vpcId: vpc.id,
        availabilityZone,
        cidrBlock: Fn.cidrsubnet(cidr, 2, index),
        tags: subnetTags("private", number),
      });

      if (!nat || natGateways === "per-zone") {
        const address = new Eip(zone, "NatAddress", { domain: "vpc", tags: named(`nat-${number}`), dependsOn: [internet] });
        nat = new NatGateway(zone, "NatGateway", {
          allocationId: address.id,
          subnetId: publicSubnet.id,
          tags: named(`nat-${number}`),
          dependsOn: [internet],
        });
      }
      const privateRoutes = new RouteTable(zone, "PrivateRoutes", {
        vpcId: vpc.id,
        route: [{ cidrBlock: ANYWHERE, natGatewayId: nat.id }],
        tags: named(`private-${number}`),
      });
      const association = new RouteTableAssociation(zone, "PrivateAssociation", {
        routeTableId: privateRoutes.id,
        subnetId: privateSubnet.id,
      });
      // The id comes by way of the association: nodes are created after their route out, and destroyed before it.
      return { public: publicSubnet.id, private: association.subnetId };
    });

    this.vpcId = vpc.id;
    this.cidr = cidr;
    this.publicSubnetIds = subnets.map((subnet) => subnet.public);
    this.privateSubnetIds = subnets.map((subnet) => subnet.private);
  }
}

function checkZones(construct: IConstruct, zones: readonly string[]): void {
  if (Token.isUnresolved(zones)) {
    throw new InvalidPropsError(construct, "zones", "must be a list known at synth: each zone gets its own subnets; write the zones out");
  }
  if (zones.length < 2 || zones.length > 3) {
    throw new InvalidPropsError(construct, "zones", `must name two or three availability zones, got ${zones.length}: EKS needs two`);
  }
  const repeated = zones.find((zone, index) => zones.indexOf(zone) !== index);
  if (repeated !== undefined) throw new InvalidPropsError(construct, "zones", `names '${repeated}' twice; name each zone once`);
}

function firstThreeZones(scope: Construct): readonly string[] {
  const { names } = new DataAwsAvailabilityZones(scope, "AvailabilityZones", {
    state: "available",
    // Leaves out local and wavelength zones, which have no NAT gateways.
    filter: [{ name: "opt-in-status", values: ["opt-in-not-required"] }],
    excludeZoneIds: ZONES_WITHOUT_EKS,
  });
  return [0, 1, 2].map((index) => Fn.element(names, index));
}
