import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TerraformStack } from "cdktf";
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { parsePasswordHash } from "../../broker/src/auth/password-hash";
import { hashWith } from "../../broker/src/auth/password-hashing";
import { ExistingNodePool } from "../../lib/nodes/existing-node-pool";
import { CompanionRelease } from "../../lib/release/companion-release";
import { drainSeconds } from "../../lib/release/drain-time";
import { GeneratedSecret } from "../../lib/release/generated-secret";
import { NatsRelease } from "../../lib/release/nats-release";
import type { Block } from "../support/synth";
import { requireTool } from "../support/tools";
import { POOL_NAMES, POOLS, type PoolName } from "./pools";
import { buildOn, type Place, valuesOf } from "./releases";

const INSTALL = "go install helm.sh/helm/v3/cmd/helm@v3.19.2";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "helm-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What real Helm makes of a chart of ours with a release's synthesised values. */
function render(context: TestContext, chart: string, name: string, values: Block): Block[] {
  const helm = requireTool(context, "helm", INSTALL);
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(values));
  const args = ["template", name, join("broker/charts", chart), "--namespace", "mqtt", "--values", file, "--kube-version", "1.34.0"];
  const text = execFileSync(helm, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: 64 * 1_048_576 });
  return parseAllDocuments(text).flatMap((document) => document.toJS() ?? []);
}

const objectOf = (objects: readonly Block[], kind: string, name?: string): Block =>
  objects.find((object) => object.kind === kind && (name === undefined || object.metadata.name === name))!;

const existing = (stack: TerraformStack) => new ExistingNodePool(stack, "Pool", { kubernetesVersion: "1.34" });
const KINDS = [...POOL_NAMES, "existing nodes"] as const;
const poolOf = (kind: (typeof KINDS)[number]) => (kind === "existing nodes" ? existing : POOLS[kind as PoolName]);

/** NATS, users and three brokers, as the stacks have them. */
const deployed = ({ stack, pool, namespace }: Place) =>
  new CompanionRelease(stack, "Broker", {
    pool,
    namespace,
    nats: new NatsRelease(stack, "Nats", { pool, namespace }),
    users: {
      secret: new GeneratedSecret(stack, "Users", {
        namespace,
        name: "mqttd-users",
        passwords: { password: 32 },
        userFiles: { users: { mqtt: "password" } },
      }),
      key: "users",
    },
    listeners: ["mqtt", "ws"],
  });

