import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest";
import { requireTool, skipBecause } from "../support/tools";

const CLUSTERS = ["aks", "eks", "gke"];
/** What runs on them, a stack each. */
const BROKERS = CLUSTERS.map((name) => `${name}-brokers`);
const STACKS = [...CLUSTERS, ...BROKERS].sort();

let folder: string;
/** The application with nothing but defaults. */
let started: Awaited<ReturnType<typeof start>>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "stacks-"));
  started = await start();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program in the project's folder, untouched by settings and colours of whoever runs the tests. */
function run(command: readonly string[], { env = {}, cwd = process.cwd(), timeout = 60_000 } = {}): Promise<Ended> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(BROKER_POOLS_|CDKTF_|NO_COLOR|FORCE_COLOR|VITEST|NODE_ENV)/.test(name),
  );
  const [program = "", ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...Object.fromEntries(inherited), ...env },
      timeout,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const output = { stdout: "", stderr: "" };
    child.stdout.on("data", (data) => {
      output.stdout += data;
    });
    child.stderr.on("data", (data) => {
      output.stderr += data;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...output }));
  });
}

const APP = [process.execPath, "--import", "tsx", "stacks/main.ts"];

/** Runs the application as `npm start` does, but into a folder of its own. */
async function start(env: Record<string, string> = {}): Promise<Ended & { readonly out: string }> {
  const out = mkdtempSync(join(folder, "out-"));
  return { ...(await run(APP, { env: { CDKTF_OUTDIR: out, ...env } })), out };
}

/** Files below a folder, by their paths in it. */
function filesIn(out: string): string[] {
  const entries = readdirSync(out, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(out.length + 1))
    .sort();
}

const files = (stacks: readonly string[], ...names: string[]) => stacks.flatMap((stack) => names.map((name) => `stacks/${stack}/${name}`));
const readJson = (...path: string[]) => JSON.parse(readFileSync(join(...path), "utf8"));

describe("npm start", () => {
  it("prints each stack's table and where it wrote the report", () => {
    expect(started.stderr).toBe("");
    expect(started.code).toBe(0);
    for (const stack of CLUSTERS) {
      const [, own = ""] = started.stdout.split(`Node tuning of stack '${stack}'`);
      expect(own).toMatch(/key +wanted +node +kubelet +pod +note/);
      expect(own).toMatch(/✓ fs\.nr_open \* +≥ 2097152 +[=≥] 2097152/);
      expect(own).toMatch(new RegExp(`Written: \\S+/${stack}/tuning-report\\.md and \\S+/${stack}/tuning-report\\.html`));
    }
  });

  it("writes Terraform JSON and both reports for each stack", () => {
    const generated = filesIn(started.out).filter((file) => !file.includes("/assets/"));
    const reports = files(CLUSTERS, "tuning-report.html", "tuning-report.md");
    expect(generated).toEqual(["manifest.json", ...files(STACKS, "cdk.tf.json"), ...reports].sort());
    for (const stack of STACKS) {
      const { terraform } = readJson(started.out, "stacks", stack, "cdk.tf.json");
      expect(terraform.backend.local.path).toBe(join(process.cwd(), `terraform.${stack}.tfstate`));
    }
    for (const stack of CLUSTERS) {
      expect(readFileSync(join(started.out, "stacks", stack, "tuning-report.md"), "utf8")).toContain("net.core.somaxconn");
      expect(readFileSync(join(started.out, "stacks", stack, "tuning-report.html"), "utf8")).toMatch(/^<!doctype html>/i);
    }
  });

  it("puts the brokers' charts beside their Terraform, the broker itself among them", () => {
    for (const stack of BROKERS) {
      const { helm_release } = readJson(started.out, "stacks", stack, "cdk.tf.json").resource;
      const [broker] = Object.values<Record<string, string>>(helm_release).filter(({ name }) => name === "mqttd");
      const chart = join(started.out, "stacks", stack, broker!.chart!);
      expect(filesIn(chart)).toEqual(expect.arrayContaining(["Chart.yaml", "files/mqttd.js.br", "files/mqttd.mjs", "values.schema.json"]));
    }
  });

  it("has cdktf apply each cluster before what runs on it", () => {
    const { stacks } = readJson(started.out, "manifest.json");
    for (const cluster of CLUSTERS) {
      expect(stacks[cluster].dependencies).toEqual([]);
      expect(stacks[`${cluster}-brokers`].dependencies).toEqual([cluster]);
    }
  });

  it("deploys to any cluster that a kubeconfig reaches, in one stack", async () => {
    const { code, stdout, out } = await start({ BROKER_POOLS_STACKS: "kubeconfig", BROKER_POOLS_KUBECONFIG_CONTEXT: "kind-mqtt" });
    expect(code).toBe(0);
    expect(stdout.match(/Node tuning of stack '\w+'/g)).toEqual(["Node tuning of stack 'kubeconfig'"]);
    const { provider } = readJson(out, "stacks/kubeconfig/cdk.tf.json");
    expect(provider.helm).toEqual([{ kubernetes: { config_path: "~/.kube/config", config_context: "kind-mqtt" } }]);
  });

  it("shows what the brokers' pods set in the report of the cluster's stack", () => {
    for (const stack of CLUSTERS) {
      const [, own = ""] = started.stdout.split(`Node tuning of stack '${stack}'`);
      expect(own).toContain(`${stack}-brokers/Broker, 50000 connections a pod`);
    }
  });

  it("leaves colours out of what is no terminal", () => {
    expect(started.stdout).not.toContain("\u001b");
  });

  it("uses settings from context and environment, and makes a stack once however often it is named", async () => {
    const context = {
      brokerPools: { stacks: ["aks", "gke"], gke: { clusterName: "fleet" }, maxNodes: 9, release: { broker: "none" } },
    };
    const { code, stdout, out } = await start({
      CDKTF_CONTEXT_JSON: JSON.stringify(context),
      BROKER_POOLS_STACKS: "gke,gke",
      BROKER_POOLS_KUBERNETES_VERSION: "1.33",
    });
    expect(code).toBe(0);
    expect(filesIn(out)).toEqual(["manifest.json", ...files(["gke"], "cdk.tf.json", "tuning-report.html", "tuning-report.md")]);
    expect(stdout.match(/Node tuning of stack '\w+'/g)).toEqual(["Node tuning of stack 'gke'"]);
    const { google_container_cluster, google_container_node_pool } = readJson(out, "stacks/gke/cdk.tf.json").resource;
    expect(Object.values(google_container_cluster)).toMatchObject([{ name: "fleet", min_master_version: "1.33" }]);
    expect(Object.values(google_container_node_pool)).toContainEqual(
      expect.objectContaining({ name: "broker", autoscaling: expect.objectContaining({ total_max_node_count: 9 }) }),
    );
  });

  it.for([
    ["", true],
    ["1", false],
  ] as const)("colours a terminal's table unless NO_COLOR has a value (%j: %s)", async ([noColor, coloured], context) => {
    const script = requireTool(context, "script", "install util-linux");
    const env = { CDKTF_OUTDIR: mkdtempSync(join(folder, "out-")), BROKER_POOLS_STACKS: "gke", NO_COLOR: noColor };
    const { code, stdout } = await run([script, "-qec", APP.join(" "), "/dev/null"], { env });
    expect(code).toBe(0);
    expect(stdout).toContain("net.core.somaxconn");
    expect(stdout.includes("\u001b[")).toBe(coloured);
  });
});

