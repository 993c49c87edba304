import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, type TestContext } from "vitest";
import { parse } from "yaml";
import { CHARTS_FOLDER, Helm, one, type Rendered, type Values, valueSets } from "./helm.js";

const MINIMAL = { auth: { allowAnonymous: true } };
const CLUSTERED = { ...MINIMAL, replicaCount: 3, nats: { servers: ["nats://nats:4222"] } };

function rendered(context: TestContext, values: Values, kubernetes?: string): Rendered[] {
  const helm = new Helm(context);
  return helm.objects(helm.chart("mqttd"), kubernetes === undefined ? { values } : { values, kubernetes });
}

function set(context: TestContext, name: string): Rendered[] {
  const helm = new Helm(context);
  return helm.objects(helm.chart("mqttd"), { files: valueSets("mqttd").flatMap(([own, file]) => (own === name ? file : [])) });
}

const podOf = (objects: readonly Rendered[]) => one(objects, "StatefulSet").spec.template.spec;
const settingsOf = (objects: readonly Rendered[], name = "x-mqttd") => parse(one(objects, "ConfigMap", name).data["mqttd.yaml"]);
const checksumsOf = (objects: readonly Rendered[]) => one(objects, "StatefulSet").spec.template.metadata.annotations;
const annotationsOf = (objects: readonly Rendered[]) => one(objects, "Service", "x-mqttd").metadata.annotations;

