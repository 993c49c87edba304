import { EksCluster as EksClusterResource } from "@cdktf/provider-aws/lib/eks-cluster";
import { Token } from "cdktf";
import { describe, expect, it } from "vitest";
import { EksCluster } from "../../lib/clusters/eks/eks-cluster";
import type { EksClusterProps } from "../../lib/clusters/eks/eks-cluster-props";
import { EksNetwork, type EksNetworkOptions } from "../../lib/clusters/eks/eks-network";
import { InvalidPropsError, TuningError } from "../../lib/errors";
import { billOfMaterials, resourceOf, resourcesOf, stackOf, synthesise } from "../support/synth";
import { blockWith, dependencies, refusal, resolved, token } from "./support";

const required: EksClusterProps = { name: "mqtt", kubernetesVersion: "1.34" };
const given = { subnetIds: ["subnet-a", "subnet-b"] };

function cluster(props: Partial<EksClusterProps> = {}) {
  return synthesise((stack) => {
    new EksCluster(stack, "Cluster", { ...required, ...props });
  });
}

function network(options: EksNetworkOptions = {}) {
  return synthesise((stack) => {
    new EksNetwork(stack, "Network", { clusterName: "mqtt", ...options });
  });
}

function trustOf(description: string) {
  const role = resourcesOf(cluster(), "aws_iam_role").find((candidate) => candidate.description.startsWith(description));
  return JSON.parse(role?.assume_role_policy).Statement;
}

