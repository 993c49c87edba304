import { spawnSync } from "node:child_process";
import { describe, expect, it, type TestContext } from "vitest";
import { requireTool } from "../support/tools.js";
import { KUBERNETES_VERSIONS, requireApiSchemas } from "./api-schemas.js";
import { Helm, objectsOf, valueSets } from "./helm.js";

const SETS = ["mqttd", "namespace", "load-test", "generated-secret"].flatMap((chart) =>
  valueSets(chart).map(([name, file]) => ({ chart, name, file })),
);

describe("helm lint --strict", () => {
  it.for(SETS)("has nothing against $chart with the values $name", ({ chart, file }, context: TestContext) => {
    const helm = new Helm(context);
    const { stdout, status } = helm.run("lint", helm.chart(chart), { files: [file], more: ["--strict"] });
    expect(stdout).toContain("1 chart(s) linted, 0 chart(s) failed");
    expect(stdout).not.toMatch(/WARNING|ERROR/);
    expect(status).toBe(0);
  });
});

describe.each(KUBERNETES_VERSIONS)("the API of Kubernetes %s", (kubernetes) => {
  it.for(SETS)("takes every object of $chart with the values $name", ({ chart, file }, context: TestContext) => {
    const helm = new Helm(context);
    const text = helm.template(helm.chart(chart), { files: [file], kubernetes });
    const { resources, summary } = kubeconform(context, text, kubernetes);
    expect(resources).toEqual([]);
    expect(summary).toEqual({ valid: objectsOf(text).length, invalid: 0, errors: 0, skipped: 0 });
  });

  it.for([
    ["a field that is none", "serviceName: ", "serviceNames: ", "serviceNames"],
    ["a text for a number", "minReadySeconds: 10", "minReadySeconds: soon", "minReadySeconds"],
    ["a field of a custom resource that is none", "scrapeTimeout: ", "scrapeTimeouts: ", "scrapeTimeouts"],
  ] as const)("refuses %s, so that this says something", ([, from, to, word], context: TestContext) => {
    const helm = new Helm(context);
    const [, file] = valueSets("mqttd").find(([name]) => name === "aws")!;
    const text = helm.template(helm.chart("mqttd"), { files: [file], kubernetes }).replace(from, to);
    const { resources, summary } = kubeconform(context, text, kubernetes);
    expect(summary.invalid).toBe(1);
    expect(resources[0]!.msg).toContain(word);
  });
});

/** What kubeconform has against objects: those it refuses, and how many of which. */
function kubeconform(context: TestContext, text: string, kubernetes: string) {
  const program = requireTool(context, "kubeconform", "go install github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0");
  const schemas = requireApiSchemas(context);
  const args = ["-strict", "-summary", "-output", "json", "-kubernetes-version", kubernetes, "-schema-location", schemas];
  const { stdout } = spawnSync(program, args, { input: text, encoding: "utf8" });
  return JSON.parse(stdout) as {
    readonly resources: readonly { readonly msg: string }[];
    readonly summary: { readonly valid: number; readonly invalid: number; readonly errors: number; readonly skipped: number };
  };
}
