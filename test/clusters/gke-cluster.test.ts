import { ContainerCluster } from "@cdktf/provider-google/lib/container-cluster";
import { describe, expect, it } from "vitest";
import { GkeCluster } from "../../lib/clusters/gke/gke-cluster";
import type { GkeClusterProps } from "../../lib/clusters/gke/gke-cluster-props";
import { GkeNetwork, type GkeNetworkProps } from "../../lib/clusters/gke/gke-network";
import { InvalidPropsError, TuningError } from "../../lib/errors";
import { billOfMaterials, resourceOf, resourcesOf, stackOf, synthesise } from "../support/synth";
import { dependencies, refusal, resolved, token } from "./support";

const required: GkeClusterProps = { name: "mqtt", region: "europe-west1", kubernetesVersion: "1.34" };
const network = { networkId: "hub", subnetworkId: "gke", podRangeName: "gke-pods", serviceRangeName: "gke-services" };

function cluster(props: Partial<GkeClusterProps> = {}) {
  return synthesise((stack) => {
    new GkeCluster(stack, "Cluster", { ...required, ...props });
  });
}

function clusterBlock(props: Partial<GkeClusterProps> = {}) {
  return resourceOf(cluster(props), "google_container_cluster");
}

function ownNetwork(props: Partial<GkeNetworkProps> = {}) {
  return synthesise((stack) => {
    new GkeNetwork(stack, "Network", { name: "mqtt", region: "europe-west1", ...props });
  });
}

describe("GkeNetwork", () => {
  it("makes one subnetwork with ranges for nodes, pods and Services", () => {
    const synthesised = ownNetwork();
    expect(resourceOf(synthesised, "google_compute_network")).toMatchObject({ name: "mqtt", auto_create_subnetworks: false });
    expect(resourceOf(synthesised, "google_compute_subnetwork")).toMatchObject({
      region: "europe-west1",
      ip_cidr_range: "10.0.0.0/20",
      private_ip_google_access: true,
      secondary_ip_range: [
        { range_name: "pods", ip_cidr_range: "10.4.0.0/14" },
        { range_name: "services", ip_cidr_range: "172.20.0.0/20" },
      ],
    });
  });

  it("lets private nodes out through Cloud NAT, pods included", () => {
    expect(resourceOf(ownNetwork(), "google_compute_router_nat")).toMatchObject({
      router: expect.stringContaining("google_compute_router.Network_Router"),
      nat_ip_allocate_option: "AUTO_ONLY",
      source_subnetwork_ip_ranges_to_nat: "LIST_OF_SUBNETWORKS",
      subnetwork: [
        { name: expect.stringContaining("google_compute_subnetwork.Network_Nodes"), source_ip_ranges_to_nat: ["ALL_IP_RANGES"] },
      ],
    });
  });

  it("belongs to the stated project as a whole", () => {
    const { resource = {} } = ownNetwork({ project: "iot" });
    const projects = Object.values(resource).flatMap((blocks) => Object.values(blocks).map((block) => block.project));
    expect(projects).toEqual(["iot", "iot", "iot", "iot"]);
  });

  it.each<[Partial<GkeNetworkProps>, string]>([
    [{ name: "Mqtt" }, "test/Network: 'name' must be 1 to 56 lower-case letters, digits and -"],
    [{ nodeCidr: "10.0.0.0/29" }, "'nodeCidr' must have a prefix between /8 and /28, got '10.0.0.0/29'"],
    [{ podCidr: "10.4.0.0/24" }, "'podCidr' must have a prefix between /9 and /21, got '10.4.0.0/24'"],
    [{ serviceCidr: "services" }, "'serviceCidr' must be an IPv4 network such as 10.0.0.0/16, got 'services'"],
    [{ podCidr: "10.0.0.0/14" }, "'podCidr' '10.0.0.0/14' overlaps 'nodeCidr' (10.0.0.0/20); choose another range"],
    [{ serviceCidr: "10.5.0.0/20" }, "'serviceCidr' '10.5.0.0/20' overlaps 'podCidr' (10.4.0.0/14)"],
  ])("refuses %j", (props, message) => {
    const error = refusal((stack) => new GkeNetwork(stack, "Network", { name: "mqtt", region: "europe-west1", ...props }));
    expect(error).toBeInstanceOf(InvalidPropsError);
    expect(error.message).toContain(message);
  });
});