describe("EksNetwork", () => {
  it("puts a public and a private subnet into each of three zones", () => {
    const subnets = resourcesOf(network({ zones: ["eu-west-1a", "eu-west-1b", "eu-west-1c"] }), "aws_subnet");
    const places = subnets.map((subnet) => `${subnet.tags.Name} ${subnet.availability_zone} ${subnet.cidr_block}`);
    expect(places.sort()).toEqual([
      'mqtt-private-1 eu-west-1a ${cidrsubnet("10.0.0.0/16", 2, 0)}',
      'mqtt-private-2 eu-west-1b ${cidrsubnet("10.0.0.0/16", 2, 1)}',
      'mqtt-private-3 eu-west-1c ${cidrsubnet("10.0.0.0/16", 2, 2)}',
      'mqtt-public-1 eu-west-1a ${cidrsubnet("10.0.0.0/16", 4, 12)}',
      'mqtt-public-2 eu-west-1b ${cidrsubnet("10.0.0.0/16", 4, 13)}',
      'mqtt-public-3 eu-west-1c ${cidrsubnet("10.0.0.0/16", 4, 14)}',
    ]);
  });

  it("takes the region's first three zones that EKS works in when none are stated", () => {
    const { data = {}, ...rest } = network();
    const [zones] = Object.values(data.aws_availability_zones ?? {});
    expect(zones).toMatchObject({
      exclude_zone_ids: ["use1-az3", "usw1-az2", "cac1-az3"],
      filter: [{ name: "opt-in-status", values: ["opt-in-not-required"] }],
    });
    const used = new Set(resourcesOf(rest, "aws_subnet").map((subnet) => subnet.availability_zone.replace(/.*names, (\d).*/, "$1")));
    expect([...used].sort()).toEqual(["0", "1", "2"]);
  });

  it("tags subnets so that load balancers find them", () => {
    const synthesised = network();
    for (const subnet of resourcesOf(synthesised, "aws_subnet")) {
      const role = subnet.tags.Name.startsWith("mqtt-public") ? "kubernetes.io/role/elb" : "kubernetes.io/role/internal-elb";
      expect(subnet.tags).toEqual({ Name: subnet.tags.Name, [role]: "1", "kubernetes.io/cluster/mqtt": "shared" });
    }
    expect(resourcesOf(synthesised, "aws_subnet")).toHaveLength(6);
  });

  it("gives names to nodes inside the VPC", () => {
    expect(resourceOf(network(), "aws_vpc")).toMatchObject({ enable_dns_hostnames: true, enable_dns_support: true });
  });

  it.each([
    ["per-zone", 3],
    ["one", 1],
  ] as const)("routes every private subnet out, natGateways %s through %i", (natGateways, count) => {
    const synthesised = network({ natGateways });
    expect(resourcesOf(synthesised, "aws_nat_gateway")).toHaveLength(count);
    const ways = resourcesOf(synthesised, "aws_route_table").map((table) => table.route[0]);
    expect(ways.filter((route) => route.gateway_id)).toHaveLength(1);
    const private_ = ways.filter((route) => route.nat_gateway_id);
    expect(private_).toHaveLength(3);
    expect(new Set(private_.map((route) => route.nat_gateway_id)).size).toBe(count);
  });

  it("hands out private subnets that wait for their route, so that no node starts without a way out", () => {
    const ids = resolved((stack) => new EksNetwork(stack, "Network", { clusterName: "mqtt" }).privateSubnetIds);
    expect(ids).toHaveLength(3);
    for (const id of ids) expect(id).toMatch(/aws_route_table_association\.Network_Zone\d_PrivateAssociation_\w+\.subnet_id/);
  });

  it.each<[EksNetworkOptions, string]>([
    [{ zones: ["a"] }, "test/Network: 'zones' must name two or three availability zones, got 1"],
    [{ zones: ["a", "b", "c", "d"] }, "'zones' must name two or three availability zones, got 4"],
    [{ zones: ["a", "b", "a"] }, "'zones' names 'a' twice"],
    [{ zones: Token.asList("${var.zones}") }, "'zones' must be a list known at synth"],
    [{ cidr: "10.0.0.0" }, "'cidr' must be an IPv4 network such as 10.0.0.0/16, got '10.0.0.0'"],
    [{ cidr: "10.0.0.256/16" }, "'cidr' must be an IPv4 network"],
    [{ cidr: "10.0.0.0/24" }, "'cidr' must have a prefix between /16 and /22, got '10.0.0.0/24'"],
    [{ cidr: "10.7.3.0/16" }, "'cidr' must begin at its first address, 10.7.0.0/16, got '10.7.3.0/16'"],
  ])("refuses %j", (options, message) => {
    const error = refusal((stack) => new EksNetwork(stack, "Network", { clusterName: "mqtt", ...options }));
    expect(error).toBeInstanceOf(InvalidPropsError);
    expect(error.message).toContain(message);
  });

  it("takes a network whose addresses are only known later", () => {
    const { resource = {} } = network({ cidr: token() });
    const ranges = Object.values(resource.aws_subnet ?? {}).map((subnet) => subnet.cidr_block);
    expect(ranges).toContain('${cidrsubnet(trimspace("later"), 2, 0)}');
  });
});

