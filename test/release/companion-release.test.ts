import { describe, expect, it } from "vitest";
import { SysctlProfile } from "../../lib/kernel/sysctl-profile";
import { ExistingNodePool } from "../../lib/nodes/existing-node-pool";
import type { CompanionReleaseProps } from "../../lib/release/companion-props";
import { CompanionRelease } from "../../lib/release/companion-release";
import { NatsRelease } from "../../lib/release/nats-release";
import { POOL_NAMES, POOLS, type PoolName } from "./pools";
import { buildOn, type Place, refusalOn, valuesOf } from "./releases";

const USERS = { secret: "mqttd-users", key: "users" };

type Options = Partial<Omit<CompanionReleaseProps, "pool" | "namespace" | "nats" | "replicas" | "persistence">>;

const alone =
  (options: Options = {}) =>
  ({ stack, pool, namespace }: Place) =>
    new CompanionRelease(stack, "Broker", { pool, namespace, users: USERS, ...options });

const clustered =
  (options: Options & { readonly replicas?: number } = {}) =>
  ({ stack, pool, namespace }: Place) =>
    new CompanionRelease(stack, "Broker", {
      pool,
      namespace,
      users: USERS,
      nats: new NatsRelease(stack, "Nats", { pool, namespace }),
      ...options,
    });

const values = (pool: PoolName, options: Options = {}) => valuesOf(buildOn(pool, alone(options)).releases.get("mqttd"));

describe.each(POOL_NAMES)("CompanionRelease on %s", (name) => {
  it("places its pods on the pool's nodes and no others, by selector, toleration and affinity", () => {
    const { pool, releases } = buildOn(name, alone());
    const { nodeSelector, tolerations, affinity } = valuesOf(releases.get("mqttd"));
    expect(nodeSelector).toEqual(pool.nodeSelector);
    expect(tolerations).toEqual(pool.tolerations);
    const [{ matchExpressions }] = affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms;
    expect(matchExpressions).toEqual([
      { key: "dedicated", operator: "In", values: ["mqtt-broker"] },
      { key: "kubernetes.io/os", operator: "In", values: ["linux"] },
      { key: "kubernetes.io/arch", operator: "In", values: ["amd64"] },
    ]);
  });

  it("has its pods set what the pool's plan has them set", () => {
    const { pool, made, releases } = buildOn(name, alone());
    expect(valuesOf(releases.get("mqttd")).podSecurityContext.sysctls).toEqual(pool.tuning.podSysctls);
    expect(made.pod.sysctls).toEqual(pool.tuning.podSysctls);
  });

  it("listens with the backlog that the pods' somaxconn allows", () => {
    expect(values(name).listeners.backlog).toBe(32_768);
  });

  it("is refused a sysctl once the pool does not allow it", () => {
    const without = SysctlProfile.MILLION.without("net.core.somaxconn");
    const refused = (options: Options) => refusalOn((stack) => POOLS[name](stack, { profile: without }), alone(options));
    expect(refused({ sysctls: { "net.core.somaxconn": 32_768 } })).toMatch(
      /^InvalidPropsError: test\/Broker: 'sysctls' asks for what pool 'test\/Pool' does not allow: pod sysctl 'net.core.somaxconn' is unsafe on Kubernetes 1.34 and its pool allows .*: the kubelet would reject the pod with SysctlForbidden. Add it to the pool's profile or to its allowedUnsafeSysctls$/,
    );
    expect(refused({ backlog: 32_768 })).toBe(
      "InvalidPropsError: test/Broker: 'backlog' is 32768, but net.core.somaxconn is 4096 in the pods of pool 'test/Pool' and would cut it in silence; lower it to 4096, or put net.core.somaxconn = 32768 into the pool's profile",
    );
    expect(refused({})).toBe("accepted");
  });
});

