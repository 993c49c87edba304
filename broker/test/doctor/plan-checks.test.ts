import { describe, expect, it } from "vitest";
import { planChecks } from "../../src/doctor/plan-checks.js";
import type { PlanKey } from "../../src/doctor/plan-file.js";
import { planKey, planOf } from "./make-plan.js";

const NODE_NETWORK = { "/proc/sys/net/core/netdev_max_backlog": "1000\n" };
const FILES = { soft: 1_048_576, hard: 1_048_576 };

/** Checks one key where these files are. */
function check(key: PlanKey, files: Readonly<Record<string, string>>, openFiles = FILES) {
  return planChecks(planOf(key), { readText: (path) => files[path], openFiles })[0]!;
}

describe("a key of a plan", () => {
  it.each([
    ["as much as is wanted", "32768", "ok"],
    ["more", "65535", "ok"],
    ["less", "4096", "short"],
    ["more than a double holds exactly", "9223372036854775807", "ok"],
    ["no number", "many", "short"],
  ])("of which more is as good: with %s it is %s -> %s", (_, effective, verdict) => {
    expect(check(planKey("net.core.somaxconn", "32768"), { "/proc/sys/net/core/somaxconn": `${effective}\n` }).verdict).toBe(verdict);
  });

  it("of several numbers is compared number by number, whatever blanks are between them", () => {
    const key = planKey("net.ipv4.tcp_mem", "10 20 30");
    const verdict = (text: string) => check(key, { ...NODE_NETWORK, "/proc/sys/net/ipv4/tcp_mem": text }).verdict;
    expect(verdict("10\t20\t30\n")).toBe("ok");
    expect(verdict("99\t19\t99\n")).toBe("short");
    expect(verdict("10\t20\n")).toBe("short");
  });

  it("that has to be that very value differs if it is larger too", () => {
    const key = planKey("net.ipv4.tcp_fin_timeout", "15", { comparison: "equal" });
    expect(check(key, { "/proc/sys/net/ipv4/tcp_fin_timeout": "15\n" }).verdict).toBe("ok");
    expect(check(key, { "/proc/sys/net/ipv4/tcp_fin_timeout": "60\n" })).toMatchObject({
      verdict: "differs",
      detail: "it is 60, and the plan has 15",
      remedy: "add net.ipv4.tcp_fin_timeout to the pod",
    });
  });

  it("that the plan could only have in part is short, and says that it was known", () => {
    const key = planKey("net.core.rmem_max", "16777216", { expected: "4194304", need: "advised", setBy: ["node"], status: "adjusted" });
    const at = (value: string) => check(key, { "/proc/sys/net/core/rmem_max": value }).detail;
    expect(at("4194304")).toBe("it is 4194304, and at least 16777216 is wanted, which the plan could not have");
    expect(at("212992")).toBe("it is 212992, and the plan has 4194304");
  });

  it("that should be there and is not has failed", () => {
    expect(check(planKey("net.core.somaxconn", "1"), {})).toMatchObject({ verdict: "failed", effective: undefined });
  });

  it.each([
    ["devices' keys, which are hidden there", "net.core.netdev_max_backlog", ["node"]],
    ["a value of the pod's own, where only the node's is set", "net.ipv4.tcp_tw_reuse", ["node"]],
    ["time-outs of connection tracking, which count on the node", "net.netfilter.nf_conntrack_tcp_timeout_time_wait", []],
    ["keys of the node that a container hides", "kernel.threads-max", ["image"]],
  ] as const)("is not judged in a pod's network: %s", (_, key, setBy) => {
    const files = key.startsWith("net.ipv4") || key.startsWith("net.netfilter") ? { [`/proc/sys/${key.replaceAll(".", "/")}`]: "2" } : {};
    const found = check(planKey(key, "30", { setBy: [...setBy] }), files);
    expect(found).toMatchObject({ verdict: "unseen", effective: undefined, need: "required" });
    expect(found.detail).toContain("cannot be seen in this pod");
  });

  it("of the node's network is judged where the pod uses it", () => {
    const key = planKey("net.core.netdev_max_backlog", "16384", { setBy: ["node"] });
    expect(check(key, NODE_NETWORK)).toMatchObject({ verdict: "short", effective: "1000" });
  });

  it("of the node is judged in a pod where it shows", () => {
    const files = { "/proc/sys/net/core/rmem_max": "212992\n", "/proc/sys/fs/nr_open": "1048576\n" };
    expect(check(planKey("net.core.rmem_max", "16777216", { setBy: ["node"] }), files).verdict).toBe("short");
    expect(check(planKey("fs.nr_open", "1048576", { setBy: ["node"] }), files).verdict).toBe("ok");
  });

  it("of open files is judged by the hard limit, and the soft one is told", () => {
    const key = planKey("RLIMIT_NOFILE", "1048576", { setBy: ["node"] });
    expect(check(key, {})).toMatchObject({ verdict: "ok", effective: "1048576", detail: expect.stringContaining("raises soft to hard") });
    const low = check(key, {}, { soft: 1_024, hard: 65_536 });
    expect(low).toMatchObject({ verdict: "short", effective: "65536" });
    expect(low.detail).toContain("soft is 1024, and the runtime has not raised it");
    expect(check(key, {}, { soft: Number.POSITIVE_INFINITY, hard: Number.POSITIVE_INFINITY })).toMatchObject({
      verdict: "ok",
      effective: "unlimited",
    });
  });
});
