import { App, Testing } from "cdktf";
import { describe, expect, it } from "vitest";
import { tuningReports } from "../../lib";
import { KubeconfigStack } from "../../stacks/kubeconfig";
import { readSettings } from "../../stacks/settings";
import { type Block, billOfMaterials, resourcesOf, type SynthesisedStack } from "../support/synth";

function build(context: object = {}) {
  const app = new App();
  const stack = new KubeconfigStack(app, "kubeconfig", readSettings(context, {}));
  stack.prepareStack();
  return { app, stack, synthesised: JSON.parse(Testing.synth(stack, false)) as SynthesisedStack };
}

function valuesOf({ synthesised }: ReturnType<typeof build>, name: string): Block {
  const release = resourcesOf(synthesised, "helm_release").find((block) => block.name === name);
  return JSON.parse(release?.values[0]);
}

describe("KubeconfigStack", () => {
  const built = build();

  it("makes namespace, users, NATS and the broker, and touches nothing else", () => {
    expect(billOfMaterials(built.synthesised)).toEqual(["helm_release × 5"]);
  });

  it("signs in with the file", () => {
    expect(built.synthesised.provider).toEqual({ helm: [{ kubernetes: { config_path: "~/.kube/config" } }] });
    const named = build({ kubeconfig: { path: "/tmp/kind", context: "kind-mqtt" } }).synthesised;
    expect(named.provider).toEqual({ helm: [{ kubernetes: { config_path: "/tmp/kind", config_context: "kind-mqtt" } }] });
  });

  it("has pods set only what is safe, in a restricted namespace, and a backlog that the kernel does not cut", () => {
    const broker = valuesOf(built, "mqttd");
    expect(broker.podSecurityContext.sysctls.map(({ name }: { name: string }) => name)).toEqual([
      "net.ipv4.tcp_rmem",
      "net.ipv4.tcp_wmem",
      "net.ipv4.tcp_fin_timeout",
      "net.ipv4.ip_local_port_range",
    ]);
    expect(broker.listeners.backlog).toBe(4096);
    expect(valuesOf(built, "mqtt-namespace").podSecurity.enforce).toBe("restricted");
  });

  it("has pods set more where the kubelets are said to allow it", () => {
    const allowed = build({
      kubeconfig: { allowedUnsafeSysctls: ["net.core.somaxconn"], openFiles: 1_048_576 },
      release: { connectionsPerPod: 500_000 },
    });
    expect(valuesOf(allowed, "mqttd").podSecurityContext.sysctls).toContainEqual({ name: "net.core.somaxconn", value: "32768" });
    expect(valuesOf(allowed, "mqttd").listeners.backlog).toBe(32_768);
    expect(valuesOf(allowed, "mqtt-namespace").podSecurity.enforce).toBe("privileged");
  });

  it("places pods on the nodes of the settings, or anywhere", () => {
    expect(valuesOf(built, "mqttd")).toMatchObject({ nodeSelector: {}, tolerations: [] });
    const placed = build({
      kubeconfig: { labels: { "kubernetes.io/hostname": "worker-1" }, taints: ["dedicated=mqtt:NoSchedule", "gpu:NoExecute"] },
    });
    expect(valuesOf(placed, "mqttd")).toMatchObject({
      nodeSelector: { "kubernetes.io/hostname": "worker-1" },
      tolerations: [
        { key: "dedicated", operator: "Equal", value: "mqtt", effect: "NoSchedule" },
        { key: "gpu", operator: "Equal", value: "", effect: "NoExecute" },
      ],
    });
  });

  it("makes no load balancer unless told to, and no cloud's", () => {
    expect(valuesOf(built, "mqttd")).toMatchObject({ cloud: "none", service: { type: "ClusterIP" } });
    expect(valuesOf(build({ release: { serviceType: "LoadBalancer" } }), "mqttd")).toMatchObject({
      cloud: "none",
      service: { type: "LoadBalancer" },
    });
  });

  it("reports what nobody sets there as a warning", () => {
    const [report] = tuningReports(built.app);
    expect(report?.pools[0]?.tuning).toMatchObject({ platform: "generic", node: [] });
    expect(report?.pools[0]?.tuning.warnings.join("\n")).toContain(
      "fs.nr_open: wanted 2097152, is not set: nothing here sets it on nodes that are not ours",
    );
  });

  it("is refused more connections than containers are known to have files for", () => {
    expect(() => build({ release: { connectionsPerPod: 100_000 } })).toThrow(
      /'connectionsPerPod' is 100000.*containers on pool 'kubeconfig\/Nodes' get 65536/,
    );
  });

  it.each([["dedicated"], ["a=b"], ["a=b:Sometimes"]])("takes no taint like %j", (taint) => {
    expect(() => readSettings({ kubeconfig: { taints: [taint] } }, {})).toThrow("kubeconfig.taints is");
  });
});
