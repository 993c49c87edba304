import { describe, expect, it } from "vitest";
import { ExistingNodePool } from "../../lib/nodes/existing-node-pool";
import { NatsRelease, type NatsReleaseProps } from "../../lib/release/nats-release";
import type { PoolName } from "./pools";
import { buildOn, type Place, refusalOn, valuesOf } from "./releases";

const nats =
  (props: Partial<NatsReleaseProps> = {}) =>
  ({ stack, pool, namespace }: Place) =>
    new NatsRelease(stack, "Nats", { pool, namespace, ...props });

const values = (pool: PoolName, props: Partial<NatsReleaseProps> = {}) => valuesOf(buildOn(pool, nats(props)).releases.get("nats"));
const spec = (pool: PoolName, props?: Partial<NatsReleaseProps>) => values(pool, props).podTemplate.merge.spec;

const natsPool = ({ stack }: Place) =>
  new ExistingNodePool(stack, "NatsPool", {
    kubernetesVersion: "1.34",
    labels: { dedicated: "nats" },
    taints: [{ key: "dedicated", value: "nats", effect: "NoSchedule" }],
  });

describe("NatsRelease", () => {
  it("is the official chart with three servers, JetStream in files and a bounded store", () => {
    const { releases } = buildOn("GKE", nats());
    expect(releases.get("nats")).toMatchObject({
      chart: "nats",
      repository: "https://nats-io.github.io/k8s/helm/charts/",
      version: "1.2.8",
    });
    expect(values("GKE")).toMatchObject({
      config: {
        cluster: { enabled: true, replicas: 3 },
        jetstream: { fileStore: { maxSize: "46080Mi", pvc: { enabled: true, size: "50Gi" } }, memoryStore: { enabled: false } },
      },
      container: { image: { tag: "2.15.2-alpine" } },
    });
    expect(values("GKE", { storageClass: "premium-rwo" }).config.jetstream.fileStore.pvc.storageClassName).toBe("premium-rwo");
  });

  it.each([
    ["EKS, AL2023", { key: "CriticalAddonsOnly", operator: "Exists" }],
    ["AKS", { key: "CriticalAddonsOnly", operator: "Exists" }],
    ["GKE", { key: "components.gke.io/gke-managed-components", operator: "Equal", value: "true", effect: "NoSchedule" }],
  ] as const)("tolerates the system pool of %s and not the brokers'", (pool, toleration) => {
    expect(spec(pool).tolerations).toEqual([toleration]);
    expect(spec(pool).nodeSelector).toBeUndefined();
  });

  it("goes to a pool of its own where one is named", () => {
    const built = buildOn("GKE", (place) => nats({ nodes: natsPool(place) })(place));
    const own = valuesOf(built.releases.get("nats")).podTemplate.merge.spec;
    expect(own.nodeSelector).toEqual({ dedicated: "nats" });
    expect(own.tolerations).toEqual([{ key: "dedicated", operator: "Equal", value: "nats", effect: "NoSchedule" }]);
    expect(own.affinity).toHaveProperty("nodeAffinity");
  });

  it("spreads over machines and zones, and keeps servers apart", () => {
    expect(values("GKE").podTemplate.topologySpreadConstraints).toEqual({
      "kubernetes.io/hostname": { maxSkew: 1, whenUnsatisfiable: "DoNotSchedule" },
      "topology.kubernetes.io/zone": { maxSkew: 1, whenUnsatisfiable: "ScheduleAnyway" },
    });
    expect(spec("GKE").affinity).toHaveProperty("podAntiAffinity");
  });

  it("reads user and password from a Secret whose password the cluster makes", () => {
    const { releases, made } = buildOn("GKE", nats());
    expect(valuesOf(releases.get("nats-credentials"))).toMatchObject({
      passwords: { password: 32 },
      texts: { user: "mqttd", nats: "mqttd:<password>" },
    });
    expect(values("GKE").container.env.NATS_PASSWORD).toEqual({
      valueFrom: { secretKeyRef: { name: "nats-credentials", key: "password" } },
    });
    expect(values("GKE").config.merge.authorization).toEqual({ user: "<< $NATS_USER >>", password: "<< $NATS_PASSWORD >>" });
    expect(made.credentialsSecret).toBe("nats-credentials");
    const own = buildOn("GKE", nats({ credentialsSecret: "mine" }));
    expect([...own.releases.keys()]).toEqual(["mqtt-namespace", "nats"]);
  });

  it("keeps Go's heap below the memory limit", () => {
    expect(values("GKE", { memory: "4Gi" }).container).toMatchObject({
      env: { GOMEMLIMIT: "3686MiB" },
      merge: { resources: { limits: { memory: "4Gi" }, requests: { memory: "4Gi" } } },
    });
  });

  it("fits a restricted namespace", () => {
    expect(spec("GKE").securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
    for (const container of [values("GKE").container, values("GKE").reloader]) {
      expect(container.merge.securityContext).toMatchObject({ allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } });
    }
  });

  it("is one server without a cluster for trying it out", () => {
    expect(values("GKE", { replicas: 1 }).config.cluster).toEqual({ enabled: false });
  });

  it.each([
    [{ replicas: 2 as 3 }, "'replicas' is 2; write 1, 3 or 5"],
    [{ serverVersion: "2.10.29" }, "'serverVersion' is '2.10.29'; write a version from 2.11.0 on"],
    [{ serverVersion: "latest" }, "'serverVersion' is 'latest'"],
    [{ disk: "50GB" as "50Gi" }, "'disk' is '50GB'; write a whole number of Mi, Gi or Ti"],
    [{ memory: "1Mi" as const }, "'memory' is '1Mi'"],
  ])("refuses %j", (props, message) => {
    expect(refusalOn("GKE", nats(props))).toContain(message);
  });

  it("merges values last", () => {
    expect(
      values("GKE", { values: { config: { jetstream: { memoryStore: { enabled: true } } }, natsBox: { enabled: true } } }),
    ).toMatchObject({
      config: { jetstream: { memoryStore: { enabled: true }, fileStore: { enabled: true } } },
      natsBox: { enabled: true },
    });
  });
});
