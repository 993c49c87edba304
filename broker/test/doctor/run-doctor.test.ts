import { describe, expect, it } from "vitest";
import { configFrom } from "../../src/config/load-config.js";
import { reportText } from "../../src/doctor/report-text.js";
import { type DoctorOptions, type DoctorPorts, runDoctor } from "../../src/doctor/run-doctor.js";
import { planKey, planOf } from "./make-plan.js";

const GIB = 1_024 ** 3;
const NOW = Date.parse("2026-11-29T12:00:00Z");
const FILES: Readonly<Record<string, string>> = {
  "/proc/sys/fs/file-max": "9223372036854775807\n",
  "/proc/sys/fs/nr_open": "1048576\n",
  "/proc/self/cgroup": "0::/\n",
  "/sys/fs/cgroup/pids.max": "max\n",
};
const PORTS: DoctorPorts = {
  host: {
    runtime: { name: "node", version: "24.0.0", heapBytes: GIB },
    openFiles: { soft: 1_048_576, hard: 1_048_576 },
    somaxconn: 4_096,
    memory: { bytes: 2 * GIB, from: "container" },
  },
  readText: (path) => FILES[path],
  probeNats: async () => ({ version: "2.12.1", problems: [], clock: undefined }),
  readClocks: () => ({ nowMs: NOW, earlierMs: [NOW - 1_000], elapsedMs: 5, steadyMs: 5 }),
};
const noFiles = () => "";
const diagnose = (settings: object = {}, options: Partial<DoctorOptions> = {}, ports: Partial<DoctorPorts> = {}) =>
  runDoctor({ config: configFrom({ wsPort: "off", ...settings }, noFiles), ...options }, { ...PORTS, ...ports });
const named = async (name: string, report: ReturnType<typeof diagnose>) => (await report).checks.find((check) => check.name === name);

