import type { TerraformStack } from "cdktf";
import { describe, expect, it } from "vitest";
import { SysctlProfile } from "../../lib/kernel/sysctl-profile";
import type { EmqxReleaseProps } from "../../lib/release/emqx-props";
import { EmqxRelease } from "../../lib/release/emqx-release";
import { POOL_NAMES, POOLS, type PoolName } from "./pools";
import { buildOn, type Place, refusalOn, valuesOf } from "./releases";

type Options = Partial<EmqxReleaseProps>;

const emqx =
  (options: Options = {}) =>
  ({ stack, pool, namespace }: Place) =>
    new EmqxRelease(stack, "Broker", { pool, namespace, ...options } as EmqxReleaseProps);

const values = (pool: PoolName, options: Options = {}) => valuesOf(buildOn(pool, emqx(options)).releases.get("emqx"));
const config = (options: Options = {}) => values("GKE", options).emqxConfig;

describe.each(POOL_NAMES)("EmqxRelease on %s", (name) => {
  it("places its pods on the pool's nodes and has them set the plan's sysctls", () => {
    const { pool, releases } = buildOn(name, emqx());
    const { nodeSelector, tolerations, affinity, podSecurityContext } = valuesOf(releases.get("emqx"));
    expect({ nodeSelector, tolerations }).toEqual({ nodeSelector: pool.nodeSelector, tolerations: pool.tolerations });
    expect(affinity).toHaveProperty("nodeAffinity");
    expect(podSecurityContext).toMatchObject({ enabled: true, runAsNonRoot: true, sysctls: pool.tuning.podSysctls });
  });

  it("is refused a sysctl once the pool does not allow it", () => {
    const profile = SysctlProfile.MILLION.without("net.core.somaxconn");
    const refused = (options: Options) => refusalOn((stack) => POOLS[name](stack, { profile }), emqx(options));
    expect(refused({ sysctls: { "net.core.somaxconn": 32_768 } })).toContain(
      "the kubelet would reject the pod with SysctlForbidden. Add it to the pool's profile",
    );
    expect(refused({ backlog: 16_384 })).toContain("'backlog' is 16384, but net.core.somaxconn is 4096");
  });
});

