import { App, type TerraformStack, Testing } from "cdktf";
import { describe, expect, it } from "vitest";
import { tuningReports } from "../../lib";
import { AksStack } from "../../stacks/aks";
import { BrokersStack } from "../../stacks/brokers";
import { EksStack } from "../../stacks/eks";
import { GkeStack } from "../../stacks/gke";
import { readSettings } from "../../stacks/settings";
import { type Block, billOfMaterials, resourcesOf, type SynthesisedStack } from "../support/synth";

const CLOUDS = { eks: EksStack, aks: AksStack, gke: GkeStack } as const;
type Cloud = keyof typeof CLOUDS;
const NAMES = Object.keys(CLOUDS) as Cloud[];

interface Built {
  readonly app: App;
  readonly cluster: SynthesisedStack;
  readonly brokers: SynthesisedStack;
  readonly dependencies: readonly TerraformStack[];
}

/** A cluster's stack and its brokers', as the application builds them. */
function build(cloud: Cloud, context: object = {}): Built {
  const settings = readSettings(context, {});
  const app = new App();
  const cluster = new CLOUDS[cloud](app, cloud, settings);
  const brokers = new BrokersStack(app, `${cloud}-brokers`, settings, cluster);
  for (const stack of [cluster, brokers]) stack.prepareStack();
  // Synthesised first, so that the cluster's stack gets the outputs that it refers to.
  const synthesised = JSON.parse(Testing.synth(brokers, false));
  return { app, cluster: JSON.parse(Testing.synth(cluster, false)), brokers: synthesised, dependencies: brokers.dependencies };
}

const release = ({ brokers }: Built, name: string): Block => resourcesOf(brokers, "helm_release").find((block) => block.name === name)!;
const valuesOf = (built: Built, name: string): Block => JSON.parse(release(built, name).values[0]);
const kubernetesOf = ({ brokers }: Built): Block => (brokers.provider as { helm: Block[] }).helm[0]!.kubernetes;

describe.each(NAMES)("BrokersStack on %s with default settings", (cloud) => {
  const built = build(cloud);

  it("makes a namespace, users, NATS with its credentials, and the broker", () => {
    expect(billOfMaterials(built.brokers)).toEqual(["data terraform_remote_state × 1", "helm_release × 5"]);
    expect(resourcesOf(built.brokers, "helm_release").map(({ name }) => name)).toEqual(
      expect.arrayContaining(["mqtt-namespace", "mqttd-users", "nats-credentials", "nats", "mqttd"]),
    );
  });

  it("comes after the cluster's stack, and reads where the cluster is from that one's state", () => {
    expect(built.dependencies.map(({ node }) => node.id)).toEqual([cloud]);
    const { host, cluster_ca_certificate } = kubernetesOf(built);
    const output = /^\$\{(?:base64decode\()?data\.terraform_remote_state\.cross-stack-reference-input-\w+\.outputs\.([\w-]+)\)?\}$/;
    for (const reference of [host, cluster_ca_certificate]) {
      const [, name = "none"] = output.exec(String(reference).replace("https://", "")) ?? [];
      expect(Object.keys(built.cluster.output ?? {})).toContain(name);
    }
  });

  it("signs in by a program and keeps no token, certificate or key", () => {
    const kubernetes = kubernetesOf(built);
    expect(Object.keys(kubernetes).sort()).toEqual(["cluster_ca_certificate", "exec", "host"]);
    expect(kubernetes.exec.api_version).toBe("client.authentication.k8s.io/v1beta1");
    expect([kubernetes.exec.command, ...kubernetes.exec.args.slice(0, 1)]).toEqual(
      { eks: ["aws", "eks"], aks: ["kubelogin", "get-token"], gke: ["gke-gcloud-auth-plugin", "--use_application_default_credentials"] }[
        cloud
      ],
    );
    expect(JSON.stringify(built.brokers)).not.toMatch(/client_key|client_certificate|"token"|admin_password/);
  });

  it("says how to reach the broker, its dashboard and its user's password", () => {
    expect(built.brokers.output).toMatchObject({
      endpoint_command: { value: expect.stringContaining("get service mqttd") },
      dashboard_command: { value: "kubectl --namespace mqtt port-forward service/mqttd-admin 18083:18083" },
      dashboard_secret_command: { value: expect.stringContaining("get secret mqttd-admin --output jsonpath='{.data.token}'") },
      password_command: { value: expect.stringContaining("get secret mqttd-users") },
    });
  });

  it("lets the generated user in, and nobody else", () => {
    expect(valuesOf(built, "mqttd").auth).toEqual({
      allowAnonymous: false,
      users: { existingSecret: "mqttd-users", existingSecretKey: "users" },
    });
    expect(release(built, "mqttd").depends_on.join()).toContain("helm_release.Users_");
  });

  it("shows what it renders in the report of the cluster's stack", () => {
    const [report, ...others] = tuningReports(built.app);
    expect(others).toEqual([]);
    expect(report?.pools[0]?.releases).toEqual([
      { path: `${cloud}-brokers/Broker`, connectionsPerPod: 50_000, sysctls: report?.pools[0]?.tuning.podSysctls },
    ]);
  });
});

describe("BrokersStack's state", () => {
  it.each([
    [{ type: "s3", bucket: "state", region: "eu-central-1" }, { key: "cdktf-broker-pools/eks.tfstate" }],
    [{ type: "gcs", bucket: "state" }, { prefix: "cdktf-broker-pools/eks" }],
    [
      { type: "azurerm", resourceGroup: "rg", storageAccount: "sa", container: "tf" },
      { key: "cdktf-broker-pools/eks.tfstate", storage_account_name: "sa" },
    ],
  ])("reads the cluster's from the same backend: %j", (backend, config) => {
    const { data } = build("eks", { backend }).brokers;
    expect(Object.values(data?.terraform_remote_state ?? {})).toMatchObject([{ backend: backend.type, config }]);
  });
});