describe("runDoctor()", () => {
  it("finds nothing wrong where there is room for the usual 10,000 connections", async () => {
    const report = await diagnose();
    expect(report).toMatchObject({ ok: true, wrong: { required: 0, advised: 0 }, plan: undefined });
    const names = report.checks.map(({ name }) => name);
    expect(names).toEqual(["fs.file-max", "fs.nr_open", "heap", "memory", "open-files", "pids", "backlog tcp:default", "clock"]);
  });

  it("wants room for as many as it is told, or as maxConnections allows", async () => {
    expect(await named("memory", diagnose({}, { connections: 500_000 }))).toMatchObject({
      ...{ verdict: "short", need: "advised", wanted: "500000 connections" },
      detail: "2048 MiB of memory of the container leaves room for 203506 of 500000 connections",
      remedy: "raise the container's memory limit",
    });
    expect(await named("heap", diagnose({ maxConnections: 500_000 }))).toMatchObject({
      verdict: "short",
      remedy: expect.stringContaining("--max-old-space-size"),
    });
  });

  it("takes too few open files for a must only where somebody said how many connections", async () => {
    const ports = { host: { ...PORTS.host, openFiles: { soft: 1_024, hard: 1_024 } } };
    expect(await diagnose({}, {}, ports)).toMatchObject({ ok: true, wrong: { required: 0, advised: 1 } });
    expect(await diagnose({ maxConnections: 5_000 }, {}, ports)).toMatchObject({ ok: false, wrong: { required: 1 } });
  });

  it("tells a backlog that the kernel shortens, and what would keep it", async () => {
    expect(await named("backlog tcp:default", diagnose({ backlog: 8_192 }))).toMatchObject({
      verdict: "short",
      detail: "net.core.somaxconn cuts the listener's backlog to 4096",
      remedy: expect.stringMatching(/net\.core\.somaxconn of this network namespace to 8192.*backlog to 4096/),
    });
  });

  it.each([
    ["v2", { "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/pids.max": "16\n" }],
    ["v1", { "/proc/self/cgroup": "8:pids:/pod\n", "/sys/fs/cgroup/pids/pod/pids.max": "16\n" }],
  ])("reads the limit on processes of cgroup %s", async (_, files: Readonly<Record<string, string>>) => {
    expect(await named("pids", diagnose({}, {}, { readText: (path) => files[path] }))).toMatchObject({ verdict: "short", effective: "16" });
  });

  it("asks NATS only where there is one, and takes its trouble for advice unless told otherwise", async () => {
    expect(await named("nats", diagnose())).toBeUndefined();
    const nats = { nats: { servers: "nats://h:4222" } };
    const lost = { probeNats: async () => ({ version: undefined, problems: ["no NATS server: start it"], clock: undefined }) };
    expect(await named("nats", diagnose(nats))).toMatchObject({
      verdict: "ok",
      effective: "2.12.1",
      wanted: "2.11, JetStream, 3 replicas",
    });
    expect(await diagnose(nats, {}, lost)).toMatchObject({ ok: true, wrong: { advised: 1 } });
    expect(await diagnose(nats, { require: ["nats"] }, lost)).toMatchObject({ ok: false, wrong: { required: 1 } });
    expect(await named("nats", diagnose(nats, { skip: ["nats"] }, lost))).toBeUndefined();
  });

  it.each([
    ["is before files that are here", { earlierMs: [NOW + 60_000] }, "it is 60 s before files of this machine were written"],
    ["jumps", { elapsedMs: 3_600_000 }, "it jumped by 3600 s while it was looked at"],
  ])("says that the clock is wrong where it %s", async (_, readings, detail) => {
    const readClocks = () => ({ ...PORTS.readClocks(), ...readings });
    expect(await named("clock", diagnose({}, {}, { readClocks }))).toMatchObject({ verdict: "differs", detail });
  });

  it("says how far the clock is from that of the NATS server", async () => {
    const ports = {
      readClocks: () => ({ ...PORTS.readClocks(), nowMs: Date.now() }),
      probeNats: async () => ({ version: "2.12.1", problems: [], clock: { theirsMs: Date.now() - 90_000, oursMs: Date.now() } }),
    };
    expect(await named("clock", diagnose({ nats: { servers: "nats://h:4222" } }, {}, ports))).toMatchObject({
      verdict: "differs",
      detail: "it is 90 s from the clock of the NATS server",
    });
  });

  it("compares with a plan instead of guessing what the node should have", async () => {
    const plan = planOf(planKey("fs.nr_open", "2097152", { setBy: ["node"] }));
    const report = await runDoctor({ config: { ...configFrom({ wsPort: "off" }, noFiles), plan } }, PORTS);
    expect(report).toMatchObject({ ok: false, plan: { pool: "aks/Brokers", profile: "million" }, wrong: { required: 1 } });
    expect(report.checks.map(({ name }) => name)).not.toContain("fs.file-max");
  });
});

describe("a key that is required", () => {
  it("is wrong if the plan does not have it, where a check without a subject is not", async () => {
    expect(await diagnose({}, { require: ["net.core.somaxcon"] })).toMatchObject({ ok: false, wrong: { required: 1 } });
    expect(await diagnose({}, { require: ["nats", "clock"] })).toMatchObject({ ok: true });
  });
});

describe("reportText()", () => {
  it("is a table in line, and below it each thing that is wrong with its remedy", async () => {
    const report = await diagnose({ backlog: 8_192 });
    const text = reportText(report, { colour: false });
    const [headings, ...rows] = text.split("\n");
    expect(rows[0]!.indexOf("ok")).toBe(headings!.indexOf("verdict"));
    expect(text).toContain(
      "\nadvised: backlog tcp:default: net.core.somaxconn cuts the listener's backlog to 4096: raise net.core.somaxconn",
    );
    expect(text).toContain("0 required and 1 advised checks are wrong: a broker may serve here\n");
    expect(text).not.toContain("\u001b[");
    expect(reportText(report, { colour: true })).toContain("\u001b[33m");
  });
});
