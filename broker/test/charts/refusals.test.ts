import { describe, expect, it, type TestContext } from "vitest";
import { Helm } from "./helm.js";

const OK = { auth: { allowAnonymous: true } };
const CLUSTERED = { ...OK, nats: { servers: ["nats://nats:4222"] } };
const TLS = { listeners: { mqtts: { enabled: true } } };
const NLB = { cloud: "aws", service: { type: "LoadBalancer" } };
const sysctl = (name: string, value = "1") => ({ podSecurityContext: { sysctls: [{ name, value }] } });

/** Wrong values, and what helm says of them: where, and what to change. */
const BY_SCHEMA = [
  [{ replicas: 3 }, "additional properties 'replicas' not allowed"],
  [{ replicaCount: "3" }, "at '/replicaCount': got string, want integer"],
  [{ replicaCount: -1 }, "at '/replicaCount': minimum: got -1, want 0"],
  [{ runtime: "deno" }, "at '/runtime': value must be one of 'bun', 'node'"],
  [{ cloud: "alibaba" }, "at '/cloud': value must be one of 'none', 'aws', 'azure', 'gcp'"],
  [{ image: { sha: "" } }, "at '/image': additional properties 'sha' not allowed"],
  [{ image: { digest: "sha256:abc" } }, "at '/image/digest': 'sha256:abc' does not match pattern"],
  [{ connectionsPerPod: 0 }, "at '/connectionsPerPod': minimum: got 0, want 1"],
  [{ connectionsPerPod: 1.5 }, "at '/connectionsPerPod': got number, want integer"],
  [{ drain: { disconnectRate: "off" } }, "at '/drain/disconnectRate': got string, want integer"],
  [{ resources: { limits: { memory: "1 GB" } } }, "at '/resources/limits/memory'"],
  [{ resources: { limit: {} } }, "at '/resources': additional properties 'limit' not allowed"],
  [{ listeners: { mqtt: { port: 1_883 } } }, "at '/listeners/mqtt': additional properties 'port' not allowed"],
  [{ listeners: { backlog: 70_000 } }, "at '/listeners/backlog': maximum: got 70,000, want 65,535"],
  [{ listeners: { ws: { path: "mqtt" } } }, "at '/listeners/ws/path': 'mqtt' does not match pattern"],
  [{ nats: { servers: ["nats:4222"] } }, "at '/nats/servers/0': 'nats:4222' does not match pattern"],
  [{ nats: { servers: ["nats://user:secret@nats:4222"] } }, "at '/nats/servers/0'"],
  [{ nats: { servers: "nats://nats:4222" } }, "at '/nats/servers': got string, want array"],
  [{ podSecurityContext: { sysctls: { "net.core.somaxconn": "1" } } }, "at '/podSecurityContext/sysctls': got object, want array"],
  [{ podSecurityContext: { sysctls: [{ name: "net.core.somaxconn", value: 1 }] } }, "got number, want string"],
  [sysctl("vm.max_map_count"), "at '/podSecurityContext/sysctls/0/name': 'vm.max_map_count' does not match pattern"],
  [{ podSecurityContext: { runAsUser: 0 } }, "at '/podSecurityContext/runAsUser': minimum: got 0, want 1"],
  [{ tolerations: [{ effect: "NO_SCHEDULE" }] }, "at '/tolerations/0/effect'"],
  [{ service: { type: "ExternalName" } }, "at '/service/type': value must be one of 'ClusterIP', 'NodePort', 'LoadBalancer'"],
  [{ service: { idleTimeoutSeconds: 30 } }, "at '/service/idleTimeoutSeconds': minimum: got 30, want 60"],
  [{ service: { loadBalancerSourceRanges: ["10.0.0.1"] } }, "at '/service/loadBalancerSourceRanges/0'"],
  [{ persistence: { size: "8" } }, "at '/persistence/size': '8' does not match pattern"],
  [{ config: { mqtt: { maxQoS: 1 } } }, "at '/config/mqtt': additional properties 'maxQoS' not allowed"],
  [{ config: { mqtt: { maxQos: 3 } } }, "at '/config/mqtt/maxQos': maximum: got 3, want 2"],
  [{ config: { listeners: [] } }, "at '/config': additional properties 'listeners' not allowed"],
  [{ config: { authentication: [{ type: "ldap" }] } }, "at '/config/authentication/0'"],
  [{ startupProbe: { httpGet: {} } }, "at '/startupProbe': additional properties 'httpGet' not allowed"],
  [{ startupProbe: { successThreshold: 2 } }, "at '/startupProbe/successThreshold': maximum: got 2, want 1"],
  [{ livenessProbe: { successThreshold: 2 } }, "at '/livenessProbe/successThreshold': maximum: got 2, want 1"],
  [{ metrics: { pushgateway: { url: "pushgateway:9091" } } }, "at '/metrics/pushgateway/url'"],
] as const;