describe("GkeCluster", () => {
  it("starts at the stated version", () => {
    expect(clusterBlock({ kubernetesVersion: "1.33.4-gke.1829001" }).min_master_version).toBe("1.33");
    expect(clusterBlock({ releaseChannel: "EXTENDED" }).release_channel).toEqual({ channel: "EXTENDED" });
  });

  it("is regional, so that Google spreads it over three zones, or over the stated ones", () => {
    const regional = clusterBlock();
    expect(regional.location).toBe("europe-west1");
    expect(regional).not.toHaveProperty("node_locations");
    const zones = ["europe-west1-b", "europe-west1-c", "europe-west1-d"];
    expect(clusterBlock({ zones }).node_locations).toEqual(zones);
  });

  it("keeps everything off the system pool that Google does not manage", () => {
    const pool = resourceOf(cluster(), "google_container_node_pool");
    expect(pool).toMatchObject({
      location: "europe-west1",
      autoscaling: { total_min_node_count: 3, total_max_node_count: 6, location_policy: "BALANCED" },
      management: { auto_repair: true, auto_upgrade: true },
    });
    expect(pool.node_config).toMatchObject({
      machine_type: "e2-standard-2",
      disk_size_gb: 50,
      taint: [{ key: "components.gke.io/gke-managed-components", value: "true", effect: "NO_SCHEDULE" }],
      workload_metadata_config: { mode: "GKE_METADATA" },
    });
  });

  it("runs nodes under an account of their own that may do what nodes do, granted before the first node starts", () => {
    const synthesised = cluster();
    const email = expect.stringMatching(/^\$\{google_service_account\.Cluster_NodeIdentity_\w+\.email\}$/);
    expect(resourceOf(synthesised, "google_service_account").account_id).toBe("mqtt-nodes");
    expect(resourceOf(synthesised, "google_project_iam_member")).toMatchObject({
      role: "roles/container.defaultNodeServiceAccount",
      member: expect.stringMatching(/google_service_account\.Cluster_NodeIdentity_\w+\.member/),
    });
    expect(resourceOf(synthesised, "google_container_node_pool").node_config.service_account).toEqual(email);
    const block = resourceOf(synthesised, "google_container_cluster");
    expect(block.node_config).toEqual({ service_account: email });
    expect(dependencies(block)).toEqual(["google_project_iam_member.Cluster_NodeIdentity_Membership"]);
  });

  it.each([
    ["a-cluster-of-twenty-three", "a-cluster-of-twenty-thre-nodes"],
    ["a-cluster-of-twenty-two-x-y", "a-cluster-of-twenty-two-nodes"],
    ["m", "m-nodes"],
  ])("names the account for %s so that Google takes it: %s", (name, accountId) => {
    const { account_id } = resourceOf(cluster({ name }), "google_service_account");
    expect(account_id).toBe(accountId);
    expect(account_id).toMatch(/^[a-z](?:[-a-z0-9]{4,28}[a-z0-9])$/);
  });

  it("uses an account that exists and grants it nothing", () => {
    const synthesised = cluster({ nodeServiceAccount: "nodes@iot.iam.gserviceaccount.com" });
    expect(resourcesOf(synthesised, "google_service_account")).toEqual([]);
    expect(resourcesOf(synthesised, "google_project_iam_member")).toEqual([]);
    const { node_config } = resourceOf(synthesised, "google_container_node_pool");
    expect(node_config.service_account).toBe("nodes@iot.iam.gserviceaccount.com");
  });

  it("removes the pool that GKE insists on, and never replaces the cluster over its remains", () => {
    expect(clusterBlock()).toMatchObject({
      remove_default_node_pool: true,
      initial_node_count: 1,
      lifecycle: { ignore_changes: ["node_config"] },
    });
  });

  it("tracks connections in the kernel, whose limit the plan raises, unless Dataplane V2 is asked for", () => {
    expect(clusterBlock().datapath_provider).toBe("LEGACY_DATAPATH");
    expect(clusterBlock({ datapathProvider: "ADVANCED_DATAPATH" }).datapath_provider).toBe("ADVANCED_DATAPATH");
  });

  it("gives nodes no public addresses, and answers everyone, the stated networks, or nobody outside", () => {
    const open = clusterBlock();
    expect(open.private_cluster_config).toEqual({
      enable_private_nodes: true,
      enable_private_endpoint: false,
      master_ipv4_cidr_block: "172.16.0.0/28",
    });
    expect(open).not.toHaveProperty("master_authorized_networks_config");
    const office = clusterBlock({ publicAccessCidrs: ["203.0.113.0/24"] });
    expect(office.private_cluster_config.enable_private_endpoint).toBe(false);
    expect(office.master_authorized_networks_config.cidr_blocks).toEqual([{ cidr_block: "203.0.113.0/24" }]);
    const closed = clusterBlock({ publicAccessCidrs: [] });
    expect(closed.private_cluster_config.enable_private_endpoint).toBe(true);
    expect(closed.master_authorized_networks_config.cidr_blocks).toEqual([]);
  });

  it("takes upgrades on weekends, or when it is told", () => {
    expect(clusterBlock().maintenance_policy.recurring_window).toEqual({
      start_time: "2025-01-04T00:00:00Z",
      end_time: "2025-01-04T08:00:00Z",
      recurrence: "FREQ=WEEKLY;BYDAY=SA,SU",
    });
    const nightly = { startTime: "2025-01-01T01:00:00Z", endTime: "2025-01-01T05:00:00Z", recurrence: "FREQ=DAILY" };
    expect(clusterBlock({ maintenanceWindow: nightly }).maintenance_policy.recurring_window.recurrence).toBe("FREQ=DAILY");
  });

  it("is protected from deletion until told otherwise", () => {
    expect(clusterBlock().deletion_protection).toBe(true);
    expect(clusterBlock({ deletionProtection: false }).deletion_protection).toBe(false);
  });

  it("asks the provider for its project, which Workload Identity wants by name", () => {
    expect(clusterBlock().workload_identity_config.workload_pool).toMatch(
      /^\$\{data\.google_client_config\.\w+\.project\}\.svc\.id\.goog$/,
    );
    const stated = cluster({ project: "iot" });
    expect(stated.data).toBeUndefined();
    expect(resourceOf(stated, "google_container_cluster").workload_identity_config.workload_pool).toBe("iot.svc.id.goog");
    expect(resourceOf(stated, "google_project_iam_member").project).toBe("iot");
  });

  it("uses a network that exists and makes none then", () => {
    const synthesised = cluster({ network });
    expect(resourcesOf(synthesised, "google_compute_network")).toEqual([]);
    expect(resourceOf(synthesised, "google_container_cluster")).toMatchObject({
      network: "hub",
      subnetwork: "gke",
      ip_allocation_policy: { cluster_secondary_range_name: "gke-pods", services_secondary_range_name: "gke-services" },
    });
  });

  it("tells pools and stacks what they need", () => {
    const facts = resolved((stack) => {
      const made = new GkeCluster(stack, "Cluster", { ...required, project: "iot" });
      const { clusterName, location, project, kubernetesVersion, autopilot, nodeServiceAccount, endpoint, certificateAuthority } = made;
      return { clusterName, location, project, kubernetesVersion, autopilot, nodeServiceAccount, endpoint, certificateAuthority };
    });
    const of = (attribute: string) => new RegExp(`\\$\\{google_container_cluster\\.Cluster_\\w+\\.${attribute}\\}$`);
    expect(facts).toEqual({
      clusterName: expect.stringMatching(of("name")),
      location: "europe-west1",
      project: "iot",
      kubernetesVersion: "1.34",
      autopilot: false,
      nodeServiceAccount: expect.stringMatching(/google_service_account\.\w+\.email/),
      endpoint: expect.stringMatching(new RegExp(`^https://${of("endpoint").source}`)),
      certificateAuthority: expect.stringMatching(of("master_auth\\[0\\]\\.cluster_ca_certificate")),
    });
  });

  it("reaches the provider's resource as its default child", () => {
    const child = stackOf((stack) => new GkeCluster(stack, "Cluster", required)).node.findChild("Cluster").node.defaultChild;
    expect(child).toBeInstanceOf(ContainerCluster);
  });

  it("labels the cluster and its machines", () => {
    const synthesised = cluster({ tags: { team: "iot" } });
    expect(resourceOf(synthesised, "google_container_cluster").resource_labels).toEqual({ team: "iot" });
    expect(resourceOf(synthesised, "google_container_node_pool").node_config.resource_labels).toEqual({ team: "iot" });
  });

  it.each<[Partial<GkeClusterProps>, string]>([
    [{ kubernetesVersion: "1.200" }, "test/Cluster: 'kubernetesVersion' '1.200' does not exist"],
    [{ kubernetesVersion: token() }, "'kubernetesVersion' must be known at synth"],
    [
      { name: "MQTT" },
      "'name' must be 1 to 40 lower-case letters, digits and -, beginning with a letter and not ending with -, got 'MQTT'",
    ],
    [{ name: "m".repeat(41) }, "'name' must be 1 to 40"],
    [{ region: "europe-west1-b" }, "'region' must be a region such as europe-west1, got the zone 'europe-west1-b'"],
    [{ zones: [] }, "'zones' must name a zone at least, got none"],
    [{ zones: ["europe-west1-b", "europe-west1-b"] }, "'zones' names 'europe-west1-b' twice"],
    [{ zones: ["us-east1-b"] }, "'zones' must name zones of europe-west1, such as europe-west1-b, got 'us-east1-b'"],
    [{ controlPlaneCidr: "172.16.0.0/24" }, "'controlPlaneCidr' must have a prefix between /28 and /28, got '172.16.0.0/24'"],
    [{ controlPlaneCidr: "10.0.1.0/28" }, "'controlPlaneCidr' '10.0.1.0/28' overlaps 'nodeCidr' (10.0.0.0/20)"],
    [{ podCidr: "pods" }, "'podCidr' must be an IPv4 network such as 10.0.0.0/16, got 'pods'"],
    [{ network, podCidr: "10.4.0.0/14" }, "'podCidr' describes a new network, but 'network' names one that exists"],
    [{ publicAccessCidrs: ["office"] }, "'publicAccessCidrs' must be an IPv4 network"],
    [{ tags: { Team: "iot" } }, "'tags' must be lower-case letters, digits, - and _, at most 63"],
    [{ tags: { team: "IoT" } }, "got 'team' = 'IoT'"],
    [{ systemPool: { minNodes: -1 } }, "'systemPool.minNodes' must be a whole number of at least 1, got -1"],
    [{ systemPool: { maxNodes: 2 } }, "'systemPool.maxNodes' must be at least minNodes (3), got 2"],
  ])("refuses %j", (props, message) => {
    const error = refusal((stack) => new GkeCluster(stack, "Cluster", { ...required, ...props }));
    expect(error).toBeInstanceOf(InvalidPropsError);
    expect(error.message).toContain(message);
  });

  it("consists of these resources", () => {
    expect(billOfMaterials(cluster())).toEqual([
      "data google_client_config × 1",
      "google_compute_network × 1",
      "google_compute_router × 1",
      "google_compute_router_nat × 1",
      "google_compute_subnetwork × 1",
      "google_container_cluster × 1",
      "google_container_node_pool × 1",
      "google_project_iam_member × 1",
      "google_service_account × 1",
    ]);
  });
});

