import { describe, expect, it } from "vitest";
import { TuningError } from "../../lib";
import { EksStack } from "../../stacks/eks";
import { decodeUserData, readUserData } from "../nodes/read-user-data";
import { type Block, billOfMaterials, resourceOf, resourcesOf, type SynthesisedStack } from "../support/synth";
import { build, readable } from "./support";

const eks = (context: object = {}) => build(EksStack, "eks", context);

/** User data of the broker nodes, as text. */
const bootOf = (stack: SynthesisedStack) => decodeUserData(resourceOf(stack, "aws_launch_template").user_data);

/** The managed group that is not the system's. */
function brokerGroup(stack: SynthesisedStack): Block {
  return resourcesOf(stack, "aws_eks_node_group").find((group) => group.node_group_name_prefix === "broker-")!;
}

describe("EksStack with default settings", () => {
  const stack = eks();

  it("makes a network, a cluster with its add-ons, a system pool and a self-managed broker pool", () => {
    expect(billOfMaterials(stack)).toEqual([
      "aws_autoscaling_group × 1",
      "aws_cloudwatch_log_group × 1",
      "aws_eip × 3",
      "aws_eks_access_entry × 1",
      "aws_eks_addon × 5",
      "aws_eks_cluster × 1",
      "aws_eks_node_group × 1",
      "aws_eks_pod_identity_association × 1",
      "aws_iam_instance_profile × 1",
      "aws_iam_role × 4",
      "aws_iam_role_policy_attachment × 8",
      "aws_internet_gateway × 1",
      "aws_launch_template × 1",
      "aws_nat_gateway × 3",
      "aws_route_table × 4",
      "aws_route_table_association × 6",
      "aws_subnet × 6",
      "aws_vpc × 1",
      "data aws_availability_zones × 1",
      "data aws_eks_addon_version × 5",
      "data aws_partition × 3",
      "data aws_ssm_parameter × 1",
    ]);
  });

  it("works in the region of the settings and names the cluster by them", () => {
    expect(stack.provider).toEqual({ aws: [{ region: "eu-central-1" }] });
    expect(resourceOf(stack, "aws_eks_cluster")).toMatchObject({ name: "mqtt", version: "1.34" });
  });

  it("starts broker nodes in the cluster's private subnets, with its name in their user data", () => {
    const group = resourceOf(stack, "aws_autoscaling_group");
    expect(group).toMatchObject({ min_size: 3, max_size: 6, desired_capacity: 3 });
    expect(group.vpc_zone_identifier).toHaveLength(3);
    for (const subnet of group.vpc_zone_identifier) expect(subnet).toContain("Cluster_Network_Zone");
    expect(group.launch_template.id).toContain("aws_launch_template.Brokers_");
    expect(resourceOf(stack, "aws_eks_access_entry").cluster_name).toContain("aws_eks_addon.Cluster_VpcCni_");
    expect(bootOf(stack)).toMatch(/aws_eks_cluster\.Cluster_\w+\.endpoint/);
    expect(resourceOf(stack, "aws_launch_template")).toMatchObject({
      instance_type: "m7i.2xlarge",
      block_device_mappings: [{ ebs: { volume_size: 50 } }],
    });
  });

  it("tunes them by user data as planned", () => {
    const boot = readUserData(bootOf(stack));
    expect(boot.sysctls["fs.nr_open"]).toBe("2097152");
    expect(boot.allowList).toContain("net.core.somaxconn");
    expect(boot.openFiles).toBe(1_048_576);
    expect(boot.sysctls).toEqual(Object.fromEntries(stack.pool.tuning.node.map(({ name, value }) => [name, value])));
  });

  it("says how to reach the cluster", () => {
    const name = expect.stringMatching(/^\$\{aws_eks_addon\.Cluster_VpcCni_\w+\.cluster_name\}$/);
    expect(stack.output).toEqual({
      cluster_name: { value: name },
      kubeconfig_command: { value: expect.stringMatching(/^aws eks update-kubeconfig --region eu-central-1 --name \$\{aws_eks_addon\./) },
    });
  });

  it("is what was reviewed", async () => {
    await expect(readable(stack)).toMatchFileSnapshot("./__snapshots__/eks.json");
  });
});

describe("EksStack in a cluster that exists", () => {
  const existing = { existingCluster: true, clusterName: "fleet", region: "us-east-2" };
  const stack = eks({ eks: existing });

  it("makes no cluster and no network, only the pool and what lets it in", () => {
    expect(billOfMaterials(stack)).toEqual([
      "aws_autoscaling_group × 1",
      "aws_eks_access_entry × 1",
      "aws_iam_instance_profile × 1",
      "aws_iam_role × 1",
      "aws_iam_role_policy_attachment × 3",
      "aws_launch_template × 1",
      "data aws_eks_cluster × 1",
      "data aws_partition × 1",
      "data aws_ssm_parameter × 1",
    ]);
  });

  it("finds the cluster by name and takes its coordinates and subnets from there", () => {
    expect(Object.values(stack.data?.aws_eks_cluster ?? {})).toMatchObject([{ name: "fleet" }]);
    expect(resourceOf(stack, "aws_autoscaling_group").vpc_zone_identifier).toMatch(
      /data\.aws_eks_cluster\.Cluster\.vpc_config\[0\]\.subnet_ids/,
    );
    expect(bootOf(stack)).toContain("data.aws_eks_cluster.Cluster.endpoint");
    expect(stack.output?.kubeconfig_command?.value).toContain("--region us-east-2 --name ${data.aws_eks_cluster.Cluster.name}");
  });

  it("puts the nodes into the subnets of the settings when there are any", () => {
    const stated = eks({ eks: { ...existing, subnetIds: ["subnet-1", "subnet-2"] } });
    expect(resourceOf(stated, "aws_autoscaling_group").vpc_zone_identifier).toEqual(["subnet-1", "subnet-2"]);
  });
});

describe("EksStack with a managed pool", () => {
  const stack = eks({ eks: { nodePool: "managed", machineType: "m7g.2xlarge" }, surge: 2 });

  it("has a second node group instead of an Auto Scaling group, and no image, profile or access entry of its own", () => {
    const own = billOfMaterials(stack);
    expect(own).toContain("aws_eks_node_group × 2");
    expect(own.filter((line) => /autoscaling_group|access_entry|instance_profile|ssm_parameter/.test(line))).toEqual([]);
  });

  it("attaches it to the cluster, tuned the same", () => {
    const group = brokerGroup(stack);
    expect(group.cluster_name).toContain("aws_eks_addon.Cluster_VpcCni_");
    expect(group).toMatchObject({
      ami_type: "AL2023_ARM_64_STANDARD",
      version: "1.34",
      update_config: { max_unavailable: 2 },
      scaling_config: { min_size: 3, max_size: 6 },
    });
    const boot = readUserData(bootOf(stack));
    expect(boot.sysctls).toEqual(readUserData(bootOf(eks())).sysctls);
    expect(boot.taints).toEqual(["dedicated=mqtt-broker:NoSchedule"]);
  });
});

describe("EksStack's settings", () => {
  it.each(["self-managed", "managed"])("choose Bottlerocket for a %s pool", (nodePool) => {
    const stack = eks({ eks: { nodePool, operatingSystem: "bottlerocket" } });
    expect(stack.pool.tuning.platform).toBe("eks-bottlerocket");
    const boot = readUserData(bootOf(stack));
    expect(boot.sysctls).toMatchObject({ "fs.nr_open": "2097152" });
    expect(boot.openFiles).toBe(1_048_576);
    const [image] = Object.values(stack.data?.aws_ssm_parameter ?? {});
    if (nodePool === "managed") expect(brokerGroup(stack).ami_type).toBe("BOTTLEROCKET_x86_64");
    else expect(image?.name).toBe("/aws/service/bottlerocket/aws-k8s-1.34/x86_64/latest/image_id");
  });

  it("state the Kubernetes version once for control plane, system pool, add-ons, broker image and plan", () => {
    const stack = eks({ kubernetesVersion: "1.33" });
    expect(resourceOf(stack, "aws_eks_cluster").version).toBe("1.33");
    expect(resourceOf(stack, "aws_eks_node_group").version).toBe("1.33");
    expect(Object.values(stack.data?.aws_eks_addon_version ?? {}).map((addon) => addon.kubernetes_version)).toEqual(Array(5).fill("1.33"));
    const [image] = Object.values(stack.data?.aws_ssm_parameter ?? {});
    expect(image?.name).toBe("/aws/service/eks/optimized-ami/1.33/amazon-linux-2023/x86_64/standard/recommended/image_id");
    expect(stack.pool.tuning.kubernetesVersion).toBe("1.33");
    expect(brokerGroup(eks({ kubernetesVersion: "1.33", eks: { nodePool: "managed" } })).version).toBe("1.33");
  });

  it("make spot nodes, self-managed and managed", () => {
    const market = (stack: SynthesisedStack) => resourceOf(stack, "aws_launch_template").instance_market_options;
    expect(market(eks({ eks: { spot: true } }))).toEqual({ market_type: "spot" });
    expect(market(eks())).toBeUndefined();
    expect(brokerGroup(eks({ eks: { spot: true, nodePool: "managed" } })).capacity_type).toBe("SPOT");
  });

  it("tune the node itself for brokers on its network: the node's values are all there is", () => {
    const { pool, ...stack } = eks({ hostNetwork: true });
    const boot = readUserData(bootOf(stack));
    expect(pool.tuning.podSysctls).toEqual([]);
    expect(boot.allowList).toEqual([]);
    expect(boot.sysctls).toMatchObject({ "net.core.somaxconn": "32768", "net.ipv4.tcp_max_syn_backlog": "16384" });
    expect(readUserData(bootOf(eks())).sysctls).not.toHaveProperty(["net.core.somaxconn"]);
  });

  it("change the profile down to the node", () => {
    const boot = readUserData(bootOf(eks({ profile: 2_000_000, sysctls: { "vm.max_map_count": 262_144 } })));
    expect(boot.openFiles).toBeGreaterThanOrEqual(2_000_000);
    expect(boot.sysctls).toMatchObject({ "vm.max_map_count": "262144" });
  });

  it("limit who reaches the API server", () => {
    const stack = eks({ eks: { publicAccessCidrs: ["203.0.113.0/24"] } });
    expect(resourceOf(stack, "aws_eks_cluster").vpc_config.public_access_cidrs).toEqual(["203.0.113.0/24"]);
  });

  it("tag everything, down to machines and disks, which the provider's default tags would miss", () => {
    const stack = eks({ tags: { team: "iot" } });
    for (const type of [
      "aws_vpc",
      "aws_subnet",
      "aws_nat_gateway",
      "aws_eks_cluster",
      "aws_eks_node_group",
      "aws_eks_addon",
      "aws_iam_role",
    ]) {
      for (const resource of resourcesOf(stack, type)) expect(resource.tags, type).toMatchObject({ team: "iot" });
      expect(resourcesOf(stack, type), type).not.toEqual([]);
    }
    for (const { tags } of resourceOf(stack, "aws_launch_template").tag_specifications) expect(tags).toMatchObject({ team: "iot" });
  });

  it("are refused by the plan where the image ended", () => {
    expect(() => eks({ eks: { operatingSystem: "al2" } })).toThrow(TuningError);
    expect(() => eks({ eks: { operatingSystem: "al2" } })).toThrow("ends at Kubernetes 1.32");
    expect(eks({ kubernetesVersion: "1.32", eks: { operatingSystem: "al2" } }).pool.tuning.platform).toBe("eks-al2");
  });
});