describe("the pods of the chart mqttd", () => {
  it("may do nothing but run: no root, no capability, no token, nothing to write but /tmp and the data", (context) => {
    for (const [name] of valueSets("mqttd")) {
      const objects = set(context, name);
      for (const pod of [podOf(objects), objects.find(({ kind }) => kind === "Pod")!.spec]) {
        expect(pod.automountServiceAccountToken).toBe(false);
        expect(pod.enableServiceLinks).toBe(false);
        expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
        const ours = [...(pod.initContainers ?? []), ...pod.containers].filter(({ name }) => ["mqttd", "doctor", "broker"].includes(name));
        expect(ours.length).toBeGreaterThan(0);
        for (const { securityContext, volumeMounts = [] } of ours) {
          expect(securityContext).toEqual({
            allowPrivilegeEscalation: false,
            capabilities: { drop: ["ALL"] },
            privileged: false,
            readOnlyRootFilesystem: true,
            runAsNonRoot: true,
            seccompProfile: { type: "RuntimeDefault" },
          });
          const writable = (volumeMounts as { mountPath: string; readOnly?: boolean }[]).filter(({ readOnly }) => !readOnly);
          for (const { mountPath } of writable) expect(["/tmp", "/var/lib/mqttd"]).toContain(mountPath);
        }
      }
    }
  });

  it("run the broker of the ConfigMap on a stock image of an exact version, or an image of one's own", (context) => {
    const bun = podOf(rendered(context, MINIMAL)).containers[0];
    expect(bun.image).toBe("oven/bun:1.4.5");
    expect([...bun.command, ...bun.args]).toEqual(["bun", "/opt/mqttd/mqttd.mjs", "start", "--config", "/etc/mqttd/mqttd.yaml"]);
    const node = podOf(rendered(context, { ...MINIMAL, runtime: "node", global: { imageRegistry: "mirror.example" } })).containers[0];
    expect(node.image).toMatch(/^mirror\.example\/node:24\.\d+\.\d+-bookworm-slim$/);
    expect(node.command).toEqual(["node", "/opt/mqttd/mqttd.mjs"]);

    const own = set(context, "own-image");
    expect(podOf(own).containers[0].image).toBe(`registry.example/team/mqttd:0.1.0@sha256:${"0123456789abcdef".repeat(4)}`);
    expect(own.filter(({ metadata }) => metadata.name === "broker-bundle")).toEqual([]);
    expect(podOf(own).volumes.map(({ name }: { name: string }) => name)).toEqual(["config", "tmp", "jwt"]);
    expect(podOf(own).imagePullSecrets).toEqual([{ name: "registry" }]);
  });

  it("run what broker/Dockerfile runs, in the same versions, and on the Bun that the tests run on", (context) => {
    const dockerfile = readFileSync(join(CHARTS_FOLDER, "../Dockerfile"), "utf8");
    const lock = JSON.parse(readFileSync(join(CHARTS_FOLDER, "../../package-lock.json"), "utf8"));
    expect(podOf(rendered(context, MINIMAL)).containers[0].image).toBe(`oven/bun:${lock.packages["node_modules/bun"].version}`);
    for (const runtime of ["bun", "node"]) {
      const { image, command } = podOf(rendered(context, { ...MINIMAL, runtime })).containers[0];
      expect(dockerfile).toContain(`FROM ${image} AS ${runtime}\nENTRYPOINT ${JSON.stringify(command).replaceAll(",", ", ")}`);
    }
    // The image has a folder for data in its environment, which goes over the settings.
    const own = { ...MINIMAL, bundle: { enabled: false }, image: { repository: "team/mqttd", tag: "0.1.0" } };
    const withoutDisk = podOf(rendered(context, { ...own, persistence: { enabled: false } })).containers[0].env;
    expect(withoutDisk).toContainEqual({ name: "MQTTD_DATA_DIR", value: "off" });
    expect(podOf(rendered(context, own)).containers[0].env).not.toContainEqual({ name: "MQTTD_DATA_DIR", value: "off" });
  });

  it("stand on the pool's nodes by selector, toleration and affinity, and ask for its sysctls", (context) => {
    const pod = podOf(set(context, "aws"));
    expect(pod.nodeSelector).toEqual({ dedicated: "mqtt-broker" });
    expect(pod.tolerations).toEqual([{ key: "dedicated", operator: "Equal", value: "mqtt-broker", effect: "NoSchedule" }]);
    expect(pod.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms).toHaveLength(1);
    expect(pod.securityContext.sysctls).toEqual([
      { name: "net.core.somaxconn", value: "32768" },
      { name: "net.ipv4.tcp_max_syn_backlog", value: "16384" },
      { name: "net.ipv4.ip_local_port_range", value: "1024 65535" },
    ]);
    const test = one(set(context, "aws"), "Pod").spec;
    for (const field of ["nodeSelector", "tolerations", "affinity", "securityContext"]) expect(test[field], field).toEqual(pod[field]);
  });

  it("spread over zones and hosts", (context) => {
    const constraints = podOf(set(context, "aws")).topologySpreadConstraints;
    expect(
      constraints.map(({ topologyKey, whenUnsatisfiable, nodeTaintsPolicy }: Values) => [topologyKey, whenUnsatisfiable, nodeTaintsPolicy]),
    ).toEqual([
      ["topology.kubernetes.io/zone", "DoNotSchedule", "Honor"],
      ["kubernetes.io/hostname", "ScheduleAnyway", "Honor"],
    ]);
    expect(podOf(set(context, "own-image")).topologySpreadConstraints).toEqual([
      { maxSkew: 1, topologyKey: "rack", whenUnsatisfiable: "DoNotSchedule" },
    ]);
  });

  it("run the doctor before the broker, with its memory and environment, and let it stop them unless told otherwise", (context) => {
    const pod = podOf(set(context, "aws"));
    const [doctor] = pod.initContainers;
    const start = ["bun", "/opt/mqttd/mqttd.mjs", "doctor", "--config", "/etc/mqttd/mqttd.yaml"];
    expect([...doctor.command, ...doctor.args]).toEqual([...start, "--plan", "/etc/mqttd/plan.json"]);
    for (const field of ["resources", "env", "image"]) expect(doctor[field], field).toEqual(pod.containers[0][field]);
    expect(JSON.parse(one(set(context, "aws"), "ConfigMap", "x-mqttd").data["plan.json"])).toMatchObject({
      version: 1,
      pool: "eks/Brokers",
    });
    expect(settingsOf(set(context, "aws")).planFile).toBe("/etc/mqttd/plan.json");

    const advisory = podOf(rendered(context, { ...MINIMAL, doctor: { failClosed: false, require: ["nats", "clock"], skip: ["pids"] } }));
    expect(advisory.initContainers[0].args.slice(3)).toEqual(["--require", "nats,clock", "--skip", "pids", "--advisory"]);
    expect(settingsOf(rendered(context, MINIMAL)).planFile).toBeUndefined();
    expect(podOf(rendered(context, { ...MINIMAL, doctor: { enabled: false } })).initContainers).toBeUndefined();
    expect(podOf(set(context, "own-image")).initContainers.map(({ name }: Values) => name)).toEqual(["doctor", "first"]);
  });

  it("have the doctor look again in helm test, but for the memory, which is another's there", (context) => {
    const [, doctor] = one(set(context, "aws"), "Pod").spec.containers;
    expect(doctor.args.slice(3)).toEqual(["--plan", "/etc/mqttd/plan.json", "--skip", "memory,heap"]);
    expect(doctor.resources.limits.memory).toBe("256Mi");
  });

  it("are asked for health on the admin port", (context) => {
    const [broker] = podOf(rendered(context, MINIMAL)).containers;
    expect(broker.livenessProbe.httpGet).toEqual({ path: "/healthz", port: "admin" });
    expect(broker.readinessProbe.httpGet).toEqual({ path: "/readyz", port: "admin" });
    expect(broker.startupProbe.httpGet).toEqual({ path: "/readyz", port: "admin" });
    expect(podOf(set(context, "own-image")).containers[0].livenessProbe).toBeUndefined();
  });

  it.for([
    // preStop 5 + delay 10 + told at that rate, a tenth more + margin 10
    [{ connectionsPerPod: 50_000, drain: { disconnectRate: 1_000 } }, 55, 80],
    [{ connectionsPerPod: 1_000_000, drain: { disconnectRate: 5_000 } }, 220, 245],
    [{ connectionsPerPod: 10 }, 5, 30],
    [{ connectionsPerPod: 1_001, drain: { disconnectRate: 100, preStopSeconds: 0, delaySeconds: 0, marginSeconds: 1 } }, 12, 13],
    [{ terminationGracePeriodSeconds: 900 }, 55, 900],
  ] as const)("have as long to end as their clients take to be told: %j", ([values, shutdownSeconds, grace], context: TestContext) => {
    const objects = rendered(context, { ...MINIMAL, ...values });
    expect(settingsOf(objects).shutdownSeconds).toBe(shutdownSeconds);
    expect(podOf(objects).terminationGracePeriodSeconds).toBe(grace);
  });

  it("wait before they are told to end, by the kubelet from Kubernetes 1.30 on, by the runtime before", (context) => {
    expect(podOf(rendered(context, MINIMAL, "1.30.0")).containers[0].lifecycle).toEqual({ preStop: { sleep: { seconds: 5 } } });
    const older = podOf(rendered(context, MINIMAL, "1.29.6")).containers[0].lifecycle;
    expect(older.preStop.exec.command).toEqual(["bun", "-e", "setTimeout(() => {}, 5000)"]);
    expect(podOf(set(context, "own-image")).containers[0].lifecycle.preStop.exec.command).toEqual(["sleep", "1"]);
  });

  it.for([
    ["node", { limits: { memory: "1Gi" } }, [{ name: "NODE_OPTIONS", value: "--max-old-space-size=672" }]],
    ["node", { limits: { memory: "2000M" } }, [{ name: "NODE_OPTIONS", value: "--max-old-space-size=1334" }]],
    ["node", { limits: { memory: 1_073_741_824 } }, [{ name: "NODE_OPTIONS", value: "--max-old-space-size=672" }]],
    ["bun", { limits: { memory: "512Mi" } }, [{ name: "BUN_JSC_forceRAMSize", value: "536870912" }]],
    ["bun", { limits: { memory: null } }, undefined],
    ["bun", { limits: null }, undefined],
    ["node", null, undefined],
  ] as const)("on %s with %j are told how large their heap may be", ([runtime, resources, env], context: TestContext) => {
    expect(podOf(rendered(context, { ...MINIMAL, runtime, resources })).containers[0].env).toEqual(env);
  });

  it("roll when the broker, a setting, the plan or a secret given by value changes, and only then", (context) => {
    const users = { content: "a:b" };
    const before = checksumsOf(rendered(context, { auth: { users } }));
    const changed = (values: Values) => {
      const after = checksumsOf(rendered(context, { auth: { users }, ...values }));
      return Object.keys(before).filter((name) => before[name] !== after[name]);
    };
    expect(Object.keys(before)).toEqual(["checksum/config", "checksum/bundle", "checksum/secrets"]);
    expect(changed({})).toEqual([]);
    expect(changed({ service: { type: "LoadBalancer" }, commonLabels: { a: "b" } })).toEqual([]);
    expect(changed({ config: { mqtt: { maxQos: 1 } } })).toEqual(["checksum/config"]);
    expect(changed({ plan: { hostNetwork: false } })).toEqual(["checksum/config"]);
    expect(changed({ auth: { users: { content: "a:c" } } })).toEqual(["checksum/secrets"]);
  });

  it("have a disk each without NATS, and none with it", (context) => {
    const alone = rendered(context, MINIMAL);
    expect(one(alone, "StatefulSet").spec.volumeClaimTemplates[0].spec.resources.requests.storage).toBe("8Gi");
    expect(settingsOf(alone).dataDir).toBe("/var/lib/mqttd");
    expect(podOf(alone).containers[0].volumeMounts).toContainEqual({ name: "data", mountPath: "/var/lib/mqttd" });

    for (const objects of [rendered(context, CLUSTERED), rendered(context, { ...MINIMAL, persistence: { enabled: false } })]) {
      expect(one(objects, "StatefulSet").spec.volumeClaimTemplates).toBeUndefined();
      expect(settingsOf(objects).dataDir).toBe("off");
    }
  });
});