describe("the same release on all four pools", () => {
  const rendered = POOL_NAMES.map((name) => buildOn(name, alone({ service: { type: "ClusterIP" } })));
  const podOf = ({ releases }: (typeof rendered)[number]) => {
    const { plan: _plan, podSecurityContext, cloud: _cloud, persistence: _disk, ...rest } = valuesOf(releases.get("mqttd"));
    return { ...rest, podSecurityContext: { ...podSecurityContext, sysctls: undefined } };
  };

  it("renders equal values but for plan, sysctls, cloud and its class of disks", () => {
    for (const one of rendered) expect(podOf(one)).toEqual(podOf(rendered[0]!));
  });

  it("differs in sysctls only where the plans do, and each difference is a row of the report", () => {
    const sets = rendered.map(({ made, pool }) => ({ pool, sysctls: new Map(made.pod.sysctls.map(({ name, value }) => [name, value])) }));
    const names = new Set(sets.flatMap(({ sysctls }) => [...sysctls.keys()]));
    const differing = [...names].filter((name) => new Set(sets.map(({ sysctls }) => sysctls.get(name))).size > 1);
    expect(differing).toEqual(["net.core.optmem_max"]);
    for (const { pool, sysctls } of sets) {
      for (const name of differing) {
        const row = pool.tuning.rows.find(({ key }) => key === name)!;
        expect(row.pod?.value).toBe(sysctls.get(name));
        if (!row.pod) expect(row.notes.join(" ")).toContain("only on the node");
      }
    }
  });
});

describe("CompanionRelease's sysctls", () => {
  it("may be changed and left out, and the doctor's plan follows", () => {
    const { plan, podSecurityContext } = values("GKE", {
      sysctls: { "net.ipv4.tcp_fin_timeout": 20, "net.ipv4.tcp_max_syn_backlog": null },
    });
    expect(podSecurityContext.sysctls).toContainEqual({ name: "net.ipv4.tcp_fin_timeout", value: "20" });
    expect(podSecurityContext.sysctls.map(({ name }: { name: string }) => name)).not.toContain("net.ipv4.tcp_max_syn_backlog");
    const key = (name: string) => plan.keys.find((entry: { key: string }) => entry.key === name);
    expect(key("net.ipv4.tcp_fin_timeout")).toMatchObject({ wanted: "15", expected: "20", setBy: ["pod"], status: "adjusted" });
    expect(key("net.ipv4.tcp_max_syn_backlog")).toMatchObject({ wanted: "16384", need: "advised", setBy: [], status: "missing" });
    expect(key("net.ipv4.tcp_max_syn_backlog").expected).toBeUndefined();
  });

  it("are checked in the escape hatch too", () => {
    const hatch = { podSecurityContext: { sysctls: [{ name: "net.ipv4.tcp_mtu_probing", value: "1" }] } };
    expect(refusalOn("AKS", alone({ values: hatch }))).toContain("'values' asks for what pool 'test/Pool' does not allow");
  });

  it("do not compile for a key of the whole node", () => {
    // @ts-expect-error: fs.nr_open belongs to the node.
    expect(refusalOn("AKS", alone({ sysctls: { "fs.nr_open": 2_097_152 } }))).toContain(
      "pod sysctl 'fs.nr_open' belongs to the whole node",
    );
  });

  it("must be values that a kernel takes", () => {
    expect(refusalOn("GKE", alone({ sysctls: { "net.ipv4.tcp_fin_timeout": -1 } }))).toContain(
      "InvalidSysctlError: sysctl 'net.ipv4.tcp_fin_timeout' is -1",
    );
  });
});

