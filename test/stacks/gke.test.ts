import { describe, expect, it } from "vitest";
import { TuningError } from "../../lib";
import { GkeStack } from "../../stacks/gke";
import { type Block, billOfMaterials, resourceOf, resourcesOf, type SynthesisedStack } from "../support/synth";
import { build, readable } from "./support";

const gke = (context: object = {}) => build(GkeStack, "gke", context);

function poolOf(stack: SynthesisedStack): Block {
  return resourcesOf(stack, "google_container_node_pool").find(({ name }) => name === "broker")!;
}

describe("GkeStack with default settings", () => {
  const stack = gke();

  it("makes a network with a way out, a cluster, an identity for nodes, a system pool and a broker pool", () => {
    expect(billOfMaterials(stack)).toEqual([
      "data google_client_config × 1",
      "google_compute_network × 1",
      "google_compute_router × 1",
      "google_compute_router_nat × 1",
      "google_compute_subnetwork × 1",
      "google_container_cluster × 1",
      "google_container_node_pool × 2",
      "google_project_iam_member × 1",
      "google_service_account × 1",
    ]);
  });

  it("works in the region of the settings and names the cluster by them", () => {
    expect(stack.provider).toEqual({ google: [{ region: "europe-west1" }] });
    expect(resourceOf(stack, "google_container_cluster")).toMatchObject({
      name: "mqtt",
      location: "europe-west1",
      min_master_version: "1.34",
    });
  });

  it("attaches the pool to the cluster, over the region's zones, with the nodes' own identity", () => {
    const pool = poolOf(stack);
    expect(pool.cluster).toMatch(/^\$\{google_container_cluster\.Cluster_\w+\.name\}$/);
    expect(pool).toMatchObject({
      location: "europe-west1",
      initial_node_count: 1,
      autoscaling: { total_min_node_count: 3, total_max_node_count: 6 },
      upgrade_settings: { max_surge: 1 },
      node_config: { machine_type: "n2-standard-8", disk_size_gb: 50, spot: false },
    });
    expect(pool.node_config.service_account).toContain("google_service_account.Cluster_NodeIdentity_");
  });

  it("tunes it by linux_node_config and the kubelet's allow-list as planned", () => {
    const { linux_node_config, kubelet_config } = poolOf(stack).node_config;
    expect(linux_node_config.sysctls).toMatchObject({ "fs.nr_open": "2097152", "net.core.somaxconn": "32768" });
    expect(linux_node_config.sysctls).toEqual(Object.fromEntries(stack.pool.tuning.node.map(({ name, value }) => [name, value])));
    expect(kubelet_config.allowed_unsafe_sysctls).toEqual(stack.pool.tuning.allowedUnsafeSysctls);
    expect(kubelet_config.allowed_unsafe_sysctls).toContain("net.ipv4.tcp_max_syn_backlog");
  });

  it("says how to reach the cluster", () => {
    expect(stack.output).toEqual({
      cluster_name: { value: expect.stringMatching(/^\$\{google_container_cluster\.Cluster_\w+\.name\}$/) },
      kubeconfig_command: { value: "gcloud container clusters get-credentials mqtt --location europe-west1" },
    });
  });

  it("is what was reviewed", async () => {
    await expect(readable(stack)).toMatchFileSnapshot("./__snapshots__/gke.json");
  });
});

describe("GkeStack in a cluster that exists", () => {
  const existing = { existingCluster: true, clusterName: "fleet", location: "us-central1", project: "my-project" };
  const stack = gke({ gke: existing });

  it("makes the pool alone", () => {
    expect(billOfMaterials(stack)).toEqual(["data google_container_cluster × 1", "google_container_node_pool × 1"]);
  });

  it("finds the cluster by name, location and project", () => {
    expect(Object.values(stack.data?.google_container_cluster ?? {})).toMatchObject([
      { name: "fleet", location: "us-central1", project: "my-project" },
    ]);
    expect(poolOf(stack)).toMatchObject({
      cluster: "${data.google_container_cluster.Cluster.name}",
      location: "us-central1",
      project: "my-project",
    });
    expect(stack.output?.kubeconfig_command?.value).toBe(
      "gcloud container clusters get-credentials fleet --location us-central1 --project my-project",
    );
  });

  it("may be in one zone", () => {
    const zonal = gke({ gke: { ...existing, location: "us-central1-a" } });
    expect(poolOf(zonal).location).toBe("us-central1-a");
  });
});

describe("GkeStack's settings", () => {
  it("choose project, machine, disk, zones and sizes", () => {
    const stack = gke({
      minNodes: 2,
      maxNodes: 10,
      desiredNodes: 4,
      surge: 2,
      gke: { project: "my-project", machineType: "c4a-standard-8", diskGiB: 100, zones: ["europe-west1-b", "europe-west1-c"] },
    });
    expect(stack.provider).toEqual({ google: [{ project: "my-project", region: "europe-west1" }] });
    expect(stack.pool.architecture).toBe("arm64");
    expect(poolOf(stack)).toMatchObject({
      project: "my-project",
      node_locations: ["europe-west1-b", "europe-west1-c"],
      initial_node_count: 2,
      autoscaling: { total_min_node_count: 2, total_max_node_count: 10 },
      upgrade_settings: { max_surge: 2 },
      node_config: { machine_type: "c4a-standard-8", disk_size_gb: 100 },
    });
    expect(resourceOf(stack, "google_container_cluster").node_locations).toEqual(["europe-west1-b", "europe-west1-c"]);
    expect(billOfMaterials(stack)).not.toContain("data google_client_config × 1");
  });

  it("state the Kubernetes version once for cluster and plan; nodes follow the control plane", () => {
    const stack = gke({ kubernetesVersion: "1.33" });
    expect(resourceOf(stack, "google_container_cluster").min_master_version).toBe("1.33");
    expect(stack.pool.tuning.kubernetesVersion).toBe("1.33");
    expect(poolOf(stack).management.auto_upgrade).toBe(true);
  });

  it("make spot nodes wherever there are any", () => {
    const pool = poolOf(gke({ gke: { spot: true } }));
    expect(pool.node_config.spot).toBe(true);
    expect(pool.autoscaling.location_policy).toBe("ANY");
  });

  it("are refused by the plan for brokers on the node's network: GKE cannot set what the profile requires there", () => {
    expect(() => gke({ hostNetwork: true })).toThrow(TuningError);
    expect(() => gke({ hostNetwork: true })).toThrow("required 'net.ipv4.tcp_max_syn_backlog' = 16384 cannot be had on 'gke-cos'");
  });

  it("label pools and cluster with the tags", () => {
    const stack = gke({ tags: { team: "iot" } });
    expect(resourceOf(stack, "google_container_cluster").resource_labels).toEqual({ team: "iot" });
    const pools = resourcesOf(stack, "google_container_node_pool");
    expect(pools.map((pool) => pool.node_config.resource_labels)).toEqual([{ team: "iot" }, { team: "iot" }]);
  });
});
