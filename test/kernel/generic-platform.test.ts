import { describe, expect, it } from "vitest";
import { TuningError } from "../../lib/errors";
import { SysctlProfile } from "../../lib/kernel/sysctl-profile";
import { type PlanOptions, planTuning } from "../../lib/kernel/tuning-plan";
import { OPEN_FILES_KEY } from "../../lib/kernel/tuning-row";

const { MILLION, LOAD_GENERATOR } = SysctlProfile;
const UNSAFE = ["net.core.somaxconn", "net.ipv4.tcp_max_syn_backlog", "net.ipv4.tcp_max_tw_buckets"];

const plan = (options: PlanOptions = {}, profile = MILLION, version = "1.34") => planTuning(profile, "generic", version, options);
const podKeys = (options?: PlanOptions, version?: string) => plan(options, MILLION, version).podSysctls.map(({ name }) => name);

describe("a plan for generic nodes", () => {
  it("sets nothing on the node, for any profile", () => {
    for (const profile of [MILLION, LOAD_GENERATOR, SysctlProfile.forConnections(50_000)]) {
      for (const hostNetwork of [false, true]) {
        const made = plan({ hostNetwork }, profile);
        expect(made.node).toEqual([]);
        expect(made.modules).toEqual([]);
        expect(made.rows).toHaveLength(profile.entries.length + 1);
      }
    }
  });

  it("sets on pods what is safe on that Kubernetes version", () => {
    expect(podKeys({}, "1.34")).toEqual([
      "net.ipv4.tcp_rmem",
      "net.ipv4.tcp_wmem",
      "net.ipv4.tcp_fin_timeout",
      "net.ipv4.ip_local_port_range",
    ]);
    expect(podKeys({}, "1.29")).toEqual(["net.ipv4.tcp_fin_timeout", "net.ipv4.ip_local_port_range"]);
    expect(podKeys({}, "1.28")).toEqual(["net.ipv4.ip_local_port_range"]);
    expect(plan().allowedUnsafeSysctls).toEqual([]);
  });

  it.each([[UNSAFE], [["net.*"]]])("sets the unsafe ones too where the cluster's kubelets are said to allow %j", (allowedUnsafeSysctls) => {
    expect(podKeys({ allowedUnsafeSysctls })).toEqual(expect.arrayContaining(UNSAFE));
    expect(plan({ allowedUnsafeSysctls }).allowedUnsafeSysctls).toEqual(allowedUnsafeSysctls);
  });

  it("sets no net.* on pods that use the node's network", () => {
    expect(podKeys({ hostNetwork: true, allowedUnsafeSysctls: ["net.*"] })).toEqual([]);
  });

  it("warns of every key that nobody sets, required or not, and says that the doctor looks", () => {
    const { rows, warnings } = plan();
    const unset = rows.filter(({ pod }) => !pod);
    expect(unset.length).toBeGreaterThan(10);
    for (const { key, status, need, warning } of unset) {
      expect({ key, status, need }).toEqual({ key, status: "missing", need: "advised" });
      expect(warnings).toContain(`${key}: ${warning}`);
    }
    expect(warnings.join("\n")).toContain("the pod's doctor says what they have");
  });

  it("says why an unsafe key is not in the pod", () => {
    const row = plan().rows.find(({ key }) => key === "net.core.somaxconn");
    expect(row?.notes.join()).toContain("allowedUnsafeSysctls does not say that the cluster's kubelets allow it");
  });

  it("takes the least open files that stock nodes give, unless more are stated", () => {
    expect(plan().openFiles).toEqual({ limit: 65_536, setByPool: false, need: "advised" });
    const stated = plan({ openFiles: 1_048_576 });
    expect(stated.openFiles.limit).toBe(1_048_576);
    expect(stated.rows.find(({ key }) => key === OPEN_FILES_KEY)?.status).toBe("image");
  });

  it.each([0, 512, 1.5, Number.NaN])("refuses %s open files", (openFiles) => {
    expect(() => plan({ openFiles })).toThrow(`'openFiles' is ${openFiles}; it takes a whole number from 1024 on`);
  });

  it("refuses allow-list entries that no kubelet starts with, as everywhere", () => {
    expect(() => plan({ allowedUnsafeSysctls: ["fs.nr_open"] })).toThrow(TuningError);
  });
});

it("open files are stated only for nodes that are not ours", () => {
  expect(() => planTuning(MILLION, "eks-al2023", "1.34", { openFiles: 65_536 })).toThrow("leave openFiles out and use withOpenFiles()");
});
