import { describe, expect, it, type TestContext } from "vitest";
import { Helm, one, type Rendered, type Values } from "./helm.js";

const JOB = { name: "idle", pods: 2, args: ["bench", "conn", "-c", "100"], deadlineSeconds: 900 };

function jobOf(context: TestContext, values: Values): Rendered {
  const helm = new Helm(context);
  return one(helm.objects(helm.chart("load-test"), { values: { jobs: [JOB], ...values } }), "Job");
}

describe("a Job of the chart load-test", () => {
  it.for<[Values]>([
    [{ resources: { requests: { cpu: "2" } } }],
    [{ podAnnotations: { team: "iot" } }],
    [{ commonLabels: { team: "iot" } }],
    [{ nodeSelector: { dedicated: "mqtt-load" } }],
    [{ tolerations: [{ operator: "Exists" }] }],
    [{ affinity: { nodeAffinity: {} } }],
    [{ credentials: { existingSecret: "load-user" } }],
    [{ pushgateway: { url: "http://push:9091" } }],
    [{ image: { pullPolicy: "Always" } }],
    [{ image: { pullSecrets: ["registry"] } }],
    [{ image: { repository: "team/mqttd", tag: "1.0.0" }, bundle: { enabled: false } }],
    [{ runtime: "node" }],
    [{ podSecurityContext: { runAsUser: 2000 } }],
    [{ jobs: [{ ...JOB, pods: 3 }] }],
    [{ jobs: [{ ...JOB, args: ["bench", "conn", "-c", "200"] }] }],
  ])("is another one when its pods change, since Kubernetes changes none: %j", ([values], context: TestContext) => {
    const before = jobOf(context, {});
    const after = jobOf(context, values);
    expect({ ...after.spec.template, pods: after.spec.completions }).not.toEqual({
      ...before.spec.template,
      pods: before.spec.completions,
    });
    expect(after.metadata.name).not.toBe(before.metadata.name);
  });

  it("stays the same one as long as its pods do", (context) => {
    const before = jobOf(context, {});
    const after = jobOf(context, { keepSeconds: 60 });
    expect(after.metadata.name).toBe(before.metadata.name);
    expect(after.spec.ttlSecondsAfterFinished).toBe(60);
  });

  it("has a name that leaves room for the number of its last pod, which makes the pod's host name", (context) => {
    const name = "a-scenario-whose-name-takes-what-it-may";
    const fullnameOverride = "a-release-whose-name-takes-more-than-it-may";
    const { metadata, spec } = jobOf(context, { fullnameOverride, jobs: [{ ...JOB, name, pods: 10_000 }] });
    expect(`${metadata.name}-${spec.completions - 1}`.length).toBeLessThanOrEqual(63);
    expect(metadata.name).toMatch(/^a-release-[a-z-]+-a-scen[a-z-]*-[0-9a-f]{8}$/);
  });
});