describe("CompanionRelease's limits", () => {
  it("are held against the open files that the pool gives containers", () => {
    expect(refusalOn("AKS", alone({ connectionsPerPod: 1_000_000, drainRate: 10_000 }))).toBe("accepted");
    expect(refusalOn("AKS", alone({ connectionsPerPod: 1_010_000, drainRate: 10_000 }))).toBe(
      "InvalidPropsError: test/Broker: 'connectionsPerPod' is 1010000, which takes 1050400 open files; containers on pool 'test/Pool' get 1048576. Put fewer on each pod and have more replicas, or choose an EKS pool, which can set it",
    );
    expect(refusalOn("EKS, AL2023", alone({ connectionsPerPod: 1_010_000, drainRate: 10_000 }))).toContain("withOpenFiles(1050400)");
  });

  it("are those of nodes that exist where these are not ours", () => {
    const pool = (stack: Place["stack"]) => new ExistingNodePool(stack, "Pool", { kubernetesVersion: "1.34" });
    expect(refusalOn(pool, alone())).toBe("accepted");
    expect(refusalOn(pool, alone({ connectionsPerPod: 65_000 }))).toContain("containers on pool 'test/Pool' get 65536");
  });

  it("size memory by the connections, the runtime and TLS", () => {
    const tls = { listeners: ["mqtts"], tls: { secret: "mqtt-tls" } } as const;
    const memory = (options: Options) => values("GKE", { connectionsPerPod: 100_000, ...options }).resources.limits.memory;
    const [bun, node] = [memory({}), memory({ runtime: "node" })].map(Number.parseFloat) as [number, number];
    const [bunTls, nodeTls] = [memory(tls), memory({ ...tls, runtime: "node" })].map(Number.parseFloat) as [number, number];
    expect(bun).toBeLessThan(node);
    expect(node).toBeLessThan(bunTls * 2);
    expect(nodeTls).toBeGreaterThan(4 * bunTls);
    expect(values("GKE", { memory: "2Gi" }).resources).toEqual({ requests: { cpu: "1", memory: "2Gi" }, limits: { memory: "2Gi" } });
  });

  it("keep the drain within what the cloud waits for a node", () => {
    expect(refusalOn("EKS, AL2023", alone({ connectionsPerPod: 900_000 }))).toBe(
      "InvalidPropsError: test/Broker: 'drainRate' is 1000: 900000 clients then take 1015 s to leave, but a node of pool 'test/Pool' is replaced after 900 s; raise it to 1132 or more, or put fewer connections on each pod",
    );
    expect(refusalOn("AKS", alone({ connectionsPerPod: 900_000 }))).toBe("accepted");
    expect(refusalOn("AKS", alone({ drainRate: 0 }))).toContain("'drainRate' is 0");
  });

  it.each([
    ["EKS, AL2023", 800_000],
    ["EKS, AL2023", 961_739],
    ["EKS, Bottlerocket", 875_001],
    ["AKS", 1_000_000],
    ["GKE", 333_333],
  ] as const)("name a drain rate that is enough, and the lowest that is: %s, %i connections", (name, connectionsPerPod) => {
    const refusal = (drainRate: number) => refusalOn(name, alone({ connectionsPerPod, drainRate }));
    const enough = Number(/raise it to (\d+) or more/.exec(refusal(50))?.[1]);
    expect(refusal(enough)).toBe("accepted");
    expect(refusal(enough - 1)).toContain(`raise it to ${enough} or more`);
  });

  it("count what else a pod waits for when it ends", () => {
    const patient = (delaySeconds: number) => refusalOn("EKS, AL2023", alone({ values: { drain: { delaySeconds } } }));
    expect(patient(830)).toBe("accepted");
    expect(patient(831)).toContain("50000 clients then take 901 s to leave");
    expect(patient(895)).toContain("'values' have a pod wait 910 s before and after it sends its clients away");
  });
});

describe("CompanionRelease's image", () => {
  const image = { repository: "example/mqttd", tag: "1.2.3" };

  it("is the stock runtime with the broker mounted, unless one of your own is named", () => {
    expect(values("GKE")).toMatchObject({ runtime: "bun" });
    expect(values("GKE").image).toBeUndefined();
    expect(values("GKE", { image })).toMatchObject({ image, bundle: { enabled: false } });
    expect(values("GKE", { image: { ...image, hasBroker: false } }).bundle).toEqual({ enabled: true });
  });

  it("must be built for the pool's machines", () => {
    const arm = (stack: Place["stack"]) => POOLS.GKE(stack, { machineType: "c4a-standard-8" });
    expect(refusalOn(arm, alone({ image: { ...image, architectures: ["amd64", "arm64"] } }))).toBe("accepted");
    expect(refusalOn(arm, alone({ image: { ...image, architectures: ["amd64"] } }))).toContain(
      "'image' is built for amd64, but the machines of pool 'test/Pool' are arm64; build it for arm64, or choose another machineType",
    );
  });
});

describe("CompanionRelease's listeners", () => {
  it("are those that are named", () => {
    const { listeners } = values("GKE", { listeners: ["mqtt", "ws", "wss"], tls: { certManager: { issuer: "letsencrypt" } } });
    expect(["mqtt", "mqtts", "ws", "wss"].map((name) => listeners[name].enabled)).toEqual([true, false, true, true]);
  });

  it("need a certificate for TLS", () => {
    expect(refusalOn("GKE", alone({ listeners: ["mqtts"] }))).toContain("'listeners' has mqtts but there is no certificate");
    expect(refusalOn("GKE", alone({ listeners: [] }))).toContain("'listeners' is empty");
  });

  it("hear plain text where AWS' load balancer ends TLS, which only its own controller does", () => {
    const service = { certificateArn: "arn:aws:acm:eu-central-1:1:certificate/2", awsController: "aws-load-balancer-controller" } as const;
    const made = values("EKS, AL2023", { listeners: ["mqtts"], service });
    expect(made.listeners).toMatchObject({ mqtt: { enabled: true }, mqtts: { enabled: false } });
    expect(made).toMatchObject({ cloud: "aws", service: { aws: { tlsTermination: { enabled: true } } } });
    const { certificateArn } = service;
    expect(refusalOn("EKS, AL2023", alone({ listeners: ["mqtts"], service: { certificateArn } }))).toContain(
      "only the AWS Load Balancer Controller ends TLS",
    );
    expect(refusalOn("AKS", alone({ listeners: ["mqtts"], service: { certificateArn } }))).toContain(
      "give the broker a certificate by tls",
    );
  });
});

