import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = resolve(__dirname, "../..");

describe("broker-pools size", () => {
  it("prints machines, pods and what others say", () => {
    const { stdout, status } = run("size", "--connections", "1_000_000", "--publish-rate", "20000", "--payload", "256", "--tls", "lb");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^eks amd64 {2}\S+ \(\d+ cores, \d+ GiB\) +\d+ +\d+ \(\d+ a node\)/m);
    expect(stdout).toContain("the guide (EMQX on Kubernetes)           16 cores  32 GiB");
    expect(stdout).toContain("npm run bench:calibrate");
  });

  it("prints props for pools and releases as JSON", () => {
    const { stdout } = run("size", "--connections", "50000", "--cloud", "gke", "--arch", "arm64", "--json");
    const { clouds } = JSON.parse(stdout);
    expect(clouds).toHaveLength(1);
    expect(clouds[0].pool).toMatchObject({
      machineType: expect.stringMatching(/^c4a-/),
      profile: { sysctls: { "fs.nr_open": "2097152" } },
    });
    expect(clouds[0].release).toMatchObject({ replicas: expect.any(Number), connectionsPerPod: expect.any(Number), runtime: "bun" });
  });

  it.each([
    [["size"], 1, "required option '--connections <number>' not specified"],
    [["size", "--connections", "many"], 1, "Write a number."],
    [["size", "--connections", "-1"], 2, "'connections' is -1; write a whole number from 1 to 100000000"],
    [["size", "--connections", "1000000000000"], 2, "'connections' is 1000000000000"],
    [["size", "--connections", "10", "--tls", "maybe"], 1, "Allowed choices are none, lb, broker"],
    [["size", "--connections", "10", "--publish-rat", "5"], 1, "Did you mean --publish-rate?"],
  ])("refuses %j", (args, code, words) => {
    const { stderr, status } = run(...args);
    expect(stderr).toContain(words);
    expect(stderr).not.toContain("    at ");
    expect(status).toBe(code);
  });
});

describe("broker-pools report", () => {
  it("prints what a profile becomes on a platform", () => {
    const { stdout, status } = run("report", "--platform", "aks-ubuntu", "--kubernetes", "1.34", "--profile", "50000");
    expect(status).toBe(0);
    expect(stdout).toContain("profile     50000-connections");
    expect(stdout).toMatch(/net\.core\.somaxconn \*/);
  });

  it("prints Markdown, HTML and JSON as well", () => {
    expect(run("report", "--platform", "gke-cos", "--format", "markdown").stdout).toMatch(/^# /);
    expect(run("report", "--platform", "gke-cos", "--format", "html").stdout).toMatch(/^<!doctype html>/i);
    expect(JSON.parse(run("report", "--platform", "gke-cos", "--format", "json").stdout)).toMatchObject({ platform: "gke-cos" });
  });

  it.each([
    [["report", "--platform", "eks"], 1, "Allowed choices are eks-al2023"],
    [["report", "--platform", "gke-cos", "--kubernetes", "new"], 2, "'new'"],
    [["report", "--platform", "gke-cos", "--profile", "0"], 1, "Write million, load-generator"],
  ])("refuses %j", (args, code, words) => {
    const { stderr, status } = run(...args);
    expect(stderr).toContain(words);
    expect(status).toBe(code);
  });
});

describe("broker-pools scenario", () => {
  it("prints the command line of a scenario, whole or for one pod", () => {
    const file = scenarioFile({ name: "idle", command: "conn", clients: 120_000 });
    expect(run("scenario", file, "--host", "b.example").stdout).toMatch(
      /^mqttd bench conn -h b\.example -p 1883 -c 120000 .* --duration 600\n$/,
    );
    expect(run("scenario", file, "--pod", "2").stdout).toMatch(/--share 2\/3\n$/);
  });

  it("refuses files and pods that are none", () => {
    const file = scenarioFile({ name: "idle", command: "conn", clients: 10 });
    expect(run("scenario", file, "--pod", "1").stderr).toContain("has 1 pods; write --pod 0 to 0");
    expect(run("scenario", join(ROOT, "nowhere.json")).stderr).toContain("ENOENT");
    expect(run("scenario", join(ROOT, "README.md")).stderr).toContain("is not valid JSON");
    expect(run("scenario", scenarioFile({ name: "idle", command: "conn", clients: 0 }))).toMatchObject({ status: 2 });
  });

  function scenarioFile(scenario: object): string {
    const file = join(mkdtempSync(join(tmpdir(), "scenario-")), "scenario.json");
    writeFileSync(file, JSON.stringify(scenario));
    return file;
  }
});

function run(...args: string[]) {
  return spawnSync(process.execPath, ["--import", "tsx", join(ROOT, "lib/cli/main.ts"), ...args], { cwd: ROOT, encoding: "utf8" });
}
