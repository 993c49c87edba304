import { describe, expect, it, type TestContext } from "vitest";
import { Helm, one, type Values } from "./helm.js";

const POD_SECURITY_POLICY = ["--api-versions", "policy/v1beta1/PodSecurityPolicy"];
const sysctls = (...names: string[]) => ({ name: "mqtt", sysctls: names.map((name) => ({ name, value: "1" })) });

function labels(context: TestContext, values: Values, kubernetes: string): Record<string, string> {
  const helm = new Helm(context);
  return one(helm.objects(helm.chart("namespace"), { values, kubernetes }), "Namespace").metadata.labels;
}

describe("the chart namespace", () => {
  it.for([
    ["1.37.2", [], "restricted"],
    ["1.37.2", ["net.ipv4.ip_local_port_range", "net.ipv4.tcp_fin_timeout"], "restricted"],
    ["1.37.2", ["net.core.somaxconn"], "privileged"],
    ["1.31.0", ["net.ipv4.tcp_rmem"], "privileged"],
    ["1.32.0", ["net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"], "restricted"],
    ["1.28.0", ["net.ipv4.tcp_fin_timeout"], "privileged"],
    ["1.36.0", ["net.ipv4.tcp_notsent_lowat"], "privileged"],
  ] as const)("on Kubernetes %s is for %j %s", ([kubernetes, names, level], context: TestContext) => {
    expect(labels(context, sysctls(...names), kubernetes)["pod-security.kubernetes.io/enforce"]).toBe(level);
  });

  it("warns of everything beyond restricted, by the standards of the cluster's own version", (context) => {
    expect(labels(context, sysctls("net.core.somaxconn"), "1.32.4-gke.100")).toMatchObject({
      "pod-security.kubernetes.io/enforce": "privileged",
      "pod-security.kubernetes.io/enforce-version": "v1.32",
      "pod-security.kubernetes.io/warn": "restricted",
      "pod-security.kubernetes.io/audit": "restricted",
      "pod-security.kubernetes.io/audit-version": "v1.32",
    });
  });

  it("stays with all that is in it when its release goes, unless told otherwise", (context) => {
    const helm = new Helm(context);
    const annotations = (values: Values) => one(helm.objects(helm.chart("namespace"), { values }), "Namespace").metadata.annotations;
    expect(annotations({ name: "mqtt" })).toEqual({ "helm.sh/resource-policy": "keep" });
    expect(annotations({ name: "mqtt", keep: false })).toBeUndefined();
  });

  it("makes a PodSecurityPolicy, and lets the namespace's pods use it, only where the API is still there", (context) => {
    const helm = new Helm(context);
    const chart = helm.chart("namespace");
    const values = sysctls("net.core.somaxconn", "net.ipv4.tcp_syncookies");
    expect(helm.objects(chart, { values, kubernetes: "1.25.0" }).map(({ kind }) => kind)).toEqual(["Namespace"]);

    const old = helm.objects(chart, { values, kubernetes: "1.24.0", more: POD_SECURITY_POLICY });
    expect(old.map(({ kind }) => kind).sort()).toEqual(["Namespace", "PodSecurityPolicy", "Role", "RoleBinding"]);
    expect(one(old, "PodSecurityPolicy").spec).toMatchObject({
      allowedUnsafeSysctls: ["net.core.somaxconn"],
      privileged: false,
      readOnlyRootFilesystem: true,
      requiredDropCapabilities: ["ALL"],
    });
    expect(one(old, "RoleBinding").subjects[0].name).toBe("system:serviceaccounts:mqtt");
  });

  it.for([
    [{}, "name is empty: give the name of the namespace"],
    [{ name: "MQTT" }, "'MQTT' does not match pattern"],
    [
      { ...sysctls("net.core.somaxconn"), podSecurity: { enforce: "restricted" } },
      "admits no pod with the unsafe sysctls net.core.somaxconn",
    ],
    [{ name: "mqtt", podSecurity: { enforce: "strict" } }, "at '/podSecurity/enforce': value must be one of"],
    [{ name: "mqtt", label: {} }, "additional properties 'label' not allowed"],
    [sysctls("vm.max_map_count"), "does not match pattern"],
    [sysctls("net/core/somaxconn"), "does not match pattern"],
  ] as const)("refuses %j", ([values, words], context: TestContext) => {
    const helm = new Helm(context);
    expect(helm.refusal(helm.chart("namespace"), { values })).toContain(words);
  });
});