describe("CompanionRelease's Service", () => {
  it("is an internal load balancer of the pool's cloud", () => {
    const annotation = "service.beta.kubernetes.io/aws-load-balancer";
    const aws = values("EKS, AL2023");
    expect(aws).toMatchObject({ cloud: "none", service: { type: "LoadBalancer" }, config: { mqtt: { maxKeepAliveSeconds: 262 } } });
    expect(aws.service.annotations).toEqual({ [`${annotation}-type`]: "nlb", [`${annotation}-internal`]: "true" });
    expect(values("AKS")).toMatchObject({ cloud: "azure", service: { type: "LoadBalancer", internal: true } });
    expect(values("GKE")).toMatchObject({ cloud: "gcp", service: { type: "LoadBalancer", internal: true } });
  });

  it("is public when that is said", () => {
    expect(values("EKS, AL2023", { service: { internal: false } }).service.annotations).toEqual({
      "service.beta.kubernetes.io/aws-load-balancer-type": "nlb",
    });
    expect(values("GKE", { service: { internal: false } }).service.internal).toBe(false);
  });

  it("is warned of where passwords would cross the internet as they are", () => {
    const warnings = (options: Options) =>
      buildOn("GKE", alone(options))
        .made.node.metadata.filter(({ type }) => type === "@cdktf/warn")
        .map(({ data }) => String(data));
    expect(warnings({ service: { internal: false }, listeners: ["mqtt", "ws"] })).toEqual([
      expect.stringContaining("mqtt and ws are on the internet without TLS"),
    ]);
    expect(warnings({ service: { internal: false }, listeners: ["mqtts"], tls: { secret: "mqtt-tls" } })).toEqual([]);
    expect(warnings({ listeners: ["mqtt", "ws"] })).toEqual([]);
  });

  it("lets clients inside the cluster in by a listener of their own where the others wait for PROXY headers", () => {
    const inside = (options: Options, pool: PoolName = "EKS, AL2023") => {
      const { made, releases } = buildOn(pool, alone(options));
      const { internal } = valuesOf(releases.get("mqttd")).listeners;
      return { host: made.host, podHosts: made.podHosts, ports: made.ports, internal };
    };
    const controller = { awsController: "aws-load-balancer-controller" } as const;
    const podHosts = ["mqttd-0.mqttd-headless.mqtt.svc"];
    const ownListener = { host: "mqttd-headless.mqtt.svc", podHosts, ports: { mqtt: 11_883 }, internal: { enabled: true } };
    const service = { host: "mqttd.mqtt.svc", podHosts: undefined, ports: { mqtt: 1883 }, internal: undefined };
    expect(inside({ service: controller })).toEqual(ownListener);
    expect(inside({ listeners: ["mqtt", "ws"], values: { listeners: { proxyProtocol: true } } }, "GKE")).toEqual(ownListener);
    const certificateArn = "arn:aws:acm:eu-central-1:1:certificate/2";
    const decrypted = { listeners: ["mqtts"], service: { ...controller, certificateArn } } as const;
    expect(inside({ ...decrypted, values: { listeners: { proxyProtocol: false } } })).toEqual(ownListener);

    expect(inside({})).toEqual(service);
    expect(inside({ service: { ...controller, type: "ClusterIP" } })).toEqual(service);
    expect(inside({ service: controller, values: { listeners: { proxyProtocol: false } } })).toEqual(service);

    expect(inside({ service: controller, values: { listeners: { internal: { containerPort: 2883 } } } })).toMatchObject({
      ports: { mqtt: 2883 },
    });
    expect(inside({ service: controller, values: { listeners: { internal: { enabled: false } } } })).toMatchObject({ ports: {} });
  });

  it("stays inside a cluster that is not ours, which may have no load balancers", () => {
    const pool = (stack: Place["stack"]) => new ExistingNodePool(stack, "Pool", { kubernetesVersion: "1.34" });
    expect(valuesOf(buildOn(pool, alone()).releases.get("mqttd"))).toMatchObject({ cloud: "none", service: { type: "ClusterIP" } });
  });

  it("does not promise a time-out that AWS' built-in controller does not set", () => {
    expect(refusalOn("EKS, AL2023", alone({ service: { idleTimeoutSeconds: 900 } }))).toContain("leaves it at 350");
    const service = { idleTimeoutSeconds: 900, awsController: "aws-load-balancer-controller" } as const;
    expect(values("EKS, AL2023", { service })).toMatchObject({ cloud: "aws", service: { idleTimeoutSeconds: 900 } });
  });
});

