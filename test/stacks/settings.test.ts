import { describe, expect, it } from "vitest";
import { planTuning, SysctlProfile } from "../../lib";
import { SETTING_PLACES } from "../../stacks/environment";
import { type CheckedSettings, readSettings, SettingsError } from "../../stacks/settings";

/** Every problem of settings that cannot be read. */
function problemsOf(context: unknown, environment: NodeJS.ProcessEnv = {}): readonly string[] {
  try {
    readSettings(context, environment);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  throw new Error("the settings were taken");
}

/** JSON as cdktf reads it, where `__proto__` is a name like any other. */
const json = (text: string): unknown => JSON.parse(text);

function at(settings: CheckedSettings, path: readonly string[]): unknown {
  return path.reduce<unknown>((node, word) => (node as Record<string, unknown>)[word], settings);
}

describe("settings left out", () => {
  it("have defaults that make a cluster on every cloud", () => {
    const { profile, ...rest } = readSettings(undefined, {});
    expect(profile).toBe(SysctlProfile.MILLION);
    expect(rest).toEqual({
      stacks: "all",
      kubernetesVersion: "1.34",
      hostNetwork: false,
      minNodes: 3,
      maxNodes: 6,
      surge: 1,
      tags: {},
      eks: {
        clusterName: "mqtt",
        existingCluster: false,
        spot: false,
        diskGiB: 50,
        region: "eu-central-1",
        nodePool: "self-managed",
        operatingSystem: "al2023",
        machineType: "m7i.2xlarge",
        accessEntry: true,
      },
      aks: {
        clusterName: "mqtt",
        existingCluster: false,
        spot: false,
        diskGiB: 50,
        location: "westeurope",
        operatingSystem: "ubuntu",
        machineType: "Standard_D8s_v5",
        zones: ["1", "2", "3"],
      },
      gke: {
        clusterName: "mqtt",
        existingCluster: false,
        spot: false,
        diskGiB: 50,
        location: "europe-west1",
        machineType: "n2-standard-8",
        workloadIdentity: true,
      },
      kubeconfig: { path: "~/.kube/config", labels: {}, taints: [], architecture: "amd64", allowedUnsafeSysctls: [] },
      release: {
        broker: "companion",
        namespace: "mqtt",
        replicas: 3,
        runtime: "bun",
        listeners: ["mqtt"],
        hostNames: [],
        allowAnonymous: false,
        public: false,
        awsController: "built-in",
        nats: "deploy",
        natsReplicas: 3,
        natsDisk: "50Gi",
        doctor: "required",
        drainRate: 1000,
        settings: {},
        values: {},
        emqx: { edition: "open-source" },
      },
      loadTest: { scenarios: [] },
      backend: { type: "local", prefix: "cdktf-broker-pools" },
    });
  });

  it("stay at their defaults beside those that are set", () => {
    const { eks, aks } = readSettings({ eks: { region: "us-east-2" } }, {});
    expect(eks).toMatchObject({ region: "us-east-2", clusterName: "mqtt", machineType: "m7i.2xlarge" });
    expect(aks.location).toBe("westeurope");
  });
});

describe("a setting's sources", () => {
  it("are the environment over the context, value by value", () => {
    const context = { minNodes: 1, maxNodes: 9, eks: { region: "us-east-2", clusterName: "fleet" } };
    const settings = readSettings(context, { BROKER_POOLS_MAX_NODES: "12", BROKER_POOLS_EKS_REGION: "eu-west-1" });
    expect(settings).toMatchObject({ minNodes: 1, maxNodes: 12, eks: { region: "eu-west-1", clusterName: "fleet" } });
  });

  it("add up where a setting is a table, so that one entry can be overridden", () => {
    const { tags } = readSettings({ tags: { team: "iot", stage: "test" } }, { BROKER_POOLS_TAGS: '{"stage":"live"}' });
    expect(tags).toEqual({ team: "iot", stage: "live" });
  });

  it("leave the context as it was", () => {
    const context = { eks: { region: "us-east-2" }, tags: { team: "iot" } };
    readSettings(context, { BROKER_POOLS_EKS_REGION: "eu-west-1", BROKER_POOLS_TAGS: '{"team":"ops"}' });
    expect(context).toEqual({ eks: { region: "us-east-2" }, tags: { team: "iot" } });
  });

  it.each(["", "  "])("do not include a variable that is empty (%j)", (empty) => {
    const context = { minNodes: 2, eks: { region: "us-east-2" } };
    const settings = readSettings(context, { BROKER_POOLS_EKS_REGION: empty, BROKER_POOLS_MIN_NODES: empty, BROKER_POOLS_STACKS: empty });
    expect(settings).toMatchObject({ minNodes: 2, stacks: "all", eks: { region: "us-east-2" } });
  });

  it("do not include variables of others", () => {
    expect(() => readSettings({}, { PATH: "/bin", BROKER_POOL: "x", BROKERPOOLS_EKS_SPOT: "yes" })).not.toThrow();
  });
});

/** For each setting what a user would write into its variable, and what it means. None is a default. */
const SAMPLES: Readonly<Record<string, readonly [variable: string, text: string, value: unknown]>> = {
  stacks: ["BROKER_POOLS_STACKS", "eks,gke", ["eks", "gke"]],
  kubernetesVersion: ["BROKER_POOLS_KUBERNETES_VERSION", "1.33", "1.33"],
  profile: ["BROKER_POOLS_PROFILE", "load-generator", SysctlProfile.LOAD_GENERATOR],
  sysctls: ["BROKER_POOLS_SYSCTLS", '{"net.core.somaxconn":65535}', undefined],
  without: ["BROKER_POOLS_WITHOUT", "net.core.optmem_max,net.core.rmem_max", undefined],
  advised: ["BROKER_POOLS_ADVISED", "net.core.somaxconn", undefined],
  openFiles: ["BROKER_POOLS_OPEN_FILES", "200000", undefined],
  hostNetwork: ["BROKER_POOLS_HOST_NETWORK", "true", true],
  minNodes: ["BROKER_POOLS_MIN_NODES", "4", 4],
  maxNodes: ["BROKER_POOLS_MAX_NODES", "7", 7],
  desiredNodes: ["BROKER_POOLS_DESIRED_NODES", "5", 5],
  surge: ["BROKER_POOLS_SURGE", "2", 2],
  tags: ["BROKER_POOLS_TAGS", '{"team":"iot"}', { team: "iot" }],
  "eks.clusterName": ["BROKER_POOLS_EKS_CLUSTER_NAME", "fleet", "fleet"],
  "eks.existingCluster": ["BROKER_POOLS_EKS_EXISTING_CLUSTER", "true", true],
  "eks.spot": ["BROKER_POOLS_EKS_SPOT", "true", true],
  "eks.diskGiB": ["BROKER_POOLS_EKS_DISK_GIB", "80", 80],
  "eks.region": ["BROKER_POOLS_EKS_REGION", "us-east-2", "us-east-2"],
  "eks.nodePool": ["BROKER_POOLS_EKS_NODE_POOL", "managed", "managed"],
  "eks.operatingSystem": ["BROKER_POOLS_EKS_OPERATING_SYSTEM", "bottlerocket", "bottlerocket"],
  "eks.machineType": ["BROKER_POOLS_EKS_MACHINE_TYPE", "m7g.4xlarge", "m7g.4xlarge"],
  "eks.accessEntry": ["BROKER_POOLS_EKS_ACCESS_ENTRY", "false", false],
  "eks.subnetIds": ["BROKER_POOLS_EKS_SUBNET_IDS", "subnet-1, subnet-2", ["subnet-1", "subnet-2"]],
  "eks.publicAccessCidrs": ["BROKER_POOLS_EKS_PUBLIC_ACCESS_CIDRS", "203.0.113.0/24", ["203.0.113.0/24"]],
  "aks.clusterName": ["BROKER_POOLS_AKS_CLUSTER_NAME", "fleet", "fleet"],
  "aks.existingCluster": ["BROKER_POOLS_AKS_EXISTING_CLUSTER", "true", true],
  "aks.spot": ["BROKER_POOLS_AKS_SPOT", "true", true],
  "aks.diskGiB": ["BROKER_POOLS_AKS_DISK_GIB", "80", 80],
  "aks.location": ["BROKER_POOLS_AKS_LOCATION", "northeurope", "northeurope"],
  "aks.resourceGroup": ["BROKER_POOLS_AKS_RESOURCE_GROUP", "brokers", "brokers"],
  "aks.subscriptionId": ["BROKER_POOLS_AKS_SUBSCRIPTION_ID", "0000-1111", "0000-1111"],
  "aks.operatingSystem": ["BROKER_POOLS_AKS_OPERATING_SYSTEM", "azurelinux", "azurelinux"],
  "aks.machineType": ["BROKER_POOLS_AKS_MACHINE_TYPE", "Standard_D8ps_v6", "Standard_D8ps_v6"],
  "aks.zones": ["BROKER_POOLS_AKS_ZONES", "1,3", ["1", "3"]],
  "aks.subnetId": ["BROKER_POOLS_AKS_SUBNET_ID", "/subscriptions/0/subnets/nodes", "/subscriptions/0/subnets/nodes"],
  "gke.clusterName": ["BROKER_POOLS_GKE_CLUSTER_NAME", "fleet", "fleet"],
  "gke.existingCluster": ["BROKER_POOLS_GKE_EXISTING_CLUSTER", "true", true],
  "gke.spot": ["BROKER_POOLS_GKE_SPOT", "true", true],
  "gke.diskGiB": ["BROKER_POOLS_GKE_DISK_GIB", "80", 80],
  "gke.location": ["BROKER_POOLS_GKE_LOCATION", "us-central1", "us-central1"],
  "gke.project": ["BROKER_POOLS_GKE_PROJECT", "my-project", "my-project"],
  "gke.machineType": ["BROKER_POOLS_GKE_MACHINE_TYPE", "c4a-standard-8", "c4a-standard-8"],
  "gke.workloadIdentity": ["BROKER_POOLS_GKE_WORKLOAD_IDENTITY", "false", false],
  "gke.zones": ["BROKER_POOLS_GKE_ZONES", "us-central1-a,us-central1-b", ["us-central1-a", "us-central1-b"]],
  "kubeconfig.path": ["BROKER_POOLS_KUBECONFIG_PATH", "/tmp/kubeconfig", "/tmp/kubeconfig"],
  "kubeconfig.context": ["BROKER_POOLS_KUBECONFIG_CONTEXT", "kind-mqtt", "kind-mqtt"],
  "kubeconfig.labels": ["BROKER_POOLS_KUBECONFIG_LABELS", '{"dedicated":"mqtt"}', { dedicated: "mqtt" }],
  "kubeconfig.taints": [
    "BROKER_POOLS_KUBECONFIG_TAINTS",
    "dedicated=mqtt:NoSchedule,gpu:NoExecute",
    ["dedicated=mqtt:NoSchedule", "gpu:NoExecute"],
  ],
  "kubeconfig.architecture": ["BROKER_POOLS_KUBECONFIG_ARCHITECTURE", "arm64", "arm64"],
  "kubeconfig.allowedUnsafeSysctls": ["BROKER_POOLS_KUBECONFIG_ALLOWED_UNSAFE_SYSCTLS", "net.core.somaxconn", ["net.core.somaxconn"]],
  "kubeconfig.openFiles": ["BROKER_POOLS_KUBECONFIG_OPEN_FILES", "1048576", 1_048_576],
  "release.broker": ["BROKER_POOLS_RELEASE_BROKER", "emqx", "emqx"],
  "release.namespace": ["BROKER_POOLS_RELEASE_NAMESPACE", "brokers", "brokers"],
  "release.replicas": ["BROKER_POOLS_RELEASE_REPLICAS", "12", 12],
  "release.connectionsPerPod": ["BROKER_POOLS_RELEASE_CONNECTIONS_PER_POD", "100000", 100_000],
  "release.runtime": ["BROKER_POOLS_RELEASE_RUNTIME", "node", "node"],
  "release.image": ["BROKER_POOLS_RELEASE_IMAGE", "example/mqttd:1.2.3", "example/mqttd:1.2.3"],
  "release.listeners": ["BROKER_POOLS_RELEASE_LISTENERS", "mqtt,ws", ["mqtt", "ws"]],
  "release.tlsSecret": ["BROKER_POOLS_RELEASE_TLS_SECRET", "mqtt-tls", "mqtt-tls"],
  "release.certificateIssuer": ["BROKER_POOLS_RELEASE_CERTIFICATE_ISSUER", "letsencrypt", "letsencrypt"],
  "release.hostNames": ["BROKER_POOLS_RELEASE_HOST_NAMES", "mqtt.example,mqtt2.example", ["mqtt.example", "mqtt2.example"]],
  "release.usersSecret": ["BROKER_POOLS_RELEASE_USERS_SECRET", "users", "users"],
  "release.aclSecret": ["BROKER_POOLS_RELEASE_ACL_SECRET", "acl", "acl"],
  "release.allowAnonymous": ["BROKER_POOLS_RELEASE_ALLOW_ANONYMOUS", "true", true],
  "release.public": ["BROKER_POOLS_RELEASE_PUBLIC", "true", true],
  "release.serviceType": ["BROKER_POOLS_RELEASE_SERVICE_TYPE", "NodePort", "NodePort"],
  "release.awsController": ["BROKER_POOLS_RELEASE_AWS_CONTROLLER", "aws-load-balancer-controller", "aws-load-balancer-controller"],
  "release.certificateArn": ["BROKER_POOLS_RELEASE_CERTIFICATE_ARN", "arn:aws:acm:eu:1:certificate/2", "arn:aws:acm:eu:1:certificate/2"],
  "release.nats": ["BROKER_POOLS_RELEASE_NATS", "nats://a:4222,nats://b:4222", ["nats://a:4222", "nats://b:4222"]],
  "release.natsSecret": ["BROKER_POOLS_RELEASE_NATS_SECRET", "nats-user", "nats-user"],
  "release.natsReplicas": ["BROKER_POOLS_RELEASE_NATS_REPLICAS", "5", 5],
  "release.natsDisk": ["BROKER_POOLS_RELEASE_NATS_DISK", "1Ti", "1Ti"],
  "release.storageClass": ["BROKER_POOLS_RELEASE_STORAGE_CLASS", "premium-rwo", "premium-rwo"],
  "release.doctor": ["BROKER_POOLS_RELEASE_DOCTOR", "advisory", "advisory"],
  "release.drainRate": ["BROKER_POOLS_RELEASE_DRAIN_RATE", "5000", 5000],
  "release.pushgateway": ["BROKER_POOLS_RELEASE_PUSHGATEWAY", "http://pushgateway:9091", "http://pushgateway:9091"],
  "release.settings": ["BROKER_POOLS_RELEASE_SETTINGS", '{"log":{"level":"warn"}}', { log: { level: "warn" } }],
  "release.values": ["BROKER_POOLS_RELEASE_VALUES", '{"minReadySeconds":30}', { minReadySeconds: 30 }],
  "release.emqx.edition": ["BROKER_POOLS_RELEASE_EMQX_EDITION", "enterprise", "enterprise"],
  "release.emqx.version": ["BROKER_POOLS_RELEASE_EMQX_VERSION", "5.8.8", "5.8.8"],
  "loadTest.scenarios": [
    "BROKER_POOLS_LOAD_TEST_SCENARIOS",
    '[{"name":"idle","command":"conn","clients":10}]',
    [{ name: "idle", command: "conn", clients: 10 }],
  ],
  "loadTest.target": ["BROKER_POOLS_LOAD_TEST_TARGET", "mosquitto:1884", "mosquitto:1884"],
  "loadTest.nodes": ["BROKER_POOLS_LOAD_TEST_NODES", "2", 2],
  "loadTest.machineType": ["BROKER_POOLS_LOAD_TEST_MACHINE_TYPE", "m7i.large", "m7i.large"],
  "loadTest.credentialsSecret": ["BROKER_POOLS_LOAD_TEST_CREDENTIALS_SECRET", "load", "load"],
  "loadTest.pushgateway": ["BROKER_POOLS_LOAD_TEST_PUSHGATEWAY", "http://push:9091", "http://push:9091"],
  "release.emqx.licenceSecret": ["BROKER_POOLS_RELEASE_EMQX_LICENCE_SECRET", "licence", "licence"],
  "backend.type": ["BROKER_POOLS_BACKEND_TYPE", "gcs", "gcs"],
  "backend.bucket": ["BROKER_POOLS_BACKEND_BUCKET", "state", "state"],
  "backend.region": ["BROKER_POOLS_BACKEND_REGION", "us-east-2", "us-east-2"],
  "backend.resourceGroup": ["BROKER_POOLS_BACKEND_RESOURCE_GROUP", "state", "state"],
  "backend.storageAccount": ["BROKER_POOLS_BACKEND_STORAGE_ACCOUNT", "state", "state"],
  "backend.container": ["BROKER_POOLS_BACKEND_CONTAINER", "state", "state"],
  "backend.prefix": ["BROKER_POOLS_BACKEND_PREFIX", "live", "live"],
};

/** What some settings only make sense with. */
const COMPANIONS: Readonly<Record<string, object>> = {
  "eks.subnetIds": { eks: { existingCluster: true } },
  "aks.existingCluster": { aks: { resourceGroup: "brokers" } },
  "aks.subnetId": { aks: { existingCluster: true, resourceGroup: "brokers" } },
  "backend.type": { backend: { bucket: "state" } },
  "release.natsSecret": { release: { nats: ["nats://a:4222"] } },
  "loadTest.scenarios": { loadTest: { credentialsSecret: "load" } },
};

/** Settings that end up in the profile, and how to see them there. */
const IN_PROFILE: Readonly<Record<string, (profile: SysctlProfile) => boolean>> = {
  sysctls: (profile) => profile.get("net.core.somaxconn") === "65535",
  without: (profile) => profile.get("net.core.optmem_max") === undefined && profile.get("net.core.rmem_max") === undefined,
  advised: (profile) => profile.entries.some(({ name, need }) => name === "net.core.somaxconn" && need === "advised"),
  openFiles: (profile) => profile.openFiles.limit === 200_000,
};

describe("every setting", () => {
  it.each(SETTING_PLACES.map(({ path }) => path.join(".")))("%s has a variable that reaches it", (name) => {
    const [variable, text, value] = SAMPLES[name] ?? [];
    const { path, variable: derived } = SETTING_PLACES.find((place) => place.path.join(".") === name)!;
    expect(derived).toBe(variable);

    const companions = COMPANIONS[name] ?? {};
    const settings = readSettings(companions, { [derived]: text });
    const seen = IN_PROFILE[name];
    if (seen) {
      expect(seen(settings.profile)).toBe(true);
      expect(seen(readSettings({}, {}).profile)).toBe(false);
    } else {
      expect(at(settings, path)).toEqual(value);
      expect(at(readSettings(companions, {}), path)).not.toEqual(value);
    }
  });

  it("says in words what it takes", () => {
    for (const { path, remedy } of SETTING_PLACES) expect(remedy, path.join(".")).toMatch(/\w{3}/);
  });

  it("has a variable of its own", () => {
    const variables = SETTING_PLACES.map(({ variable }) => variable);
    expect(new Set(variables).size).toBe(variables.length);
    expect(Object.keys(SAMPLES)).toHaveLength(variables.length);
  });
});

describe("text in the environment", () => {
  it.each([
    ["eks,gke", ["eks", "gke"]],
    [" eks , gke ", ["eks", "gke"]],
    ['["eks","gke"]', ["eks", "gke"]],
    ["gke", ["gke"]],
    ["all", "all"],
  ])("names stacks as %j", (text, stacks) => {
    expect(readSettings({}, { BROKER_POOLS_STACKS: text }).stacks).toEqual(stacks);
  });

  it.each([
    ["subnet-1,subnet-2", ["subnet-1", "subnet-2"]],
    ['["subnet-1", "subnet-2"]', ["subnet-1", "subnet-2"]],
  ])("is a list as %j", (text, list) => {
    const { eks } = readSettings({ eks: { existingCluster: true } }, { BROKER_POOLS_EKS_SUBNET_IDS: text });
    expect(eks.subnetIds).toEqual(list);
  });

  it("turns a switch off as well as on", () => {
    expect(readSettings({ eks: { spot: true } }, { BROKER_POOLS_EKS_SPOT: "false" }).eks.spot).toBe(false);
    expect(readSettings({ eks: { spot: false } }, { BROKER_POOLS_EKS_SPOT: "true" }).eks.spot).toBe(true);
  });

  it("stays text where a version looks like a number", () => {
    expect(readSettings({}, { BROKER_POOLS_KUBERNETES_VERSION: "1.30" }).kubernetesVersion).toBe("1.30");
  });
});

describe("changes to the profile", () => {
  it.each([
    ["without", "net.core.somaxcon", "did you mean 'net.core.somaxconn'?"],
    ["without", "vm.swappiness", "is not in profile 'million', so it cannot be taken out"],
    ["advised", "vm.swappiness", "is not in profile 'million'; add it with its value"],
    ["openFiles", "12", "it takes a whole number from 1024 to 2147483584"],
  ])("by %s = %s are refused with the reason", (name, text, reason) => {
    const variable = SETTING_PLACES.find(({ path }) => path.join(".") === name)!.variable;
    expect(() => readSettings({}, { [variable]: text })).toThrow(reason);
  });

  it("let a profile onto a cloud that cannot give all of it", () => {
    const { profile } = readSettings({ profile: 3_000_000, openFiles: 1_048_576, advised: ["net.ipv4.tcp_max_syn_backlog"] }, {});
    expect(planTuning(profile, "aks-ubuntu", "1.34").openFiles.limit).toBe(1_048_576);
    expect(planTuning(profile, "gke-cos", "1.34", { hostNetwork: true }).warnings.join()).toContain("net.ipv4.tcp_max_syn_backlog");
  });
});

describe("the profile", () => {
  it.each<[unknown, SysctlProfile]>([
    ["million", SysctlProfile.MILLION],
    ["load-generator", SysctlProfile.LOAD_GENERATOR],
    [250_000, SysctlProfile.forConnections(250_000)],
  ])("is made of %j, from the context and from the environment alike", (profile, expected) => {
    expect(readSettings({ profile }, {}).profile).toEqual(expected);
    expect(readSettings({}, { BROKER_POOLS_PROFILE: String(profile) }).profile).toEqual(expected);
    expect(readSettings({ profile }, {}).profile.entries).toEqual(expected.entries);
  });

  it("takes further sysctls as number, text or tuple, and keeps the rest", () => {
    const sysctls = {
      "net.core.somaxconn": 65_535,
      "net.ipv4.tcp_rmem": "2048 4096 8388608",
      "net.ipv4.tcp_wmem": [2048, 4096, 8_388_608],
    };
    const { profile } = readSettings({ sysctls }, {});
    expect(profile.get("net.core.somaxconn")).toBe("65535");
    expect(profile.get("net.ipv4.tcp_rmem")).toBe("2048 4096 8388608");
    expect(profile.get("net.ipv4.tcp_wmem")).toBe("2048 4096 8388608");
    expect(profile.get("fs.nr_open")).toBe(SysctlProfile.MILLION.get("fs.nr_open"));
    expect(SysctlProfile.MILLION.get("net.core.somaxconn")).toBe("32768");
  });

  it("takes sysctls on top of a number of connections", () => {
    const { profile } = readSettings({ profile: 1000 }, { BROKER_POOLS_SYSCTLS: '{"fs.nr_open": 3000000}' });
    expect(profile.get("fs.nr_open")).toBe("3000000");
    expect(profile.openFiles).toEqual(SysctlProfile.forConnections(1000).openFiles);
  });
});

/** Context, then the one line it deserves. */
const MISTAKES: readonly (readonly [about: string, context: unknown, line: string])[] = [
  [
    "a word where a number belongs",
    { minNodes: "three" },
    'minNodes is "three"; it takes a whole number from 0 to 10000, the fewest broker nodes (set brokerPools.minNodes in cdktf.json\'s context, or BROKER_POOLS_MIN_NODES in the environment)',
  ],
  ["a number in quotes", { surge: "2" }, 'surge is "2"; it takes a whole number from 1 to 100'],
  ["half a node", { maxNodes: 3.5 }, "maxNodes is 3.5; it takes a whole number"],
  ["fewer than no nodes", { minNodes: -1 }, "minNodes is -1; it takes a whole number from 0 to 10000"],
  ["null", { eks: { region: null } }, "eks.region is null; it takes an AWS region, for example eu-central-1"],
  ["an empty text", { gke: { project: " " } }, 'gke.project is " "; it takes a Google Cloud project id'],
  [
    "a word for a switch",
    { eks: { spot: "yes" } },
    'eks.spot is "yes"; it takes true for spare capacity, false for ordinary machines (set brokerPools.eks.spot in cdktf.json\'s context, or BROKER_POOLS_EKS_SPOT in the environment)',
  ],
  ["a switch in quotes", { hostNetwork: "true" }, 'hostNetwork is "true"; it takes true for brokers on the node\'s own network, false for'],
  ["a kind of pool that is none", { eks: { nodePool: "fargate" } }, 'eks.nodePool is "fargate"; it takes one of self-managed, managed'],
  [
    "an operating system of another cloud",
    { aks: { operatingSystem: "al2023" } },
    'aks.operatingSystem is "al2023"; it takes one of ubuntu, azurelinux',
  ],
  [
    "a stack that is none",
    { stacks: ["eks", "aws"] },
    'stacks is ["eks","aws"]; it takes "all" for eks, aks and gke, or a list out of these and kubeconfig',
  ],
  ["no stack", { stacks: [] }, 'stacks is []; it takes "all" for eks, aks and gke, or a list out of these and kubeconfig'],
  [
    "a profile that is none",
    { profile: "billion" },
    'profile is "billion"; it takes million, load-generator, or the number of connections',
  ],
  [
    "no connections",
    { profile: 0 },
    "profile is 0; it takes million, load-generator, or the number of connections on one node, 1 to 10000000",
  ],
  ["zones by number", { aks: { zones: [1, 2] } }, 'aks.zones is [1,2]; it takes a list of availability zones: ["1","2","3"]'],
  [
    "an address for a network",
    { eks: { publicAccessCidrs: ["203.0.113.9"] } },
    'eks.publicAccessCidrs is ["203.0.113.9"]; it takes a list of IPv4 networks',
  ],
  ["a disk AKS refuses", { aks: { diskGiB: 20 } }, "aks.diskGiB is 20; it takes a whole number of GiB from 30 to 65536"],
  ["a tag that is no text", { tags: { cost: 7 } }, 'tags.cost is 7; it takes names with a text each, tags on everything: {"team": "iot"}'],
  ["tags as a list", { tags: ["iot"] }, 'tags is ["iot"]; it takes names with a text each'],
  [
    "a version without its minor",
    { kubernetesVersion: "1" },
    'kubernetesVersion is "1"; \'1\' is not a version; write major.minor, for example "1.34" (set brokerPools.kubernetesVersion',
  ],
  [
    "a version as a number",
    { kubernetesVersion: 1.34 },
    'kubernetesVersion is 1.34; it takes major.minor of the cluster, for example "1.34"',
  ],
  ["a version too old", { kubernetesVersion: "1.19" }, "kubernetesVersion is \"1.19\"; '1.19' is older than 1.24"],
  ["a version that does not exist", { kubernetesVersion: "1.340" }, "kubernetesVersion is \"1.340\"; '1.340' does not exist"],
  [
    "more than most nodes",
    { minNodes: 7 },
    "maxNodes is 6 by default; it must be at least 1 and at least minNodes (7) (set brokerPools.maxNodes",
  ],
  ["no nodes at all", { minNodes: 0, maxNodes: 0 }, "maxNodes is 0; it must be at least 1 and at least minNodes (0)"],
  ["too few to begin with", { desiredNodes: 2 }, "desiredNodes is 2; it must be between minNodes (3) and maxNodes (6)"],
  ["too many to begin with", { desiredNodes: 7 }, "desiredNodes is 7; it must be between minNodes (3) and maxNodes (6)"],
  [
    "a sysctl with a typing error",
    { sysctls: { "net.core.somaxcon": 65_535 } },
    "sysctls.net.core.somaxcon is 65535; sysctl 'net.core.somaxcon' is not in the catalogue; did you mean 'net.core.somaxconn'? (set brokerPools.sysctls.net.core.somaxcon",
  ],
  [
    "two numbers where one belongs",
    { sysctls: { "net.core.somaxconn": "1024 65535" } },
    'sysctls.net.core.somaxconn is "1024 65535"; sysctl \'net.core.somaxconn\' is "1024 65535"; it takes one integer',
  ],
  ["a sysctl out of range", { sysctls: { "net.core.somaxconn": -1 } }, "-1 is outside its range"],
  [
    "a switch for a sysctl",
    { sysctls: { "net.core.somaxconn": true } },
    "sysctls.net.core.somaxconn is true; it takes a number, a text or a list",
  ],
  [
    "a sysctl by the name of JavaScript's own",
    { sysctls: { constructor: 1 } },
    "sysctls.constructor is 1; sysctl 'constructor' is not in the catalogue",
  ],
  [
    "sysctls as lines",
    { sysctls: "net.core.somaxconn=65535" },
    'sysctls is "net.core.somaxconn=65535"; it takes a number, a text or a list of numbers for each sysctl',
  ],
  [
    "an AKS cluster without its group",
    { aks: { existingCluster: true } },
    "aks.resourceGroup is not set; an existing cluster is found by its name and resource group; name the group (set brokerPools.aks.resourceGroup",
  ],
  ["subnets of EKS without a cluster of its own", { eks: { subnetIds: ["subnet-1"] } }, "leave it out, or set eks.existingCluster to true"],
  ["a subnet of AKS without a cluster of its own", { aks: { subnetId: "/nodes" } }, "leave it out, or set aks.existingCluster to true"],
  [
    "access to a cluster that is not ours",
    { eks: { existingCluster: true, publicAccessCidrs: ["203.0.113.0/24"] } },
    'eks.publicAccessCidrs is ["203.0.113.0/24"]; an existing cluster keeps its own; leave it out, or set eks.existingCluster to false',
  ],
  ["a section that is a word", { eks: "yes" }, 'eks is "yes"; it takes a section of settings: {clusterName, existingCluster, spot'],
  ["a section that is a list", { gke: ["europe-west1"] }, 'gke is ["europe-west1"]; it takes a section of settings: {clusterName'],
  ["a section that is null", { backend: null }, "backend is null; it takes a section of settings: {type, bucket, region"],
  ["settings that are a word", "all", 'brokerPools is "all"; it takes a section of settings: {stacks, kubernetesVersion'],
  ["settings that are a list", [], "brokerPools is []; it takes a section of settings: {stacks"],
  [
    "a name with a typing error",
    { eks: { machinetype: "m7g.large" } },
    "eks.machinetype is no setting; did you mean eks.machineType? (mend brokerPools.eks.machinetype in cdktf.json's context)",
  ],
  [
    "a name outside its section",
    { nodePool: "managed" },
    "nodePool is no setting; did you mean eks.nodePool? (mend brokerPools.nodePool in cdktf.json's context)",
  ],
  ["a name of another cloud", { gke: { region: "europe-west1" } }, "gke.region is no setting; did you mean eks.region or backend.region?"],
  ["a name from nowhere", { colour: "red" }, "colour is no setting; the settings here are stacks, kubernetesVersion, profile"],
  ["__proto__ as a name", json('{"__proto__":{"minNodes":1}}'), "__proto__ is no setting; the settings here are stacks"],
  ["constructor as a name", json('{"gke":{"constructor":1}}'), "gke.constructor is no setting; the settings here are clusterName"],
];

describe("a mistake in the context", () => {
  it.each(MISTAKES)("is answered in one line: %s", (_, context, line) => {
    const problems = problemsOf(context);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(line);
    expect(problems[0]).toMatch(/\((set|mend) brokerPools\S* in cdktf\.json's context(, or BROKER_POOLS_\w+ in the environment)?\)$/);
    // Words of the schema library, of JavaScript or of a value lost on the way.
    expect(problems[0]).not.toMatch(/invalid|expected|undefined|NaN|\[object|Unrecognized|Too (small|big)/i);
  });

  it.each([
    ["s3", ["bucket", "region"]],
    ["azurerm", ["resourceGroup", "storageAccount", "container"]],
    ["gcs", ["bucket"]],
  ])("names each field that a backend of type %s misses", (type, fields) => {
    expect(problemsOf({ backend: { type } })).toEqual(
      fields.map((field) =>
        expect.stringContaining(`backend.${field} is not set; a backend of type ${type} needs it (set brokerPools.backend.`),
      ),
    );
    const whole = Object.fromEntries(fields.map((field) => [field, "state"]));
    expect(readSettings({ backend: { type, ...whole } }, {}).backend).toMatchObject(whole);
  });
});

describe("a mistake in the environment", () => {
  it.each([
    ["BROKER_POOLS_EKS_SPOT", "yes", 'eks.spot is "yes"; it takes true for spare capacity'],
    ["BROKER_POOLS_MIN_NODES", "few", 'minNodes is "few"; it takes a whole number'],
    ["BROKER_POOLS_PROFILE", "1e6", 'profile is "1e6"; it takes million, load-generator, or the number of connections'],
    ["BROKER_POOLS_STACKS", "eks;gke", 'stacks is ["eks;gke"]; it takes "all" for eks, aks and gke, or a list'],
    ["BROKER_POOLS_SYSCTLS", "net.core.somaxconn=1024", 'sysctls is "net.core.somaxconn=1024"; it takes a number'],
    ["BROKER_POOLS_SYSCTLS", '{"net.core.somaxcon":1}', "did you mean 'net.core.somaxconn'?"],
    ["BROKER_POOLS_TAGS", '{"team":', 'tags is "{\\"team\\":"; it takes names with a text each'],
    ["BROKER_POOLS_KUBERNETES_VERSION", "latest", "'latest' is not a version"],
    ["BROKER_POOLS_MAX_NODES", "2", "maxNodes is 2; it must be at least 1 and at least minNodes (3)"],
  ])("is to be mended there: %s=%s", (variable, text, line) => {
    const problems = problemsOf({}, { [variable]: text });
    expect(problems).toEqual([expect.stringContaining(line)]);
    expect(problems[0]).toMatch(new RegExp(`\\(mend ${variable} in the environment\\)$`));
  });

  it.each([
    ["BROKER_POOLS_MINNODES", "did you mean BROKER_POOLS_MIN_NODES?"],
    ["BROKER_POOLS_EKS_REGOIN", "did you mean BROKER_POOLS_EKS_REGION?"],
    ["BROKER_POOLS_REGION", "did you mean BROKER_POOLS_EKS_REGION or BROKER_POOLS_BACKEND_REGION?"],
    ["BROKER_POOLS_COLOUR", "README.md lists those there are"],
    ["BROKER_POOLS_", "README.md lists those there are"],
    ["BROKER_POOLS_EKS", "README.md lists those there are"],
  ])("is not lost in a name: %s", (variable, remedy) => {
    expect(problemsOf({}, { [variable]: "7" })).toEqual([`${variable} is no setting; ${remedy} (unset or rename it in the environment)`]);
  });

  it("does not hide one in the context that it covers", () => {
    expect(problemsOf({ eks: "yes" }, { BROKER_POOLS_EKS_SPOT: "true" })).toEqual([
      expect.stringContaining('eks is "yes"; it takes a section'),
    ]);
  });
});

describe("several mistakes", () => {
  const context = json(`{
    "minNodes": "three", "maxNodes": 2, "desiredNodes": 50, "kubernetesVersion": "1.x", "machineType": "m7g.large",
    "sysctls": { "net.core.somaxcon": 1, "net.core.rmem_max": -1, "net.core.wmem_max": true, "fs.nr_open": 3000000 },
    "eks": { "spot": "yes", "Region": "eu" }, "aks": { "existingCluster": true }, "gke": 7,
    "backend": { "type": "s3", "bucket": "state" }
  }`);
  const environment = { BROKER_POOLS_STACKS: "azure", BROKER_POOLS_AKS_LOCATON: "westeurope" };

  it("are all said at once, whichever check finds them", () => {
    const subjects = problemsOf(context, environment).map((problem) => problem.split(" ")[0]);
    expect(subjects.sort()).toEqual([
      "BROKER_POOLS_AKS_LOCATON",
      "aks.resourceGroup",
      "backend.region",
      "eks.Region",
      "eks.spot",
      "gke",
      "kubernetesVersion",
      "machineType",
      "minNodes",
      "stacks",
      "sysctls.net.core.rmem_max",
      "sysctls.net.core.somaxcon",
      "sysctls.net.core.wmem_max",
    ]);
  });

  it("do not bring about others: nothing is compared with a value that could not be read", () => {
    const problems = problemsOf({ minNodes: "three", maxNodes: 2, desiredNodes: 50, backend: { type: "s4" }, aks: "yes" });
    expect(problems.map((problem) => problem.split(" ")[0])).toEqual(["minNodes", "aks", "backend.type"]);
  });

  it("make one text, a line each, counted", () => {
    const { message } = new SettingsError(problemsOf(context, environment));
    const [heading, ...lines] = message.split("\n");
    expect(heading).toBe("13 settings are wrong:");
    expect(lines).toHaveLength(13);
    for (const line of lines) expect(line).toMatch(/^ {2}- \S+ is .+; .+ \(.+\)$/);
    expect(new SettingsError(["one"]).message).toBe("1 setting is wrong:\n  - one");
  });
});