describe("the Services of the chart mqttd", () => {
  const PREFIX = "service.beta.kubernetes.io/aws-load-balancer";

  it("ask AWS for a Network Load Balancer that tells clients' addresses, keeps silent ones, and lets brokers drain", (context) => {
    const objects = set(context, "aws");
    expect(annotationsOf(objects)).toEqual({
      [`${PREFIX}-type`]: "external",
      [`${PREFIX}-nlb-target-type`]: "ip",
      [`${PREFIX}-scheme`]: "internet-facing",
      [`${PREFIX}-attributes`]: "load_balancing.cross_zone.enabled=true",
      [`${PREFIX}-target-group-attributes`]:
        "proxy_protocol_v2.enabled=true,preserve_client_ip.enabled=true,deregistration_delay.timeout_seconds=80",
      [`${PREFIX}-listener-attributes.TCP-8883`]: "tcp.idle_timeout.seconds=1800",
      [`${PREFIX}-listener-attributes.TCP-8084`]: "tcp.idle_timeout.seconds=1800",
    });
    const { listeners, mqtt } = settingsOf(objects);
    expect(listeners.map(({ name, proxyProtocol = false }: Values) => [name, proxyProtocol])).toEqual([
      ["mqtts", true],
      ["wss", true],
      ["internal", false],
    ]);
    expect(mqtt).toEqual({ maxKeepAliveSeconds: 1_350, maxPacketBytes: 262_144, maxRetainedBytes: 2_147_483_648 });
    expect(one(objects, "Service", "x-mqttd").spec.ports.map(({ name }: Values) => name)).toEqual(["mqtts", "wss"]);
    expect(one(objects, "Service", "x-mqttd-headless").spec.ports.map(({ name }: Values) => name)).toEqual(["mqtts", "wss", "internal"]);
  });

  it("let the Network Load Balancer end TLS, whose idle time cannot be changed, and hide the plain ports then", (context) => {
    const objects = set(context, "aws-tls-termination");
    expect(annotationsOf(objects)).toMatchObject({
      [`${PREFIX}-scheme`]: "internal",
      [`${PREFIX}-ssl-cert`]: "arn:aws:acm:eu-central-1:123456789012:certificate/0a1b2c3d",
      [`${PREFIX}-ssl-ports`]: "mqtts,wss",
      [`${PREFIX}-target-group-attributes`]: expect.stringContaining("proxy_protocol_v2.enabled=false"),
    });
    expect(Object.keys(annotationsOf(objects)!).filter((name) => name.includes("listener-attributes"))).toEqual([]);
    expect(one(objects, "Service", "x-mqttd").spec.ports).toEqual([
      { name: "mqtts", port: 8_883, targetPort: "mqtt", protocol: "TCP" },
      { name: "wss", port: 8_084, targetPort: "ws", protocol: "TCP" },
    ]);
    expect(settingsOf(objects).mqtt.maxKeepAliveSeconds).toBe(262);
  });

  it("ask Azure for its idle time in minutes", (context) => {
    const objects = set(context, "azure");
    expect(annotationsOf(objects)).toEqual({
      "service.beta.kubernetes.io/azure-load-balancer-internal": "false",
      "service.beta.kubernetes.io/azure-load-balancer-tcp-idle-timeout": "20",
    });
    expect(settingsOf(objects).mqtt.maxKeepAliveSeconds).toBe(900);
    expect(one(objects, "Service", "x-mqttd").spec).toMatchObject({
      externalTrafficPolicy: "Local",
      loadBalancerSourceRanges: ["203.0.113.0/24"],
    });
  });

  it("ask Google for a passthrough load balancer, inside or outside, and leave keep alive as it is", (context) => {
    const inside = set(context, "gcp");
    expect(annotationsOf(inside)).toEqual({ "networking.gke.io/load-balancer-type": "Internal" });
    expect(settingsOf(inside).mqtt).toBeUndefined();
    const outside = rendered(context, { ...CLUSTERED, cloud: "gcp", service: { type: "LoadBalancer" } });
    expect(annotationsOf(outside)).toEqual({ "cloud.google.com/l4-rbs": "enabled" });
  });

  it("have no annotation of a cloud unless they are load balancers, and the user's go over the cloud's", (context) => {
    expect(annotationsOf(rendered(context, { ...MINIMAL, cloud: "aws" }))).toBeUndefined();
    const annotations = { [`${PREFIX}-nlb-target-type`]: "instance" };
    const own = rendered(context, { ...MINIMAL, cloud: "aws", service: { type: "LoadBalancer", annotations } });
    expect(annotationsOf(own)![`${PREFIX}-nlb-target-type`]).toBe("instance");
  });

  it("keep the admin port inside the cluster", (context) => {
    for (const [name] of valueSets("mqttd")) {
      const full = name === "own-image" ? "broker" : "x-mqttd";
      const objects = set(context, name);
      expect(one(objects, "Service", `${full}-admin`).spec).toMatchObject({ type: "ClusterIP", ports: [{ port: 18_083 }] });
      expect(one(objects, "Service", full).spec.ports.map(({ name }: Values) => name)).not.toContain("admin");
    }
  });
});

