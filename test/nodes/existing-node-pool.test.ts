import { describe, expect, it } from "vitest";
import { ExistingNodePool, type ExistingNodePoolProps } from "../../lib/nodes/existing-node-pool";
import { resourcesOf, stackOf, synthesise } from "../support/synth";

function pool(props: Partial<ExistingNodePoolProps> = {}): ExistingNodePool {
  let built!: ExistingNodePool;
  stackOf((stack) => {
    built = new ExistingNodePool(stack, "Nodes", { kubernetesVersion: "1.34", ...props });
  });
  return built;
}

describe("ExistingNodePool", () => {
  it("makes nothing", () => {
    const synthesised = synthesise((stack) => new ExistingNodePool(stack, "Nodes", { kubernetesVersion: "1.34" }));
    expect(synthesised.resource).toBeUndefined();
    expect(resourcesOf(synthesised, "helm_release")).toEqual([]);
  });

  it("is every node of the cluster unless labels choose some", () => {
    expect(pool()).toMatchObject({ nodeSelector: {}, taints: [], tolerations: [], architecture: "amd64" });
    const labels = { "node-role.kubernetes.io/mqtt": "", dedicated: "mqtt" };
    expect(pool({ labels }).nodeSelector).toEqual(labels);
  });

  it("has its pods tolerate the taints that are stated, with or without a value", () => {
    const taints = [
      { key: "dedicated", value: "mqtt", effect: "NoSchedule" },
      { key: "gpu", value: "", effect: "NoExecute" },
    ] as const;
    expect(pool({ taints }).tolerations).toEqual([
      { key: "dedicated", operator: "Equal", value: "mqtt", effect: "NoSchedule" },
      { key: "gpu", operator: "Equal", value: "", effect: "NoExecute" },
    ]);
  });

  it("warns of everything that nobody sets there", () => {
    const built = pool();
    const warnings = built.node.metadata.filter(({ type }) => type === "@cdktf/warn").map(({ data }) => data);
    expect(warnings).toEqual(built.tuning.warnings);
    expect(warnings.length).toBeGreaterThan(10);
  });

  it.each([
    [{ labels: { "my label": "x" } }, "'labels' has a mistake: label 'my label'"],
    [{ labels: { dedicated: "a b" } }, "'labels' has a mistake: label 'dedicated'"],
    [{ taints: [{ key: "", value: "x", effect: "NoSchedule" as const }] }, "'taints' has a mistake"],
    [{ kubernetesVersion: "latest" }, "'latest' is not a version"],
    [{ openFiles: 10 }, "'openFiles' is 10"],
    [
      { allowedUnsafeSysctls: ["vm.swappiness"] },
      "test/Nodes: profile 'million' on generic with Kubernetes 1.34: allowedUnsafeSysctls entry 'vm.swappiness'",
    ],
  ])("refuses %j", (props, message) => {
    expect(() => pool(props)).toThrow(message);
  });
});
