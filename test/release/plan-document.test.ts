import { describe, expect, it } from "vitest";
import { parsePlan } from "../../broker/src/doctor/plan-file";
import { ExistingNodePool } from "../../lib/nodes/existing-node-pool";
import { planDocument } from "../../lib/release/plan-document";
import { stackOf } from "../support/synth";
import { POOL_NAMES, POOLS } from "./pools";

function documentOf(name: (typeof POOL_NAMES)[number] | "existing", hostNetwork = false) {
  let document!: ReturnType<typeof planDocument>;
  stackOf((stack) => {
    const pool =
      name === "existing"
        ? new ExistingNodePool(stack, "Pool", { kubernetesVersion: "1.34", hostNetwork })
        : POOLS[name](stack, { hostNetwork });
    document = planDocument(pool);
  });
  return document;
}

const CASES = [...POOL_NAMES.map((name) => [name, false] as const), ["EKS, AL2023", true] as const, ["existing", false] as const];

describe("planDocument()", () => {
  it.each(CASES)("is read by the broker's doctor: %s, hostNetwork %s", (name, hostNetwork) => {
    const document = documentOf(name, hostNetwork);
    expect(parsePlan(JSON.stringify(document))).toEqual(document);
  });

  it("has every row of the plan, with what puts it in force", () => {
    const { keys } = documentOf("EKS, AL2023");
    const key = (name: string) => keys.find((entry) => entry.key === name);
    expect(keys).toHaveLength(19);
    expect(key("fs.nr_open")).toMatchObject({
      wanted: "2097152",
      expected: "2097152",
      comparison: "at-least",
      need: "required",
      setBy: ["node"],
    });
    expect(key("net.core.somaxconn")).toMatchObject({ expected: "32768", need: "required", setBy: ["pod"] });
    expect(key("net.ipv4.tcp_rmem")).toMatchObject({ expected: "1024 4096 16777216", setBy: ["node", "pod"] });
    expect(key("net.ipv4.ip_local_port_range")).toMatchObject({ comparison: "equal" });
    expect(key("RLIMIT_NOFILE")).toMatchObject({ expected: "1048576", comparison: "at-least", setBy: ["node"] });
  });

  it("says what a platform cannot give, gives by its image, or gives less of", () => {
    const { keys } = documentOf("AKS");
    const key = (name: string) => keys.find((entry) => entry.key === name);
    expect(key("net.netfilter.nf_conntrack_tcp_timeout_time_wait")).toMatchObject({ setBy: [], status: "missing", need: "advised" });
    expect(key("fs.file-max")).toMatchObject({ expected: "2097152", setBy: ["image"], status: "image" });
    expect(key("net.core.optmem_max")).toMatchObject({ wanted: "16777216", expected: "4194304", status: "adjusted" });
  });

  it("insists on the open files that the connections take where an image is said to give more", () => {
    stackOf((stack) => {
      const expected = (pool: Parameters<typeof planDocument>[0]) =>
        planDocument(pool, { connections: 50_000 }).keys.find(({ key }) => key === "RLIMIT_NOFILE")?.expected;
      expect(expected(POOLS.AKS(stack))).toBe("52000");
    });
    stackOf((stack) => {
      const pool = POOLS["EKS, AL2023"](stack);
      expect(planDocument(pool, { connections: 50_000 }).keys.at(-1)?.expected).toBe("1048576");
    });
  });

  it("has a remedy for each key that names what to change", () => {
    for (const name of POOL_NAMES) {
      for (const { key, remedy, setBy } of documentOf(name).keys) {
        expect(remedy, `${key} on ${name}`).toMatch(setBy.includes("pod") ? /securityContext\.sysctls/ : /node|image|limit/i);
      }
    }
  });
});