describe("around the pods the chart mqttd", () => {
  it("lets one broker go at a time, or as many as it is told", (context) => {
    expect(one(rendered(context, CLUSTERED), "PodDisruptionBudget").spec).toMatchObject({
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: "AlwaysAllow",
    });
    const { minAvailable, maxUnavailable } = one(set(context, "azure"), "PodDisruptionBudget").spec;
    expect([minAvailable, maxUnavailable]).toEqual(["60%", undefined]);
  });

  it("scales by clients, by CPU or by both, and slowly down", (context) => {
    const both = one(set(context, "azure"), "HorizontalPodAutoscaler").spec;
    expect(both).toMatchObject({ minReplicas: 3, maxReplicas: 12, scaleTargetRef: { kind: "StatefulSet", name: "x-mqttd" } });
    expect(both.metrics.map(({ type }: Values) => type)).toEqual(["Pods", "Resource"]);
    expect(both.behavior.scaleDown.policies).toEqual([{ type: "Pods", value: 1, periodSeconds: 600 }]);
    expect(one(set(context, "azure"), "StatefulSet").spec.replicas).toBeUndefined();

    const byClients = one(rendered(context, { ...CLUSTERED, autoscaling: { enabled: true } }), "HorizontalPodAutoscaler").spec.metrics;
    expect(byClients).toEqual([
      { type: "Pods", pods: { metric: { name: "mqttd_clients_connected" }, target: { type: "AverageValue", averageValue: "35000" } } },
    ]);
  });

  it("closes the network to all but those named", (context) => {
    const { policyTypes, ingress, egress } = one(set(context, "azure"), "NetworkPolicy").spec;
    expect(policyTypes).toEqual(["Ingress", "Egress"]);
    expect(ingress[0]).toEqual({
      ports: [{ port: "mqtt" }, { port: "mqtts" }],
      from: [{ podSelector: { matchLabels: { "x-mqttd-client": "true" } } }],
    });
    expect(ingress[1].ports).toEqual([{ port: "admin" }]);
    expect(ingress[1].from[0].namespaceSelector).toBeDefined();
    expect(ingress[2].from).toEqual([{ ipBlock: { cidr: "203.0.113.0/24" } }]);
    expect(egress.map(({ ports }: { ports: Values[] }) => ports.map(({ port }) => port))).toEqual([[53, 53], [4_222]]);

    const open = one(rendered(context, MINIMAL), "NetworkPolicy").spec;
    expect(open.policyTypes).toEqual(["Ingress"]);
    expect(open.ingress[0]).toEqual({ ports: [{ port: "mqtt" }] });
    expect(open.ingress[1].from).toEqual([{ podSelector: {} }]);
  });

  it("takes secrets as files, from Secrets that exist or that it makes of values, and puts none into the ConfigMap", (context) => {
    const paths = (objects: readonly Rendered[]) =>
      podOf(objects).volumes[0].projected.sources.flatMap(
        ({ secret }: { secret?: { name: string; items: { key: string; path: string }[] } }) =>
          (secret?.items ?? []).map(({ key, path }) => `${secret!.name}/${key} ${path}`),
      );
    expect(paths(set(context, "aws"))).toEqual([
      "x-mqttd-admin/tokens admin/tokens",
      "mqtt-users/users auth/users",
      "x-mqttd-tls/tls.crt tls/tls.crt",
      "x-mqttd-tls/tls.key tls/tls.key",
      "device-authorities/ca.crt tls/client-ca.crt",
      "nats-user/user.creds nats/user",
      "nats-tls/ca.crt nats/ca.crt",
      "nats-tls/tls.crt nats/tls.crt",
      "nats-tls/tls.key nats/tls.key",
    ]);
    const single = set(context, "single");
    expect(paths(single)).toEqual(["x-mqttd-admin/tokens admin/tokens", "x-mqttd-auth/users auth/users", "x-mqttd-auth/acl auth/acl"]);
    const secret = one(single, "Secret", "x-mqttd-auth").data;
    expect(Buffer.from(secret.users, "base64").toString()).toMatch(/^alice:\$7\$/);
    expect(JSON.stringify(one(single, "ConfigMap", "x-mqttd"))).not.toContain("alice");
  });

  it("hands further settings on, also in sections that it fills itself", (context) => {
    const config = { nats: { maxBatchBytes: 1_048_576 }, drain: { redirect: "server-moved" }, log: { level: "warn" } };
    const settings = settingsOf(rendered(context, { ...CLUSTERED, config }));
    expect(settings.nats).toMatchObject({ servers: "nats://nats:4222", maxBatchBytes: 1_048_576 });
    expect(settings.drain).toMatchObject({ delaySeconds: 10, redirect: "server-moved" });
    expect(settings.log).toEqual({ format: "json", level: "warn" });
  });

  it("has the broker look for changed secrets, as often as it is told", (context) => {
    expect(settingsOf(rendered(context, MINIMAL)).reloadSeconds).toBe(30);
    expect(settingsOf(rendered(context, { ...MINIMAL, config: { reloadSeconds: "off" } })).reloadSeconds).toBe("off");
  });

  it("makes tokens of the admin port: one to change things, one to look", (context) => {
    const { data } = one(rendered(context, MINIMAL), "Secret", "x-mqttd-admin");
    const text = (key: string) => Buffer.from(data[key], "base64").toString();
    expect(text("tokens")).toBe(`admin ${text("token")} chart\nread ${text("metrics-token")} metrics\n`);
    expect(text("token")).toMatch(/^[A-Za-z0-9]{40}$/);
    expect(text("token")).not.toBe(text("metrics-token"));
    expect(set(context, "own-image").filter(({ kind }) => kind === "Secret")).toEqual([]);
  });

  it("has cert-manager make the certificate, and the Prometheus operator scrape each pod", (context) => {
    const objects = set(context, "aws");
    expect(one(objects, "Certificate").spec).toMatchObject({
      secretName: "x-mqttd-tls",
      issuerRef: { name: "letsencrypt", kind: "ClusterIssuer", group: "cert-manager.io" },
      dnsNames: expect.arrayContaining(["mqtt.example", "x-mqttd.mqtt.svc"]),
    });
    const { selector, endpoints } = one(objects, "ServiceMonitor").spec;
    expect(one(objects, "Service", "x-mqttd-admin").metadata.labels).toMatchObject(selector.matchLabels);
    expect(one(objects, "Service", "x-mqttd").metadata.labels).not.toMatchObject(selector.matchLabels);
    expect(endpoints[0]).toMatchObject({ port: "admin", path: "/metrics", authorization: { credentials: { name: "x-mqttd-admin" } } });
  });

  it("has every broker push its numbers where a gateway is named", (context) => {
    expect(settingsOf(set(context, "azure")).metrics).toEqual({
      emqxNames: true,
      push: {
        url: "https://push.example",
        intervalSeconds: 15,
        timeoutSeconds: 5,
        job: "mqttd",
        grouping: { region: "eu" },
        deleteOnStop: true,
        passwordFile: "/etc/mqttd/pushgateway/user",
        caFile: "/etc/mqttd/pushgateway/ca.crt",
      },
    });
    expect(settingsOf(rendered(context, MINIMAL)).metrics).toBeUndefined();
  });

  it("labels every object as Kubernetes advises, and with the user's labels", (context) => {
    for (const { metadata, kind } of set(context, "own-image").filter(({ metadata }) => metadata.name !== "more")) {
      expect(metadata.labels, kind).toMatchObject({
        "app.kubernetes.io/name": "mqttd",
        "app.kubernetes.io/instance": "x",
        "app.kubernetes.io/managed-by": "Helm",
        "app.kubernetes.io/component": expect.any(String),
        "helm.sh/chart": "mqttd-0.1.0",
        team: "iot",
      });
    }
  });

  it("says in its notes how to reach the broker, and what is dangerous about it", (context) => {
    const helm = new Helm(context);
    const notes = (values: Values) => helm.notes(helm.chart("mqttd"), { values });
    expect(notes(MINIMAL)).toContain("WARNING: everyone who reaches it may connect");
    expect(notes(MINIMAL)).toContain("mqtt://x-mqttd.mqtt.svc:1883");
    expect(notes(CLUSTERED)).toContain("3 brokers of up to 50000 clients each");
    expect(notes({ ...MINIMAL, listeners: { backlog: 8_192 } })).toContain("somaxconn of 4096 cuts listeners.backlog (8192)");
  });
});