describe("EmqxRelease", () => {
  it("is chart and version 5.8.9 under the Apache licence by default", () => {
    expect(buildOn("GKE", emqx()).releases.get("emqx")).toMatchObject({
      chart: "emqx",
      version: "5.8.9",
      repository: "https://repos.emqx.io/charts",
    });
  });

  it("raises Erlang's ports, acceptors, connections and the backlog, as text", () => {
    expect(config({ connectionsPerPod: 500_000 })).toMatchObject({
      EMQX_NODE__MAX_PORTS: "524288",
      EMQX_LISTENERS__TCP__DEFAULT__ACCEPTORS: "64",
      EMQX_LISTENERS__TCP__DEFAULT__MAX_CONNECTIONS: "500000",
      EMQX_LISTENERS__TCP__DEFAULT__TCP_OPTIONS__BACKLOG: "32768",
    });
  });

  it("switches listeners off that are not named, and shows their ports and the dashboard's to nobody", () => {
    const { emqxConfig, service } = values("GKE", { listeners: ["mqtt", "wss"], tls: { secret: "mqtt-tls" } });
    expect(["TCP", "SSL", "WS", "WSS"].map((name) => emqxConfig[`EMQX_LISTENERS__${name}__DEFAULT__ENABLE`])).toEqual([
      "true",
      "false",
      "false",
      "true",
    ]);
    expect(emqxConfig.EMQX_LISTENERS__WSS__DEFAULT__SSL_OPTIONS__CERTFILE).toBe("/tmp/ssl/tls.crt");
    expect(service).toMatchObject({ mqtt: 1883, mqttssl: 0, ws: 0, wss: 8084, dashboard: 0 });
  });

  it("gets a dashboard password and a cookie that the cluster makes, instead of the chart's", () => {
    const { releases, made } = buildOn("GKE", emqx());
    expect(valuesOf(releases.get("emqx-credentials"))).toMatchObject({
      passwords: { EMQX_DASHBOARD__DEFAULT_PASSWORD: 32, EMQX_NODE__COOKIE: 32 },
    });
    expect(values("GKE")).toMatchObject({ envFromSecret: "emqx-credentials", emqxConfig: { EMQX_DASHBOARD__DEFAULT_PASSWORD: "" } });
    expect(made.dashboardCommand).toBe("kubectl --namespace mqtt port-forward pod/emqx-0 18083:18083");
  });

  it("takes PROCESS_LIMIT only where that version reads it", () => {
    const enterprise = { edition: "enterprise", licence: { secret: "emqx-licence", key: "licence" } } as const;
    expect(config().EMQX_NODE__PROCESS_LIMIT).toBeUndefined();
    expect(refusalOn("GKE", emqx({ processLimit: 2_097_152 }))).toContain("EMQX 5.8.9 ignores it and takes twice maxPorts");
    expect(refusalOn("GKE", emqx({ ...enterprise, version: "6.2.2", processLimit: 2_097_152 }))).toContain("EMQX 6.2.2 ignores it");
    expect(config({ ...enterprise, version: "6.3.0", processLimit: 4_194_304 }).EMQX_NODE__PROCESS_LIMIT).toBe("4194304");
  });

  it("is the enterprise chart by setting, with a licence for more than one node", () => {
    const licence = { secret: "emqx-licence", key: "licence" };
    const { releases } = buildOn("GKE", emqx({ edition: "enterprise", licence }));
    expect(releases.get("emqx")).toMatchObject({ chart: "emqx-enterprise", version: "6.2.2" });
    expect(valuesOf(releases.get("emqx")).emqxLicenseSecretRef).toEqual({ name: "emqx-licence", key: "licence" });
    expect(refusalOn("GKE", emqx({ edition: "enterprise" }))).toContain("'licence' is not given for 3 nodes of EMQX 6.2.2");
    expect(refusalOn("GKE", emqx({ edition: "enterprise", replicas: 1 }))).toBe("accepted");
    expect(refusalOn("GKE", emqx({ version: "5.10.0" }))).toContain("the last one under the Apache licence is 5.8.9");
  });

  it("does not compile with a licence for the open-source edition", () => {
    // @ts-expect-error: there is none to give
    const props: EmqxReleaseProps = { namespace: undefined as never, pool: undefined as never, licence: { secret: "a", key: "b" } };
    expect(props.edition).toBeUndefined();
  });

  it("makes an internal load balancer of the pool's cloud", () => {
    expect(values("EKS, AL2023").service).toMatchObject({ type: "LoadBalancer", externalTrafficPolicy: "Local" });
    expect(values("EKS, AL2023").service.annotations).toHaveProperty(["service.beta.kubernetes.io/aws-load-balancer-internal"], "true");
    expect(values("AKS").service.annotations).toEqual({ "service.beta.kubernetes.io/azure-load-balancer-internal": "true" });
    expect(values("GKE").service.annotations).toEqual({ "networking.gke.io/load-balancer-type": "Internal" });
    expect(values("GKE", { service: { internal: false } }).service.annotations).toEqual({});
  });

  it("warns that everyone may connect until there is an authenticator", () => {
    const warnings = (options: Options) => {
      const { made } = buildOn("GKE", emqx(options));
      return made.node.metadata.filter(({ type }) => type === "@cdktf/warn").map(({ data }) => String(data));
    };
    expect(warnings({}).join()).toContain("lets every client connect");
    expect(warnings({ config: { authentication: "[{mechanism = password_based, backend = built_in_database}]" } })).toEqual([]);
  });

  it.each([
    [{ config: { "node.max_ports": 1024 } }, "'config' sets EMQX_NODE__MAX_PORTS; use the prop maxPorts"],
    [{ config: { EMQX_DASHBOARD__DEFAULT_PASSWORD: "x" } }, "use the prop credentialsSecret"],
    [{ maxPorts: 100_000 }, "'maxPorts' is 100000, below connectionsPerPod (200000)"],
    [{ maxPorts: 1 }, "'maxPorts' is 1; it takes a whole number from 1024 to 134217727"],
    [{ connectionsPerPod: 1_048_576 }, "'connectionsPerPod' is 1048576, which takes"],
    [{ listeners: ["mqtts"] as const }, "'listeners' has mqtts but there is no certificate"],
    [{ replicas: 0 }, "'replicas' is 0"],
    [{ version: "4.4.19" }, "'version' is '4.4.19'"],
  ])("refuses %j", (options, message) => {
    expect(refusalOn("GKE", emqx(options))).toContain(message);
  });

  it("is refused on a pool that is planned for the node's network", () => {
    const pool = (stack: TerraformStack) => POOLS["EKS, AL2023"](stack, { hostNetwork: true });
    expect(refusalOn(pool, emqx())).toContain("'pool' 'test/Pool' is planned for pods on the node's network");
  });
});