describe("npm start with a mistake", () => {
  it("says everything that is wrong with the settings, without a stack trace, and writes nothing", async () => {
    const { code, stdout, stderr, out } = await start({
      CDKTF_CONTEXT_JSON: JSON.stringify({ brokerPools: { eks: "yes", surge: 0, colour: "red" } }),
      BROKER_POOLS_AKS_SPOT: "maybe",
      BROKER_POOLS_SYSCTLS: '{"net.core.somaxcon":1}',
      BROKER_POOLS_MINNODES: "1",
    });
    expect(code).toBe(1);
    expect(stdout).toBe("");
    const [heading, ...lines] = stderr.trim().split("\n");
    expect(heading).toBe("6 settings are wrong:");
    expect(lines.map((line) => line.trim().split(" ")[1]).sort()).toEqual([
      "BROKER_POOLS_MINNODES",
      "aks.spot",
      "colour",
      "eks",
      "surge",
      "sysctls.net.core.somaxcon",
    ]);
    expect(stderr).not.toMatch(/^\s+at |node_modules|\.ts:\d/m);
    expect(filesIn(out)).toEqual([]);
  });

  it("says what a release asks of a pool in vain, and what to do about it", async () => {
    const { code, stdout, stderr } = await start({ BROKER_POOLS_STACKS: "gke", BROKER_POOLS_RELEASE_CONNECTIONS_PER_POD: "2000000" });
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr.trim()).toMatch(
      /^gke-brokers\/Broker: 'connectionsPerPod' is 2000000, which takes 2080000 open files; containers on pool 'gke\/Brokers' get 1048576/,
    );
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it("says what a cloud cannot give, and what to do about it", async () => {
    const { code, stdout, stderr, out } = await start({ BROKER_POOLS_PROFILE: "3000000", BROKER_POOLS_STACKS: "eks,aks" });
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr.trim().split("\n")).toEqual([
      expect.stringMatching(
        /^aks\/Brokers: profile '3000000-connections' on aks-ubuntu with Kubernetes 1\.34: required open-file limit 4194304 cannot be had on 'aks-ubuntu'.*Put fewer connections on each pod/,
      ),
      "",
      "In the settings: advising() is brokerPools.advised, without() is brokerPools.without, withOpenFiles() is brokerPools.openFiles.",
    ]);
    expect(filesIn(out)).toEqual([]);
  });

  it.each([
    [
      "settings under a misspelt name",
      '{"brokerpools":{"minNodes":1}}',
      "brokerpools in cdktf.json's context is not read; write brokerPools",
    ],
    ["a context that is no JSON", "{", "CDKTF_CONTEXT_JSON is not JSON: "],
  ])("does not pass over %s", async (_, context, line) => {
    const { code, stderr } = await start({ CDKTF_CONTEXT_JSON: context });
    expect(code).toBe(1);
    expect(stderr).toContain(line);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

/** As users run it; without calls home and without questions. */
const CDKTF = { CHECKPOINT_DISABLE: "1", CI: "1" };

function terraform(context: TestContext): string {
  return requireTool(context, "terraform", "cdktf and these tests call it; see its web site for a package");
}

/** cdktf takes seconds for six stacks, and many more on a machine that does other things beside. */
const PATIENCE = { timeout: 180_000 };

describe("cdktf synth", PATIENCE, () => {
  it("generates all stacks from cdktf.json and prints the warnings", async (context) => {
    terraform(context);
    const out = join(folder, "json");
    const { code, stdout, stderr } = await run(["npx", "cdktf", "synth", "--output", out], { env: CDKTF, ...PATIENCE });
    expect(code, stderr).toBe(0);
    // cdktf wraps the line.
    expect(stdout.replace(/\s+/g, " ")).toContain(
      "Generated Terraform code for the stacks: aks, aks-brokers, eks, eks-brokers, gke, gke-brokers",
    );
    expect(stdout).toContain("Node tuning of stack 'gke'");
    expect(stdout + stderr).toMatch(/\[aks\/Brokers\]: net\.core\.optmem_max: wanted 16777216, is set to 4194304/);
    expect(filesIn(out)).toEqual(
      expect.arrayContaining([...files(STACKS, "cdk.tf.json"), ...files(CLUSTERS, "tuning-report.html", "tuning-report.md")]),
    );
  });

  it.for(STACKS)("generates HCL of %s that Terraform can parse", async (stack, context) => {
    expect(await formatted(stack, context)).toMatchObject({ code: 0, stderr: expect.not.stringContaining("Error:") });
  });

  let generated: Promise<string> | undefined;

  /** What `terraform fmt` says of a copy of a stack's HCL: it fails where the syntax does. */
  async function formatted(stack: string, context: TestContext): Promise<Ended> {
    const program = terraform(context);
    generated ??= generateHcl();
    const copy = mkdtempSync(join(folder, `hcl-${stack}-`));
    cpSync(join(await generated, "stacks", stack), copy, { recursive: true });
    expect(filesIn(copy).filter((file) => file.endsWith(".tf"))).toEqual(["cdk.tf"]);
    return run([program, "fmt", "-no-color", "cdk.tf"], { cwd: copy });
  }

  async function generateHcl(): Promise<string> {
    const out = join(folder, "hcl");
    const { code, stderr } = await run(["npx", "cdktf", "synth", "--hcl", "--output", out], { env: CDKTF, ...PATIENCE });
    if (code !== 0) throw new Error(`cdktf synth --hcl: ${stderr}`);
    return out;
  }
});

describe("terraform validate", () => {
  /** Why the providers cannot be had; they are asked for once. */
  let unreachable: string | undefined;

  // A network is no tool: REQUIRE_TOOLS=1 does not ask for it.
  it.for(STACKS)("accepts the synthesised stack %s", { timeout: 600_000 }, async (stack, context) => {
    const program = terraform(context);
    if (unreachable) skipBecause(context, unreachable);

    const project = join(started.out, "stacks", stack);
    const mirror = process.env.TF_PLUGIN_DIR;
    const init = [program, "init", "-backend=false", "-input=false", "-no-color", ...(mirror ? [`-plugin-dir=${mirror}`] : [])];
    const prepared = await run(init, { cwd: project, env: CDKTF, timeout: mirror ? 300_000 : 120_000 });
    if (!mirror && providersMissing(prepared)) {
      unreachable = `terraform cannot get the providers; name a local mirror by TF_PLUGIN_DIR: ${firstReason(prepared)}`;
      skipBecause(context, unreachable);
    }
    expect(prepared.code, prepared.stderr).toBe(0);
    expect(existsSync(join(project, ".terraform"))).toBe(true);

    const validated = await run([program, "validate", "-no-color"], { cwd: project, env: CDKTF, timeout: 300_000 });
    expect(validated.code, validated.stderr).toBe(0);
    expect(validated.stdout).toContain("The configuration is valid");
  });

  function providersMissing({ code, stderr }: Ended): boolean {
    return code === null || /Failed to (query available provider packages|install provider)/.test(stderr);
  }

  function firstReason({ code, stderr }: Ended): string {
    return code === null
      ? "no answer in time"
      : stderr
          .replace(/\s+/g, " ")
          .replace(/.*Error: /, "")
          .slice(0, 200);
  }
});
