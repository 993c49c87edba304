import { describe, expect, it } from "vitest";
import { GkeNodePool, type GkeNodePoolProps } from "../../lib/nodes/gke/gke-node-pool";
import { machineArchitecture } from "../../lib/nodes/gke/machine-type";
import { type Block, resourceOf, stackOf, synthesise } from "../support/synth";
import { describeNodePool } from "./node-pool.suite";

const CLUSTER = { clusterName: "prod", location: "europe-west1", kubernetesVersion: "1.34", autopilot: false };
const EFFECT: Record<string, string> = { NO_SCHEDULE: "NoSchedule", NO_EXECUTE: "NoExecute", PREFER_NO_SCHEDULE: "PreferNoSchedule" };

describeNodePool("GkeNodePool", {
  amd64: "n2-standard-8",
  arm64: "c4a-standard-8",
  armTaints: ["kubernetes.io/arch"],
  resourceType: "google_container_node_pool",
  build: (stack, id, options, kubernetesVersion) => new GkeNodePool(stack, id, { cluster: { ...CLUSTER, kubernetesVersion }, ...options }),
  read: (synthesised) => {
    const pool = resourceOf(synthesised, "google_container_node_pool");
    const node = pool.node_config;
    return {
      sysctls: node.linux_node_config.sysctls,
      allowList: node.kubelet_config.allowed_unsafe_sysctls,
      labels: node.labels,
      taints: node.taint.map((taint: Record<string, string>) => `${taint.key}=${taint.value}:${EFFECT[taint.effect ?? ""]}`).sort(),
      min: pool.autoscaling.total_min_node_count,
      max: pool.autoscaling.total_max_node_count,
      desired: pool.initial_node_count * 3,
      machineType: node.machine_type,
      diskGiB: node.disk_size_gb,
      spot: node.spot,
      surge: pool.upgrade_settings.max_surge,
      tags: node.resource_labels,
    };
  },
});

function pool(props: Partial<GkeNodePoolProps> = {}): Block {
  return resourceOf(
    synthesise((stack) => {
      new GkeNodePool(stack, "Pool", { cluster: CLUSTER, machineType: "n2-standard-8", ...props });
    }),
    "google_container_node_pool",
  );
}

function refused(props: Partial<GkeNodePoolProps>): () => void {
  return () => stackOf((stack) => new GkeNodePool(stack, "Pool", { cluster: CLUSTER, machineType: "n2-standard-8", ...props }));
}

describe("GkeNodePool", () => {
  it("refuses an Autopilot cluster, which has no node pools", () => {
    expect(refused({ cluster: { ...CLUSTER, autopilot: true } })).toThrow(/'cluster' 'prod' runs in Autopilot.*use a Standard cluster/);
  });

  it("spreads the first nodes over the named zones", () => {
    const zones = ["europe-west1-b", "europe-west1-c"];
    expect(pool({ zones, minNodes: 4 })).toMatchObject({ node_locations: zones, initial_node_count: 2 });
  });

  it("tolerates the taint that GKE puts on Arm nodes but does not state it", () => {
    let tolerations: readonly { key: string }[] = [];
    const block = resourceOf(
      synthesise((stack) => {
        ({ tolerations } = new GkeNodePool(stack, "Pool", { cluster: CLUSTER, machineType: "c4a-standard-8" }));
      }),
      "google_container_node_pool",
    );
    expect(tolerations.map(({ key }) => key)).toEqual(["dedicated", "kubernetes.io/arch"]);
    expect(block.node_config.taint.map(({ key }: Record<string, string>) => key)).toEqual(["dedicated"]);
  });

  it("never lowers fs.file-max and keeps new nodes shielded", () => {
    expect(pool().node_config.linux_node_config.sysctls).not.toHaveProperty("fs.file-max");
    expect(pool().node_config.shielded_instance_config).toEqual({ enable_integrity_monitoring: true, enable_secure_boot: true });
  });

  it("refuses a name that GKE would refuse", () => {
    expect(refused({ name: "Broker" })).toThrow(/'name' is 'Broker'; a pool's name is a small letter/);
  });

  it.each([
    ["n2-standard-8", "amd64"],
    ["c4a-standard-8", "arm64"],
    ["t2a-standard-4", "arm64"],
    ["n2-custom-8-32768", "amd64"],
    ["e2-medium", "amd64"],
    ["Standard_D8s_v6", undefined],
    ["", undefined],
  ])("reads the architecture of '%s' as %s", (machineType, architecture) => {
    expect(machineArchitecture(machineType)).toBe(architecture);
  });
});