describe("EksCluster", () => {
  it("runs the stated version, on the control plane, the system pool and the add-ons", () => {
    const synthesised = cluster({ kubernetesVersion: "v1.33.4" });
    expect(resourceOf(synthesised, "aws_eks_cluster").version).toBe("1.33");
    expect(resourceOf(synthesised, "aws_eks_node_group").version).toBe("1.33");
    const versions = Object.values(synthesised.data?.aws_eks_addon_version ?? {}).map((addon) => addon.kubernetes_version);
    expect(versions).toEqual(["1.33", "1.33", "1.33", "1.33", "1.33"]);
  });

  it("lets IAM identities in by access entries, which self-managed pools join by", () => {
    expect(resourceOf(cluster(), "aws_eks_cluster").access_config).toEqual({
      authentication_mode: "API",
      bootstrap_cluster_creator_admin_permissions: true,
    });
    const both = cluster({ authenticationMode: "API_AND_CONFIG_MAP" });
    expect(resourceOf(both, "aws_eks_cluster").access_config.authentication_mode).toBe("API_AND_CONFIG_MAP");
  });

  it("always answers nodes privately, and the outside only from the stated networks", () => {
    const office = cluster({ publicAccessCidrs: ["203.0.113.0/24"] });
    expect(resourceOf(office, "aws_eks_cluster").vpc_config).toMatchObject({
      endpoint_private_access: true,
      endpoint_public_access: true,
      public_access_cidrs: ["203.0.113.0/24"],
    });
    const closed = resourceOf(cluster({ publicAccessCidrs: [] }), "aws_eks_cluster").vpc_config;
    expect(closed).toMatchObject({ endpoint_private_access: true, endpoint_public_access: false });
    expect(closed).not.toHaveProperty("public_access_cidrs");
  });

  it("keeps control plane logs for the stated time, in a group that exists before EKS would make its own", () => {
    const synthesised = cluster({ logTypes: ["audit"], logRetentionDays: 90 });
    expect(resourceOf(synthesised, "aws_cloudwatch_log_group")).toMatchObject({ name: "/aws/eks/mqtt/cluster", retention_in_days: 90 });
    expect(resourceOf(synthesised, "aws_eks_cluster").enabled_cluster_log_types).toEqual(["audit"]);
    expect(dependencies(resourceOf(synthesised, "aws_eks_cluster"))).toContain("aws_cloudwatch_log_group.Cluster_Logs");
  });

  it("is protected from deletion until told otherwise", () => {
    expect(resourceOf(cluster(), "aws_eks_cluster").deletion_protection).toBe(true);
    expect(resourceOf(cluster({ deletionProtection: false }), "aws_eks_cluster").deletion_protection).toBe(false);
  });

  it("keeps everything off the system pool that is no critical add-on", () => {
    expect(resourceOf(cluster(), "aws_eks_node_group")).toMatchObject({
      ami_type: "AL2023_x86_64_STANDARD",
      instance_types: ["m7i.large"],
      disk_size: 50,
      scaling_config: { min_size: 2, max_size: 3, desired_size: 2 },
      taint: [{ key: "CriticalAddonsOnly", value: "true", effect: "NO_SCHEDULE" }],
    });
  });

  it.each([
    ["m7g.large", "AL2023_ARM_64_STANDARD"],
    ["c7gn.xlarge", "AL2023_ARM_64_STANDARD"],
    ["a1.large", "AL2023_ARM_64_STANDARD"],
    ["g5.xlarge", "AL2023_x86_64_STANDARD"],
    ["g5g.xlarge", "AL2023_ARM_64_STANDARD"],
    ["m7i-flex.large", "AL2023_x86_64_STANDARD"],
  ])("starts %s from the image %s", (machineType, amiType) => {
    expect(resourceOf(cluster({ systemPool: { machineType } }), "aws_eks_node_group").ami_type).toBe(amiType);
  });

  it("lets nodes join, pull images and give pods addresses, and attaches that before any node starts", () => {
    const node = "aws_iam_role_policy_attachment.Cluster_SystemPool_Role_";
    expect(dependencies(resourceOf(cluster(), "aws_eks_node_group"))).toEqual(
      expect.arrayContaining([
        `${node}AmazonEKSWorkerNodePolicy`,
        `${node}AmazonEKS_CNI_Policy`,
        `${node}AmazonEC2ContainerRegistryReadOnly`,
      ]),
    );
  });

  it("installs what nodes need before the nodes, and what needs nodes after them", () => {
    const synthesised = cluster();
    const addon = (name: string) => dependencies(blockWith(synthesised, "aws_eks_addon", { addon_name: name }));
    for (const name of ["vpc-cni", "kube-proxy", "eks-pod-identity-agent"]) expect(addon(name)).toEqual([]);
    expect(dependencies(resourceOf(synthesised, "aws_eks_node_group"))).toEqual(
      expect.arrayContaining(["aws_eks_addon.Cluster_VpcCni", "aws_eks_addon.Cluster_KubeProxy", "aws_eks_addon.Cluster_PodIdentityAgent"]),
    );
    expect(addon("coredns")).toEqual(["aws_eks_node_group.Cluster_SystemPool"]);
    expect(addon("aws-ebs-csi-driver")).toEqual([
      "aws_eks_node_group.Cluster_SystemPool",
      "aws_eks_addon.Cluster_PodIdentityAgent",
      "aws_iam_role_policy_attachment.Cluster_EbsCsi_Role_AmazonEBSCSIDriverPolicyV2",
      "aws_eks_pod_identity_association.Cluster_EbsCsi_Identity",
    ]);
    expect(resourceOf(synthesised, "aws_eks_cluster").bootstrap_self_managed_addons).toBe(false);
  });

  it("lets CoreDNS and the EBS controller onto the system pool, and the EBS agent onto tainted broker nodes", () => {
    const synthesised = cluster();
    const configuration = (name: string) => JSON.parse(blockWith(synthesised, "aws_eks_addon", { addon_name: name }).configuration_values);
    expect(configuration("coredns").tolerations).toContainEqual({ key: "CriticalAddonsOnly", operator: "Exists" });
    expect(configuration("aws-ebs-csi-driver")).toEqual({
      controller: { tolerations: [{ key: "CriticalAddonsOnly", operator: "Exists" }] },
      node: { tolerateAllTaints: true },
    });
  });

  it("gives the EBS controller its role through Pod Identity", () => {
    expect(resourceOf(cluster(), "aws_eks_pod_identity_association")).toMatchObject({
      namespace: "kube-system",
      service_account: "ebs-csi-controller-sa",
      role_arn: expect.stringContaining("aws_iam_role.Cluster_EbsCsi_Role"),
    });
    expect(trustOf("EBS CSI driver")).toEqual([
      { Effect: "Allow", Principal: { Service: "pods.eks.amazonaws.com" }, Action: ["sts:AssumeRole", "sts:TagSession"] },
    ]);
  });

  it("works in GovCloud and China: no ARN names the partition", () => {
    const synthesised = cluster();
    const arns = resourcesOf(synthesised, "aws_iam_role_policy_attachment").map((attachment) => attachment.policy_arn);
    expect(arns).toHaveLength(5);
    for (const arn of arns) expect(arn).toMatch(/^arn:\$\{data\.aws_partition\.\w+\.partition\}:iam::aws:policy\/\w+$/);
    expect(JSON.stringify(synthesised.resource)).not.toContain("arn:aws:");
  });

  it("makes pools wait for the network plugin: they reach the cluster's name through it", () => {
    const name = resolved((stack) => new EksCluster(stack, "Cluster", required).clusterName);
    expect(name).toMatch(/^\$\{aws_eks_addon\.Cluster_VpcCni_\w+\.cluster_name\}$/);
  });

  it("tells pools and stacks what they need", () => {
    const facts = resolved((stack) => {
      const { endpoint, certificateAuthority, clusterSecurityGroupId, serviceCidr, kubernetesVersion, vpcId, oidcIssuerUrl } =
        new EksCluster(stack, "Cluster", required);
      return { endpoint, certificateAuthority, clusterSecurityGroupId, serviceCidr, kubernetesVersion, vpcId, oidcIssuerUrl };
    });
    const of = (attribute: string) => expect.stringMatching(new RegExp(`^\\$\\{aws_eks_cluster\\.Cluster_\\w+\\.${attribute}\\}$`));
    expect(facts).toEqual({
      endpoint: of("endpoint"),
      certificateAuthority: of("certificate_authority\\[0\\]\\.data"),
      clusterSecurityGroupId: of("vpc_config\\[0\\]\\.cluster_security_group_id"),
      serviceCidr: "172.20.0.0/16",
      kubernetesVersion: "1.34",
      vpcId: of("vpc_config\\[0\\]\\.vpc_id"),
      oidcIssuerUrl: of("identity\\[0\\]\\.oidc\\[0\\]\\.issuer"),
    });
  });

  it("reaches the provider's resource as its default child", () => {
    const child = stackOf((stack) => new EksCluster(stack, "Cluster", required)).node.findChild("Cluster").node.defaultChild;
    expect(child).toBeInstanceOf(EksClusterResource);
  });

  it("uses subnets that exist and makes no network then", () => {
    const synthesised = cluster(given);
    expect(resourcesOf(synthesised, "aws_vpc")).toEqual([]);
    expect(resourceOf(synthesised, "aws_eks_cluster").vpc_config.subnet_ids).toEqual(["subnet-a", "subnet-b"]);
    expect(resourceOf(synthesised, "aws_eks_node_group").subnet_ids).toEqual(["subnet-a", "subnet-b"]);
  });

  it("tags everything that takes tags", () => {
    const { resource = {} } = cluster({ tags: { team: "iot" } });
    const untagged = Object.entries(resource).flatMap(([type, blocks]) =>
      Object.values(blocks).some((block) => block.tags?.team !== "iot") ? [type] : [],
    );
    expect(untagged).toEqual(["aws_iam_role_policy_attachment", "aws_route_table_association"]);
  });

  it.each<[Partial<EksClusterProps>, string]>([
    [{ kubernetesVersion: "latest" }, "test/Cluster: 'kubernetesVersion' 'latest' is not a version; write major.minor"],
    [{ kubernetesVersion: "1.19" }, "'kubernetesVersion' '1.19' is older than 1.24"],
    [{ kubernetesVersion: token() }, "'kubernetesVersion' must be known at synth"],
    [{ name: "-mqtt" }, "'name' must be 1 to 100 letters, digits, - and _, beginning with a letter or digit, got '-mqtt'"],
    [{ subnetIds: ["subnet-a"] }, "'subnetIds' must name subnets in two zones at least, got 1"],
    [{ ...given, cidr: "10.0.0.0/16" }, "'cidr' describes a new network, but 'subnetIds' names one that exists"],
    [{ ...given, zones: ["a", "b"] }, "'zones' describes a new network"],
    [{ ...given, natGateways: "one" }, "'natGateways' describes a new network"],
    [{ serviceCidr: "172.20.0.0/28" }, "'serviceCidr' must have a prefix between /12 and /24, got '172.20.0.0/28'"],
    [{ serviceCidr: "10.0.128.0/20" }, "'serviceCidr' '10.0.128.0/20' overlaps 'cidr' (10.0.0.0/16); choose another range"],
    [{ cidr: "10.0.0.0/8" }, "'cidr' must have a prefix between /16 and /22"],
    [{ publicAccessCidrs: ["203.0.113.7"] }, "'publicAccessCidrs' must be an IPv4 network such as 10.0.0.0/16, got '203.0.113.7'"],
    [{ logRetentionDays: 31 }, "'logRetentionDays' must be one of 1, 3, 5, 7, 14, 30"],
    [{ systemPool: { minNodes: 0 } }, "'systemPool.minNodes' must be a whole number of at least 1, got 0"],
    [{ systemPool: { minNodes: 4, maxNodes: 3 } }, "'systemPool.maxNodes' must be at least minNodes (4), got 3"],
    [{ systemPool: { diskGiB: 10 } }, "'systemPool.diskGiB' must be a whole number of at least 30, got 10"],
  ])("refuses %j", (props, message) => {
    const error = refusal((stack) => new EksCluster(stack, "Cluster", { ...required, ...props }));
    expect(error).toBeInstanceOf(InvalidPropsError);
    expect(error.message).toContain(message);
  });

  it("creates nothing before the props are known to be good", () => {
    let made = -1;
    refusal((stack) => {
      try {
        new EksCluster(stack, "Cluster", { ...required, systemPool: { minNodes: 0 } });
      } finally {
        made = stack.node.findChild("Cluster").node.children.length;
      }
    });
    expect(made).toBe(0);
  });

  it("grows maxNodes with minNodes when only that is stated", () => {
    expect(resourceOf(cluster({ systemPool: { minNodes: 6 } }), "aws_eks_node_group").scaling_config).toMatchObject({
      min_size: 6,
      max_size: 6,
    });
  });

  it("consists of these resources", () => {
    expect(billOfMaterials(cluster())).toEqual([
      "aws_cloudwatch_log_group × 1",
      "aws_eip × 3",
      "aws_eks_addon × 5",
      "aws_eks_cluster × 1",
      "aws_eks_node_group × 1",
      "aws_eks_pod_identity_association × 1",
      "aws_iam_role × 3",
      "aws_iam_role_policy_attachment × 5",
      "aws_internet_gateway × 1",
      "aws_nat_gateway × 3",
      "aws_route_table × 4",
      "aws_route_table_association × 6",
      "aws_subnet × 6",
      "aws_vpc × 1",
      "data aws_availability_zones × 1",
      "data aws_eks_addon_version × 5",
      "data aws_partition × 2",
    ]);
  });
});