describe("BrokersStack's settings", () => {
  it("choose namespace, size, listeners, TLS and the Service", () => {
    const built = build("eks", {
      release: {
        namespace: "brokers",
        replicas: 12,
        connectionsPerPod: 80_000,
        runtime: "node",
        listeners: ["mqtts", "wss"],
        certificateIssuer: "letsencrypt",
        hostNames: ["mqtt.example"],
        public: true,
        awsController: "aws-load-balancer-controller",
        settings: { log: { level: "warn" } },
        values: { minReadySeconds: 30 },
      },
    });
    expect(valuesOf(built, "mqttd")).toMatchObject({
      replicaCount: 12,
      connectionsPerPod: 80_000,
      runtime: "node",
      cloud: "aws",
      service: { internal: false },
      listeners: { mqtt: { enabled: false }, mqtts: { enabled: true }, wss: { enabled: true } },
      tls: { certManager: { enabled: true, issuerRef: { name: "letsencrypt", kind: "ClusterIssuer" }, dnsNames: ["mqtt.example"] } },
      config: { log: { level: "warn" } },
      minReadySeconds: 30,
    });
    expect(release(built, "mqttd").namespace).toBe("brokers");
  });

  it("choose an image of one's own", () => {
    const image = (text: string) => valuesOf(build("gke", { release: { image: text } }), "mqttd");
    expect(image("example/mqttd:1.2.3")).toMatchObject({
      image: { repository: "example/mqttd", tag: "1.2.3" },
      bundle: { enabled: false },
    });
    const digest = `sha256:${"a".repeat(64)}`;
    expect(image(`example/mqttd@${digest}`).image).toMatchObject({ repository: "example/mqttd", digest });
  });

  it("choose NATS servers that are there, or a lone broker with a disk", () => {
    const own = build("gke", { release: { nats: ["nats://nats.example:4222"], natsSecret: "nats-user" } });
    expect(valuesOf(own, "mqttd").nats).toMatchObject({
      servers: ["nats://nats.example:4222"],
      credentials: { existingSecret: "nats-user" },
    });
    expect(resourcesOf(own.brokers, "helm_release").map(({ name }) => name)).not.toContain("nats");
    const lone = build("gke", { release: { nats: "none", replicas: 1, storageClass: "premium-rwo" } });
    expect(valuesOf(lone, "mqttd")).toMatchObject({ replicaCount: 1, persistence: { enabled: true, storageClass: "premium-rwo" } });
  });

  it("choose users of one's own, or everyone", () => {
    const own = build("gke", { release: { usersSecret: "people", aclSecret: "rules" } });
    expect(valuesOf(own, "mqttd").auth).toMatchObject({ users: { existingSecret: "people" }, acl: { existingSecret: "rules" } });
    expect(own.brokers.output).not.toHaveProperty("password_command");
    expect(valuesOf(build("gke", { release: { allowAnonymous: true } }), "mqttd").auth).toEqual({ allowAnonymous: true });
  });

  it("choose EMQX instead, with its own chart", () => {
    const built = build("gke", { release: { broker: "emqx", connectionsPerPod: 300_000 } });
    expect(release(built, "emqx")).toMatchObject({ chart: "emqx", version: "5.8.9" });
    expect(valuesOf(built, "emqx").emqxConfig.EMQX_LISTENERS__TCP__DEFAULT__MAX_CONNECTIONS).toBe("300000");
    expect(built.brokers.output?.dashboard_command?.value).toContain("port-forward pod/emqx-0");
  });

  it.each([
    [{ replicas: 2, nats: "none" }, "release.replicas is 2; without NATS brokers know nothing of each other"],
    [{ listeners: ["wss"] }, 'release.listeners is ["wss"]; mqtts and wss need a certificate'],
    [{ listeners: ["mqtts"], tlsSecret: "a", certificateIssuer: "b" }, "release.tlsSecret is another certificate"],
    [{ natsSecret: "a" }, 'release.natsSecret is "a"; it is for servers of your own'],
    [{ allowAnonymous: true, usersSecret: "a" }, "release.usersSecret then keeps nobody out"],
    [{ broker: "emqx", emqx: { edition: "enterprise" } }, "release.emqx.licenceSecret is not set; more than one node"],
    [{ natsDisk: "50GB" }, 'release.natsDisk is "50GB"; it takes a whole number of Mi, Gi or Ti'],
    [{ nats: "maybe" }, 'release.nats is "maybe"; it takes "deploy" to run NATS'],
    [{ image: "example/mqttd" }, 'release.image is "example/mqttd"; it takes an image that has the broker in it, with its version'],
    [{ broker: "mosquitto" }, 'release.broker is "mosquitto"; it takes companion'],
  ])("refuse %j", (settings, message) => {
    expect(() => readSettings({ release: settings }, {})).toThrow(message);
  });

  it("say in the broker's words what its schema does not take", () => {
    expect(() => build("gke", { release: { settings: { mqtt: { maxPacketBites: 1 } } } })).toThrow(
      "'config.mqtt.maxPacketBites' is no value of it",
    );
  });
});

describe("a cluster that exists", () => {
  it("is found by name in its stack, and signed in to in the same way", () => {
    const built = build("aks", { aks: { existingCluster: true, clusterName: "fleet", resourceGroup: "brokers" } });
    expect(kubernetesOf(built).exec.command).toBe("kubelogin");
    expect(Object.keys(built.cluster.output ?? {}).filter((name) => name.startsWith("cross-stack"))).toHaveLength(2);
  });
});