describe("GkeCluster.fromName()", () => {
  const lookup = { name: "theirs", location: "us-east1-b", kubernetesVersion: "1.32.5-gke.100" };

  it("asks Google for the cluster and makes nothing", () => {
    const synthesised = synthesise((stack) => GkeCluster.fromName(stack, "Theirs", { ...lookup, project: "iot" }));
    expect(billOfMaterials(synthesised)).toEqual(["data google_container_cluster × 1"]);
    expect(synthesised.data?.google_container_cluster?.Theirs).toMatchObject({ name: "theirs", location: "us-east1-b", project: "iot" });
  });

  it("yields references to what was found, and the stated version", () => {
    const found = resolved((stack) => GkeCluster.fromName(stack, "Theirs", { ...lookup, nodeServiceAccount: "nodes@iot" }));
    expect(found).toEqual({
      clusterName: "${data.google_container_cluster.Theirs.name}",
      location: "us-east1-b",
      kubernetesVersion: "1.32",
      autopilot: false,
      nodeServiceAccount: "nodes@iot",
      endpoint: "https://${data.google_container_cluster.Theirs.endpoint}",
      certificateAuthority: "${data.google_container_cluster.Theirs.master_auth[0].cluster_ca_certificate}",
    });
  });

  it("carries the word of its user that the cluster is an Autopilot one, for pools to refuse", () => {
    expect(resolved((stack) => GkeCluster.fromName(stack, "Theirs", { ...lookup, autopilot: true })).autopilot).toBe(true);
  });

  it("refuses a version that is none", () => {
    const error = refusal((stack) => GkeCluster.fromName(stack, "Theirs", { ...lookup, kubernetesVersion: "new" }));
    expect(error).toBeInstanceOf(InvalidPropsError);
    expect(error.message).toContain("'kubernetesVersion' 'new' is not a version");
  });
});

describe("GkeCluster.fromAttributes()", () => {
  const attributes = { clusterName: "theirs", location: "us-east1", kubernetesVersion: "1.31.1-gke.1", autopilot: true };

  it("passes on what it is told, the version as major.minor", () => {
    expect(GkeCluster.fromAttributes(attributes)).toEqual({ ...attributes, kubernetesVersion: "1.31" });
  });

  it("refuses a version that is none", () => {
    expect(() => GkeCluster.fromAttributes({ ...attributes, kubernetesVersion: "?" })).toThrow(TuningError);
  });
});
