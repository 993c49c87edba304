import { describe, expect, it } from "vitest";
import { SysctlProfile } from "../../lib/kernel/sysctl-profile";
import { LoadTestFleet, type LoadTestFleetProps } from "../../lib/load-test/load-test-fleet";
import type { Scenario } from "../../lib/load-test/scenario";
import { ExistingNodePool } from "../../lib/nodes/existing-node-pool";
import { CompanionRelease } from "../../lib/release/companion-release";
import { POOL_NAMES, POOLS, type PoolName } from "../release/pools";
import { buildOn, type Place, refusalOn, valuesOf } from "../release/releases";

const IDLE: Scenario = { name: "idle", command: "conn", clients: 1_000_000 };
const ADDRESS = { host: "mqtt.example", port: 1883 };

const GENERATORS = { profile: SysctlProfile.LOAD_GENERATOR, dedicatedTo: "mqtt-load" };
const pool = (name: PoolName) => (stack: Place["stack"]) => POOLS[name](stack, GENERATORS);

type Options = Partial<Omit<LoadTestFleetProps, "pool" | "namespace">>;
const fleet =
  (options: Options = {}) =>
  ({ stack, pool: nodes, namespace }: Place) =>
    new LoadTestFleet(stack, "Load", { pool: nodes, namespace, target: ADDRESS, scenarios: [IDLE], ...options });

const values = (options: Options = {}, name: PoolName = "GKE") => valuesOf(buildOn(pool(name), fleet(options)).releases.get("load-test"));
const refused = (options: Options) => refusalOn(pool("GKE"), fleet(options));

describe.each(POOL_NAMES)("LoadTestFleet on %s", (name) => {
  it("puts its pods on the generators' nodes, with every port from 1024", () => {
    const { nodeSelector, tolerations, podSecurityContext } = values({}, name);
    expect(nodeSelector).toEqual({ dedicated: "mqtt-load" });
    expect(tolerations).toContainEqual({ key: "dedicated", operator: "Equal", value: "mqtt-load", effect: "NoSchedule" });
    expect(podSecurityContext.sysctls).toContainEqual({ name: "net.ipv4.ip_local_port_range", value: "1024 65535" });
  });
});

describe("LoadTestFleet", () => {
  it("has a pod for each 50,000 clients, and time to end by itself", () => {
    const [job] = values().jobs;
    expect(job).toMatchObject({ name: "idle", pods: 20, deadlineSeconds: 900 });
    expect(job.args.join(" ")).toMatch(/^bench conn -h mqtt\.example -p 1883 -c 1000000 .* --duration 600$/);
  });

  it("asks for memory by the clients of a pod, the runtime and TLS", () => {
    const memory = (options: Options) => Number.parseInt(values(options).resources.limits.memory, 10);
    expect(memory({})).toBe(640);
    expect(memory({ runtime: "node" })).toBeGreaterThan(memory({}));
    expect(memory({ scenarios: [{ ...IDLE, tls: true }] })).toBeGreaterThan(memory({ runtime: "node" }));
    expect(memory({ scenarios: [{ ...IDLE, clientsPerPod: 10_000 }] })).toBeLessThan(memory({}));
  });

  it("aims at a release, at the listener that the scenario speaks to, and comes after it", () => {
    const built = buildOn(pool("GKE"), (place) => {
      const { stack, namespace } = place;
      const brokers = new ExistingNodePool(stack, "Brokers", { kubernetesVersion: "1.34", architecture: "amd64" });
      return fleet({
        target: new CompanionRelease(stack, "Broker", { pool: brokers, namespace, allowAnonymous: true, listeners: ["mqtt", "ws"] }),
        scenarios: [IDLE, { ...IDLE, name: "web", webSocket: true }],
      })(place);
    });
    const release = built.releases.get("load-test")!;
    const [tcp, web] = valuesOf(release).jobs;
    expect(tcp.args.join(" ")).toContain("-h mqttd.mqtt.svc -p 1883");
    expect(web.args.join(" ")).toContain("-h mqttd.mqtt.svc -p 8083");
    expect(release.depends_on).toEqual(expect.arrayContaining([expect.stringMatching(/^helm_release\.Broker_/)]));
  });

  it("aims at the listener without PROXY headers where a release's Service has none, at each pod in turn", () => {
    const built = buildOn(pool("GKE"), (place) => {
      const { stack, namespace } = place;
      const brokers = new ExistingNodePool(stack, "Brokers", { kubernetesVersion: "1.34" });
      const nats = { servers: ["nats://nats:4222"] };
      const proxied = { allowAnonymous: true, nats, values: { replicaCount: 2, listeners: { proxyProtocol: true } } };
      return fleet({ target: new CompanionRelease(stack, "Broker", { pool: brokers, namespace, ...proxied }) })(place);
    });
    const [job] = valuesOf(built.releases.get("load-test")).jobs;
    expect(job.args.join(" ")).toContain("-h mqttd-0.mqttd-headless.mqtt.svc,mqttd-1.mqttd-headless.mqtt.svc -p 11883");
  });

  it("hands on user, pushgateway, runtime and further values", () => {
    const all = values({ credentialsSecret: "load", pushgateway: "http://push:9091", runtime: "node", values: { keepSeconds: 60 } });
    expect(all).toMatchObject({
      credentials: { existingSecret: "load" },
      pushgateway: { url: "http://push:9091" },
      runtime: "node",
      keepSeconds: 60,
    });
  });

  it.each<[string, Options, string]>([
    ["no scenario", { scenarios: [] }, "'scenarios' is empty"],
    ["two of one name", { scenarios: [IDLE, IDLE] }, "'scenarios' has two called 'idle'"],
    [
      "a scenario that makes no sense",
      { scenarios: [{ ...IDLE, clients: 0 }] },
      "'scenarios' has a scenario 'idle' that cannot be run: 'clients' is 0",
    ],
    ["a value that the chart does not know", { values: { job: [] } }, "'job' is no value of it"],
    ["a name that Helm refuses", { releaseName: "Load" }, "'releaseName' is 'Load'"],
  ])("refuses %s", (_, options, words) => {
    expect(refused(options)).toContain(words);
  });

  it("refuses a listener that the release does not have", () => {
    const target = { host: "h", ports: { mqtt: 1883 } } as never;
    expect(refused({ target, scenarios: [{ ...IDLE, tls: true }] })).toContain("has no listener 'mqtts' for scenario 'idle', only mqtt");
  });
});