describe("CompanionRelease with NATS", () => {
  const { releases } = buildOn("GKE", clustered());

  it("joins three brokers without disks by the servers of the NATS release and its credentials", () => {
    expect(valuesOf(releases.get("mqttd"))).toMatchObject({
      replicaCount: 3,
      persistence: { enabled: false },
      nats: {
        servers: ["nats://nats.mqtt.svc:4222"],
        replicas: 3,
        credentials: { kind: "password", existingSecret: "nats-credentials", existingSecretKey: "nats" },
      },
    });
  });

  it("comes after NATS, its credentials and the namespace", () => {
    const follows = (name: string) => releases.get(name)?.depends_on.map((address: string) => address.replace(/_[0-9A-F]{8}$/, ""));
    expect(follows("mqttd")).toEqual(["helm_release.Namespace", "helm_release.Nats"]);
    expect(follows("nats")).toEqual(["helm_release.Namespace", "helm_release.Nats_Credentials"]);
    expect(follows("nats-credentials")).toEqual(["helm_release.Namespace"]);
  });

  it("takes servers that are there already", () => {
    const nats = {
      servers: ["tls://nats.example:4222"],
      replicas: 1,
      credentials: { kind: "credentials", secret: "creds", key: "user.creds" },
    } as const;
    const made = buildOn(
      "GKE",
      ({ stack, pool, namespace }) => new CompanionRelease(stack, "Broker", { pool, namespace, users: USERS, nats }),
    );
    expect(valuesOf(made.releases.get("mqttd")).nats).toEqual({
      servers: nats.servers,
      replicas: 1,
      credentials: { kind: "credentials", existingSecret: "creds", existingSecretKey: "user.creds" },
    });
  });

  it("is needed for more than one broker: without, it does not compile and is refused", () => {
    const make = ({ stack, pool, namespace }: Place) =>
      // @ts-expect-error: several brokers without NATS
      new CompanionRelease(stack, "Broker", { pool, namespace, users: USERS, replicas: 3 });
    expect(refusalOn("GKE", make)).toContain("'replicas' is 3 without nats");
  });

  it("does not go with a disk", () => {
    const make = ({ stack, pool, namespace }: Place) =>
      // @ts-expect-error: NATS keeps what a disk would
      new CompanionRelease(stack, "Broker", { pool, namespace, users: USERS, nats: { servers: ["nats://n:4222"] }, persistence: {} });
    expect(refusalOn("GKE", make)).toContain("'persistence' is given beside nats");
  });
});