const BY_TEMPLATE = [
  [{}, "nobody could connect: give auth.users, auth.scram or config.authentication, or set auth.allowAnonymous to true"],
  [{ ...OK, replicaCount: 3 }, "replicaCount is 3, but without nats.servers brokers know nothing of each other"],
  [{ ...OK, autoscaling: { enabled: true } }, "autoscaling.enabled needs brokers that know of each other: give nats.servers"],
  [
    { ...CLUSTERED, autoscaling: { enabled: true, minReplicas: 5, maxReplicas: 2 } },
    "autoscaling.minReplicas is 5, more than autoscaling.maxReplicas (2)",
  ],
  [
    { ...CLUSTERED, autoscaling: { enabled: true, targetConnections: 60_000 } },
    "autoscaling.targetConnections is 60000, more than a broker takes (connectionsPerPod 50000)",
  ],
  [{ ...OK, pdb: { minAvailable: 1, maxUnavailable: 1 } }, "pdb.minAvailable and pdb.maxUnavailable are both given"],
  [{ ...OK, image: { repository: "team/mqttd" } }, "image.repository is team/mqttd without a version: give image.tag or image.digest"],
  [{ ...OK, image: { tag: "latest" } }, "image.tag is latest, which is another image every day: give an exact version"],
  [{ ...OK, bundle: { enabled: false } }, "bundle.enabled is false, but a stock image holds no broker"],
  [{ ...OK, heapMegabytes: 512 }, "heapMegabytes is Node.js's: leave it out, or set runtime to node"],
  [{ auth: { users: { existingSecret: "a", content: "b" } } }, "auth.users has an existingSecret and a content: leave one out"],
  [{ ...OK, ...TLS }, "listeners.mqtts or listeners.wss is on without a certificate: give tls.existingSecret"],
  [{ ...OK, tls: { existingSecret: "a" } }, "tls is given, but nothing listens with it"],
  [{ ...OK, ...TLS, tls: { existingSecret: "a", certManager: { enabled: true, issuerRef: { name: "b" } } } }, "both given: leave one out"],
  [{ ...OK, ...TLS, tls: { certManager: { enabled: true } } }, "tls.certManager.issuerRef.name is empty"],
  [{ ...OK, ...TLS, tls: { existingSecret: "a", clientCa: { existingSecret: "b" } } }, "no client is asked for a certificate"],
  [{ ...CLUSTERED, nats: { ...CLUSTERED.nats, credentials: { kind: "token" } } }, "give nats.credentials.existingSecret"],
  [
    { ...CLUSTERED, nats: { ...CLUSTERED.nats, credentials: { existingSecret: "a" } } },
    "set nats.credentials.kind to credentials, password",
  ],
  [{ ...OK, nats: { tls: { existingSecret: "a" } } }, "nats.credentials or nats.tls is given without nats.servers"],
  [
    { ...CLUSTERED, nats: { ...CLUSTERED.nats, tls: { existingSecret: "a" } } },
    "the server nats://nats:4222 is not encrypted: begin it with tls://",
  ],
  [{ ...OK, listeners: { mqtt: { enabled: false } } }, "no listener is on: set listeners.mqtt.enabled"],
  [{ ...OK, listeners: { ws: { enabled: true, containerPort: 1_883 } } }, "port 1883 in the pod is taken twice"],
  [{ ...OK, admin: { containerPort: 1_883 } }, "port 1883 in the pod is taken twice"],
  [{ ...OK, service: { aws: { tlsTermination: { enabled: true } } } }, "set cloud to aws and service.type to LoadBalancer"],
  [
    { ...OK, cloud: "aws", service: { type: "LoadBalancer", aws: { tlsTermination: { enabled: true } } } },
    "service.aws.tlsTermination.certificateArn is empty",
  ],
  [
    { ...OK, cloud: "azure", service: { type: "LoadBalancer", idleTimeoutSeconds: 330 } },
    "service.idleTimeoutSeconds is 330, and Azure takes whole minutes from 240 to 1800",
  ],
  [
    { ...OK, ...NLB, config: { mqtt: { maxKeepAliveSeconds: 1_800 } } },
    "config.mqtt.maxKeepAliveSeconds is 1800, and the load balancer drops what is silent for 1800 seconds",
  ],
  [{ ...OK, metrics: { pushgateway: { existingSecret: "a" } } }, "metrics.pushgateway has a Secret, but no url"],
  [
    { ...OK, metrics: { serviceMonitor: { enabled: true, namespace: "monitoring" } } },
    "the Secret with the token of /metrics is made in mqtt, where it would not be found",
  ],
  [{ ...OK, terminationGracePeriodSeconds: 60 }, "terminationGracePeriodSeconds is 60, and the drain takes up to 80 seconds"],
  [
    { ...OK, connectionsPerPod: 1_000_000, drain: { disconnectRate: 100 } },
    "at drain.disconnectRate 100 it takes 11000 seconds to tell 1000000",
  ],
  [{ ...OK, ...sysctl("net.core.rmem_max") }, "net.core.rmem_max is the whole node's, and a pod that asks for it never starts"],
  [{ ...OK, hostNetwork: true, ...sysctl("net.core.somaxconn", "4096") }, "net.core.somaxconn cannot be set with hostNetwork"],
  [{ ...OK, ...sysctl("net.core.somaxconn", "1024") }, "listeners.backlog is 4096, and net.core.somaxconn of the pods cuts it to 1024"],
  [{ ...OK, plan: { hostNetwork: true } }, "hostNetwork is false, and the plan was made for true"],
  [
    { ...OK, plan: { hostNetwork: false, keys: [{ key: "net.core.somaxconn", expected: "32768", setBy: ["node", "pod"] }] } },
    'the plan has the pod set net.core.somaxconn to "32768", and podSecurityContext.sysctls has ""',
  ],
] as const;

describe("the chart mqttd refuses", () => {
  it.for(BY_SCHEMA)("%j by its schema", ([values, words], context: TestContext) => {
    const helm = new Helm(context);
    expect(helm.refusal(helm.chart("mqttd"), { values: { ...OK, ...values } })).toContain(words);
  });

  it.for(BY_TEMPLATE)("%j, which do not go together", ([values, words], context: TestContext) => {
    const helm = new Helm(context);
    expect(helm.refusal(helm.chart("mqttd"), { values })).toContain(words);
  });

  it("everything at once", (context) => {
    const helm = new Helm(context);
    const refusal = helm.refusal(helm.chart("mqttd"), { values: { replicaCount: 2, image: { tag: "latest" } } });
    expect(refusal.match(/^ {2}- /gm)).toHaveLength(3);
  });

  it("to be rendered before the broker was built", (context) => {
    const helm = new Helm(context);
    const chart = helm.chart("mqttd", helm.chart("namespace"));
    expect(helm.refusal(chart, { values: OK })).toContain("files/ holds no broker: run `npm run build` first");
  });
});
