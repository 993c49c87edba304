import type { TerraformStack } from "cdktf";
import { describe, expect, it } from "vitest";
import { SysctlProfile } from "../../lib/kernel/sysctl-profile";
import { ExistingNodePool } from "../../lib/nodes/existing-node-pool";
import { BrokerNamespace, type BrokerNamespaceProps } from "../../lib/release/namespace";
import { POOL_NAMES, POOLS } from "./pools";
import { buildOn, type Place, refusalOn, valuesOf } from "./releases";

const namespace =
  (props: Partial<BrokerNamespaceProps> = {}) =>
  ({ stack, pool }: Place) =>
    new BrokerNamespace(stack, "Mine", { name: "brokers", pools: [pool], ...props });

const made = (pool: Parameters<typeof buildOn>[0], props: Partial<BrokerNamespaceProps> = {}) => {
  const built = buildOn(pool, namespace(props));
  return { ...built, values: valuesOf(built.releases.get("brokers-namespace")) };
};

const SAFE = SysctlProfile.of("safe", { "net.ipv4.tcp_fin_timeout": 15 });

describe("BrokerNamespace", () => {
  it.each(POOL_NAMES)("is privileged for the unsafe sysctls of a plan on %s, and lists the sysctls", (name) => {
    const { made: built, values, pool } = made(name);
    expect(built.level).toBe("privileged");
    expect(values).toMatchObject({ name: "brokers", podSecurity: { enforce: "privileged" } });
    expect(values.sysctls).toEqual(pool.tuning.podSysctls);
  });

  it.each(POOL_NAMES)("is restricted where pods on %s set safe sysctls alone", (name) => {
    expect(made((stack) => POOLS[name](stack, { profile: SAFE })).values.podSecurity).toEqual({ enforce: "restricted" });
  });

  it("is restricted on nodes that exist, unless their kubelets are said to allow more", () => {
    const existing = (allowedUnsafeSysctls: readonly string[]) => (stack: TerraformStack) =>
      new ExistingNodePool(stack, "Pool", { kubernetesVersion: "1.34", allowedUnsafeSysctls });
    expect(made(existing([])).made.level).toBe("restricted");
    expect(made(existing(["net.core.somaxconn"])).made.level).toBe("privileged");
  });

  it("is privileged for pods on the node's network", () => {
    const pool = (stack: TerraformStack) => POOLS["EKS, AL2023"](stack, { profile: SAFE, hostNetwork: true });
    expect(made(pool).made.level).toBe("privileged");
  });

  it("keeps Helm's record in a namespace that is there already, and stays with its disks unless told to go", () => {
    const { releases, values } = made("GKE");
    expect(releases.get("brokers-namespace")).toMatchObject({ namespace: "default" });
    expect(values.keep).toBe(true);
    expect(made("GKE", { keep: false }).values.keep).toBe(false);
  });

  it("needs a pool and a name that Kubernetes takes", () => {
    expect(refusalOn("GKE", namespace({ pools: [] }))).toContain("'pools' is empty");
    expect(refusalOn("GKE", namespace({ name: "My_Brokers" }))).toContain("'name' is \"My_Brokers\"");
    expect(refusalOn("GKE", namespace({ name: "n".repeat(44) }))).toContain("write at most 43 characters");
    expect(refusalOn("GKE", namespace({ values: { colour: "red" } }))).toContain("'colour' is no value of it");
  });
});