describe("CompanionRelease", () => {
  it("lets nobody in by accident, and says how to let someone in", () => {
    expect(refusalOn("GKE", alone({ users: undefined }))).toContain("'users' is not given, so nobody could connect");
    expect(values("GKE", { users: undefined, allowAnonymous: true }).auth).toEqual({ allowAnonymous: true });
    const settings = { authentication: [{ type: "certificate" }] };
    expect(values("GKE", { users: undefined, settings }).config).toEqual(settings);
  });

  it("runs the doctor as it is told", () => {
    expect(values("GKE").doctor).toEqual({ enabled: true, failClosed: true });
    expect(values("GKE", { doctor: "advisory" }).doctor).toEqual({ enabled: true, failClosed: false });
    expect(values("GKE", { doctor: "off" }).doctor).toMatchObject({ enabled: false });
  });

  it("uses the node's network where its pool is planned for that, and sets no net.* then", () => {
    const made = buildOn((stack) => POOLS["EKS, AL2023"](stack, { hostNetwork: true }), alone());
    expect(valuesOf(made.releases.get("mqttd"))).toMatchObject({
      hostNetwork: true,
      podSecurityContext: { sysctls: [] },
      listeners: { backlog: 32_768 },
      plan: { hostNetwork: true },
    });
  });

  it("merges values last, and holds all of them to the chart's schema", () => {
    expect(values("GKE", { values: { minReadySeconds: 30, drain: { delaySeconds: 20 } } })).toMatchObject({
      minReadySeconds: 30,
      drain: { delaySeconds: 20, disconnectRate: 1000 },
    });
    expect(refusalOn("GKE", alone({ values: { replicas: 3, service: { type: "Loadbalancer" } } }))).toMatch(
      /'values' do not fit the chart: .*'replicas' is no value of it.*'service.type' is "Loadbalancer" and must be equal to one of the allowed values/,
    );
  });

  it.each([
    [{ hostNetwork: true }, "'values' sets hostNetwork to true, but pool 'test/Pool' is planned for false"],
    [{ connectionsPerPod: 2_000_000 }, "'connectionsPerPod' is 2000000, which takes 2080000 open files"],
    [{ drain: { disconnectRate: 10 } }, "'drainRate' is 10: 50000 clients then take 5525 s to leave"],
    [{ drain: { disconnectRate: 0 } }, "'drain.disconnectRate' is 0 and must be >= 1"],
    [{ connectionsPerPod: 900_000 }, "'drainRate' is 1000: 900000 clients then take 1015 s to leave"],
    [{ listeners: { backlog: 65_535 } }, "'backlog' is 65535, but net.core.somaxconn is 32768"],
  ])("holds values to the pool like props: %j", (hatch, message) => {
    expect(refusalOn("EKS, AL2023", alone({ values: hatch }))).toContain(message);
  });

  it("makes its plan, its memory and its time to roll of what values say, as of props", () => {
    const byValues = buildOn("AKS", clustered({ values: { connectionsPerPod: 200_000, drain: { disconnectRate: 500 }, replicaCount: 5 } }));
    const byProps = buildOn("AKS", clustered({ connectionsPerPod: 200_000, drainRate: 500, replicas: 5 }));
    expect(byValues.made.pod).toEqual({ ...byProps.made.pod, connections: 200_000 });
    const [one, other] = [byValues, byProps].map(({ releases }) => releases.get("mqttd"));
    expect({ ...valuesOf(one), resources: undefined }).toEqual({ ...valuesOf(other), resources: undefined });
    expect(valuesOf(one).plan.keys.at(-1)).toMatchObject({ key: "RLIMIT_NOFILE", expected: "208000" });
    expect(one?.timeout).toBe(other?.timeout);
    expect(Number.parseInt(valuesOf(one).resources.limits.memory, 10)).toBeGreaterThan(
      Number.parseInt(values("AKS").resources.limits.memory, 10),
    );
  });

  it("says how to reach it and its dashboard", () => {
    const { made } = buildOn("GKE", alone({ listeners: ["mqtt", "ws"] }));
    expect(made.host).toBe("mqttd.mqtt.svc");
    expect(made.ports).toEqual({ mqtt: 1883, ws: 8083 });
    expect(made.endpointCommand).toContain("kubectl --namespace mqtt get service mqttd ");
    expect(made.dashboardCommand).toBe("kubectl --namespace mqtt port-forward service/mqttd-admin 18083:18083");
  });

  it("keeps what looks like Terraform's templates as it is written", () => {
    const release = buildOn(
      "GKE",
      alone({ settings: { log: { level: "info" } }, values: { podAnnotations: { note: "${a} %{b}" } } }),
    ).releases.get("mqttd");
    expect(release?.values[0]).toContain('"note":"$${a} %%{b}"');
  });

  it("is waited for as long as its pods take to be replaced one by one", () => {
    const timeout = (replicas: number) => buildOn("GKE", clustered({ replicas })).releases.get("mqttd")?.timeout;
    expect([timeout(3), timeout(20)]).toEqual([900, 20 * (55 + 25 + 90)]);
    expect(buildOn("GKE", alone({ timeoutSeconds: 60 })).releases.get("mqttd")?.timeout).toBe(60);
  });

  it("has a name that Helm takes", () => {
    expect(refusalOn("GKE", alone({ releaseName: "MQTT_broker" }))).toContain("'releaseName' is 'MQTT_broker'");
    expect(refusalOn("GKE", alone({ releaseName: "m".repeat(53) }))).toContain("write 1 to 52 small letters");
  });
});