describe.each(KINDS)("real Helm with the values for %s", (kind) => {
  const { pool, made, releases } = buildOn(poolOf(kind), deployed);

  it("renders brokers that set the plan's sysctls on the pool's nodes, with the doctor before them", (context) => {
    const objects = render(context, "mqttd", "mqttd", valuesOf(releases.get("mqttd")));
    const { replicas, template } = objectOf(objects, "StatefulSet").spec;
    expect(replicas).toBe(3);
    expect(template.spec.securityContext.sysctls ?? []).toEqual(made.pod.sysctls);
    expect(template.spec.nodeSelector ?? {}).toEqual(pool.nodeSelector);
    expect(template.spec.tolerations ?? []).toEqual(pool.tolerations);
    expect(template.spec.affinity.nodeAffinity).toBeDefined();
    expect(template.spec.initContainers.map(({ name }: Block) => name)).toContain("doctor");
    expect(template.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(75);
  });

  it("renders a Service and an admin Service by the names that the outputs use", (context) => {
    const objects = render(context, "mqttd", "mqttd", valuesOf(releases.get("mqttd")));
    const service = objectOf(objects, "Service", "mqttd");
    expect(service.spec.type).toBe(kind === "existing nodes" ? "ClusterIP" : "LoadBalancer");
    expect(service.spec.ports.map(({ port }: Block) => port).sort()).toEqual(Object.values(made.ports).sort());
    expect(made.host).toBe(`${service.metadata.name}.mqtt.svc`);
    const [, admin = ""] = /service\/(\S+)/.exec(made.dashboardCommand) ?? [];
    expect(objectOf(objects, "Service", admin).spec.ports[0].port).toBe(18083);
    const [, secret = "", key = ""] = /get secret (\S+) .*\.data\.(\w+)/.exec(made.dashboardSecretCommand) ?? [];
    expect(objectOf(objects, "Secret", secret).data).toHaveProperty([key]);
  });

  it("renders the namespace with what its pods need admitted", (context) => {
    const objects = render(context, "namespace", "mqtt-namespace", valuesOf(releases.get("mqtt-namespace")));
    const labels = objectOf(objects, "Namespace", "mqtt").metadata.labels;
    expect(labels["pod-security.kubernetes.io/enforce"]).toBe(kind === "existing nodes" ? "restricted" : "privileged");
  });

  it("renders Secrets with the keys that NATS and the broker read", (context) => {
    const nats = objectOf(render(context, "generated-secret", "nats-credentials", valuesOf(releases.get("nats-credentials"))), "Secret");
    const text = (key: string) => Buffer.from(nats.data[key], "base64").toString();
    expect(text("user")).toBe("mqttd");
    expect(text("password")).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(text("nats")).toBe(`mqttd:${text("password")}`);
    const users = objectOf(render(context, "generated-secret", "mqttd-users", valuesOf(releases.get("mqttd-users"))), "Secret");
    expect(Buffer.from(users.data.users, "base64").toString()).toMatch(/^mqtt:\$6\$[A-Za-z0-9+/=]+\$[0-9a-f]{128}\n$/);
  });
});

describe("real Helm with the values for a load balancer that sends PROXY headers", () => {
  it("renders a port without them for clients in the cluster, by the name and number that load tests use", (context) => {
    const { made, releases } = buildOn("EKS, AL2023", ({ stack, pool, namespace }) => {
      const service = { awsController: "aws-load-balancer-controller" } as const;
      return new CompanionRelease(stack, "Broker", { pool, namespace, service, users: { secret: "u", key: "users" } });
    });
    const objects = render(context, "mqttd", "mqttd", valuesOf(releases.get("mqttd")));
    const [name] = made.host.split(".");
    const { ports } = objectOf(objects, "Service", name).spec;
    const { metadata, spec } = objectOf(objects, "StatefulSet");
    expect(made.podHosts).toEqual([`${metadata.name}-0.${spec.serviceName}.${metadata.namespace}.svc`]);
    const { name: listener } = ports.find(({ port }: Block) => port === made.ports.mqtt);
    const { listeners } = parse(objectOf(objects, "ConfigMap", "mqttd").data["mqttd.yaml"]);
    expect(listeners.map(({ name, proxyProtocol = false }: Block) => [name, proxyProtocol])).toEqual([
      ["mqtt", true],
      [listener, false],
    ]);
  });
});

describe("how long real Helm lets a pod end", () => {
  it.for([
    [50_000, 1_000],
    [10, 1_000],
    [1_000_000, 3_333],
    [120_000, 1_100],
    [777_777, 777],
    [10_000, 1_000_000],
  ] as const)("is what the drain is reckoned to take: %i connections at %i a second", ([connectionsPerPod, drainRate], context) => {
    const { releases } = buildOn("GKE", ({ stack, pool, namespace }) => {
      return new CompanionRelease(stack, "Broker", { pool, namespace, allowAnonymous: true, connectionsPerPod, drainRate });
    });
    const objects = render(context, "mqttd", "mqttd", valuesOf(releases.get("mqttd")));
    const { terminationGracePeriodSeconds } = objectOf(objects, "StatefulSet").spec.template.spec;
    expect(terminationGracePeriodSeconds).toBe(drainSeconds(connectionsPerPod, { disconnectRate: drainRate }));
  });
});

describe("the pods of the same release on all four pools", () => {
  it("are rendered equal but for the sysctls, which the report tells apart", (context) => {
    const pods = POOL_NAMES.map((name) => {
      const { releases } = buildOn(name, (place) => {
        const { stack, pool, namespace } = place;
        return new CompanionRelease(stack, "Broker", {
          pool,
          namespace,
          users: { secret: "u", key: "users" },
          service: { type: "ClusterIP" },
        });
      });
      const { template } = objectOf(render(context, "mqttd", "mqttd", valuesOf(releases.get("mqttd"))), "StatefulSet").spec;
      const { sysctls, ...securityContext } = template.spec.securityContext;
      return { spec: { ...template.spec, securityContext }, sysctls };
    });
    for (const { spec } of pods) expect(spec).toEqual(pods[0]!.spec);
    expect(new Set(pods.map(({ sysctls }) => JSON.stringify(sysctls))).size).toBe(2);
  });
});

describe("the chart generated-secret", () => {
  it("passes helm lint --strict", (context) => {
    const helm = requireTool(context, "helm", INSTALL);
    const args = ["lint", "--strict", "broker/charts/generated-secret", "--set", "name=s,passwords.password=24"];
    expect(execFileSync(helm, args, { encoding: "utf8" })).toContain("0 chart(s) failed");
  });

  it.for([
    ["passwords.password=8", "password"],
    ["colour=red", "colour"],
    ["texts.key=2", "key"],
  ] as const)("refuses %s by its schema", ([set, place], context) => {
    const helm = requireTool(context, "helm", INSTALL);
    const args = ["template", "s", "broker/charts/generated-secret", "--set", `name=s,passwords.a=24,${set}`];
    expect(() => execFileSync(helm, args, { encoding: "utf8", stdio: "pipe" })).toThrow(place);
  });
});

describe("a generated password file", () => {
  it("is taken by the broker's own reader, for the password beside it", async (context) => {
    const values = { name: "s", passwords: { password: 24 }, userFiles: { users: { mqtt: "password" } } };
    const { data } = objectOf(render(context, "generated-secret", "s", values), "Secret");
    const [, line = ""] = Buffer.from(data.users, "base64").toString().trim().split("mqtt:");
    const kept = parsePasswordHash(line)!;
    const hashed = await hashWith(kept, Buffer.from(data.password, "base64"));
    expect(hashed.equals(kept.hash)).toBe(true);
  });

  it("is refused for a password that is not made", (context) => {
    const values = { name: "s", passwords: { password: 24 }, userFiles: { users: { mqtt: "pasword" } } };
    expect(() => render(context, "generated-secret", "s", values)).toThrow("userFiles.users.mqtt is 'pasword'; name one of passwords");
  });
});