describe("EksCluster.fromName()", () => {
  const lookup = { name: "theirs", kubernetesVersion: "1.32.5" };

  it("asks AWS for the cluster and makes nothing", () => {
    expect(billOfMaterials(synthesise((stack) => EksCluster.fromName(stack, "Theirs", lookup)))).toEqual(["data aws_eks_cluster × 1"]);
  });

  it("yields references to what was found, and the stated version", () => {
    const found = resolved((stack) => EksCluster.fromName(stack, "Theirs", lookup));
    expect(found).toEqual({
      clusterName: "${data.aws_eks_cluster.Theirs.name}",
      kubernetesVersion: "1.32",
      endpoint: "${data.aws_eks_cluster.Theirs.endpoint}",
      certificateAuthority: "${data.aws_eks_cluster.Theirs.certificate_authority[0].data}",
      serviceCidr: "${data.aws_eks_cluster.Theirs.kubernetes_network_config[0].service_ipv4_cidr}",
      clusterSecurityGroupId: "${data.aws_eks_cluster.Theirs.vpc_config[0].cluster_security_group_id}",
      subnetIds: expect.stringContaining("data.aws_eks_cluster.Theirs.vpc_config[0].subnet_ids"),
    });
  });

  it("prefers subnets that are stated", () => {
    const { subnetIds } = resolved((stack) => EksCluster.fromName(stack, "Theirs", { ...lookup, subnetIds: ["subnet-a"] }));
    expect(subnetIds).toEqual(["subnet-a"]);
  });

  it.each([
    [{ kubernetesVersion: "new" }, "'kubernetesVersion' 'new' is not a version"],
    [{ subnetIds: [] }, "'subnetIds' must name a subnet at least, got none"],
  ])("refuses %j", (props, message) => {
    const error = refusal((stack) => EksCluster.fromName(stack, "Theirs", { ...lookup, ...props }));
    expect(error).toBeInstanceOf(InvalidPropsError);
    expect(error.message).toContain(message);
  });
});

describe("EksCluster.fromAttributes()", () => {
  const attributes = {
    clusterName: "theirs",
    kubernetesVersion: "v1.31.2-eks-1234",
    endpoint: "https://example.eks.amazonaws.com",
    certificateAuthority: "LS0t",
    serviceCidr: "172.20.0.0/16",
    clusterSecurityGroupId: "sg-1",
    subnetIds: ["subnet-a", "subnet-b"],
  };

  it("passes on what it is told, the version as major.minor", () => {
    expect(EksCluster.fromAttributes(attributes)).toEqual({ ...attributes, kubernetesVersion: "1.31" });
  });

  it("refuses a version that is none", () => {
    expect(() => EksCluster.fromAttributes({ ...attributes, kubernetesVersion: "?" })).toThrow(TuningError);
  });
});
