import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest";
import { requireNamespaces } from "../support/root.js";
import { requireTool } from "../support/tools.js";
import { planKey, planOf } from "./make-plan.js";

const BROKER = resolve(import.meta.dirname, "../..");
const BUN = resolve(BROKER, "../node_modules/bun/bin/bun.exe");

/** What a pod of a tuned pool sets, as the kubelet would. */
const POD_SYSCTLS = {
  "net.core.somaxconn": "32768",
  "net.ipv4.tcp_max_syn_backlog": "16384",
  "net.ipv4.tcp_rmem": "1024 4096 16777216",
  "net.ipv4.tcp_max_tw_buckets": "1048576",
  "net.ipv4.tcp_fin_timeout": "15",
  "net.ipv4.ip_local_port_range": "1024 65535",
} as const;
const EQUAL: readonly string[] = ["net.ipv4.tcp_rmem", "net.ipv4.tcp_fin_timeout", "net.ipv4.ip_local_port_range"];

const PLAN = planOf(
  ...Object.entries(POD_SYSCTLS).map(([key, value]) => planKey(key, value, { comparison: EQUAL.includes(key) ? "equal" : "at-least" })),
  planKey("net.core.netdev_max_backlog", "16384", { setBy: ["node"] }),
  planKey("fs.file-max", "8192", { setBy: ["image"], status: "image" }),
  planKey("RLIMIT_NOFILE", "1024", { setBy: ["node"] }),
);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mqttd-doctor-"));
  execFileSync("node", [join(BROKER, "build.mjs"), join(folder, "mqttd.mjs")], { stdio: "pipe" });
  writeFileSync(join(folder, "plan.json"), JSON.stringify(PLAN));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each([
  ["Node", (context: TestContext) => requireTool(context, "node", "install Node.js 20 or newer")],
  ["Bun", () => BUN],
] as const)("mqttd doctor on %s, in a network namespace of its own", (_, runtimeOf) => {
  /** Has the kernel of that namespace set these, and asks the doctor there. */
  function diagnose(context: TestContext, sysctls: Readonly<Record<string, string>>, ...flags: readonly string[]) {
    const unshare = requireNamespaces(context, "--net");
    const sysctl = requireTool(context, "sysctl", "apt-get install procps");
    const settings = Object.entries(sysctls).map(([key, value]) => `${key}=${value}`);
    const script = 'sysctl=$1; shift; "$sysctl" -q -w "$@" && exec "$0" "$BUNDLE" doctor --plan "$PLAN" $FLAGS';
    const doctor = spawnSync(unshare, ["--net", "sh", "-c", script, runtimeOf(context), sysctl, ...settings], {
      encoding: "utf8",
      env: { PATH: process.env.PATH, BUNDLE: join(folder, "mqttd.mjs"), PLAN: join(folder, "plan.json"), FLAGS: flags.join(" ") },
    });
    return { code: doctor.status, out: doctor.stdout, err: doctor.stderr };
  }

  it("ends with 0 when everything is set", (context) => {
    const { code, out, err } = diagnose(context, POD_SYSCTLS, "--json");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const { ok, checks } = JSON.parse(out) as { ok: boolean; checks: { name: string; verdict: string; effective: string }[] };
    expect(ok).toBe(true);
    const verdicts = Object.fromEntries(checks.map(({ name, verdict }) => [name, verdict]));
    expect(verdicts).toMatchObject(Object.fromEntries(Object.keys(POD_SYSCTLS).map((key) => [key, "ok"])));
    expect(verdicts).toMatchObject({ "net.core.netdev_max_backlog": "unseen", "fs.file-max": "ok", RLIMIT_NOFILE: "ok" });
  });

  it("ends with 1 when one key is short, and its line says which and what to change", (context) => {
    for (const [key, value] of [
      ["net.core.somaxconn", "4096"],
      ["net.ipv4.tcp_fin_timeout", "60"],
    ] as const) {
      const { code, out } = diagnose(context, { ...POD_SYSCTLS, [key]: value });
      expect(code).toBe(1);
      const lines = out.split("\n").filter((line) => line.startsWith("required: "));
      const wanted = PLAN.keys.find((one) => one.key === key)!;
      const asked = wanted.comparison === "equal" ? wanted.wanted : `at least ${wanted.wanted}`;
      expect(lines).toEqual([`required: ${key}: it is ${value}, and the plan has ${asked}: add ${key} to the pod`]);
    }
  });

  it("ends with 0 all the same when it is only to report, and 2 when the plan cannot be read", (context) => {
    expect(diagnose(context, { "net.core.somaxconn": "128" }, "--advisory").code).toBe(0);
    const { code, err } = diagnose(context, POD_SYSCTLS, "--plan", "/nowhere/plan.json");
    expect(code).toBe(2);
    expect(err).toContain('planFile is "/nowhere/plan.json"; it cannot be read');
  });
});
