import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = resolve(__dirname, "..");
/** This repository's; the consumer has none of its own. */
const TSC = join(ROOT, "node_modules/typescript/bin/tsc");
const { devDependencies, exports: entryPoints } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

/** The README's example, with the application around it that it leaves to the reader. */
const [, example = ""] = /```ts\n(import \{ EksCluster[\s\S]*?)```/.exec(readFileSync(join(ROOT, "README.md"), "utf8")) ?? [];
const [imports = "", body = ""] = example.split(/\n\n/);
const APPLICATION = `
import { App, TerraformStack } from "cdktf";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
${imports}

const app = new App();
const stack = new TerraformStack(app, "mine");
new AwsProvider(stack, "aws", { region: "eu-central-1" });
${body}
console.log(pool.tuning.podSysctls.map(({ name }) => name).join());
`;

/** The same with the broker on the pool, which takes Helm's provider besides. */
const WITH_BROKER = `${APPLICATION.replace("app.synth();", "").replace(/^writeTuningReports.*$/m, "")}
import { HelmProvider } from "@cdktf/provider-helm/lib/provider";
import { BrokerNamespace, CompanionRelease } from "cdktf-broker-pools/release";

const brokers = new TerraformStack(app, "brokers");
new HelmProvider(brokers, "helm", { kubernetes: { configPath: "kubeconfig" } });
const namespace = new BrokerNamespace(brokers, "Namespace", { pools: [pool] });
new CompanionRelease(brokers, "Broker", { namespace, pool, users: { secret: "users", key: "users" } });
app.synth();
`;

/** The same with a misspelt sysctl. */
const MISSPELT = APPLICATION.replace('"net.core.somaxconn"', '"net.core.somaxcon"');

let project: string;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "consumer-"));
  const printed = npm(ROOT, "pack", "--json", "--pack-destination", project);
  // The build speaks first.
  const [{ filename }] = JSON.parse(printed.slice(printed.search(/^\[$/m)));
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "consumer", private: true }));
  const wanted = ["cdktf", "constructs", "@cdktf/provider-aws"].map((name) => `${name}@${devDependencies[name]}`);
  npm(project, "install", "--prefer-offline", "--no-audit", "--no-fund", join(project, filename), ...wanted);
  writeFileSync(join(project, "main.ts"), APPLICATION);
  writeFileSync(join(project, "misspelt.ts"), MISSPELT);
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

describe("the packed library in an empty project", () => {
  it("type-checks with the types it ships, also for the resolution of cdktf's own templates", () => {
    for (const resolution of ["node16", "bundler"]) {
      expect(typeErrors("main.ts", resolution)).toBe("");
    }
  });

  it("does not compile a misspelt sysctl", () => {
    expect(typeErrors("misspelt.ts", "node16")).toContain("'\"net.core.somaxcon\"' does not exist in type 'SysctlValues'");
  });

  it("names its types for tools that know no exports", () => {
    const { typesVersions } = JSON.parse(readFileSync(join(project, "node_modules/cdktf-broker-pools/package.json"), "utf8"));
    const subpaths = Object.keys(entryPoints).filter((path) => path !== "." && path !== "./package.json");
    expect(Object.keys(typesVersions["*"]).map((path) => `./${path}`)).toEqual(subpaths);
  });

  it("synthesises from there, with the provider of one cloud alone", () => {
    run(process.execPath, [TSC, "--outDir", "built", ...options("node16"), "main.ts"]);
    const printed = run(process.execPath, ["built/main.js"]);
    expect(printed).toContain("net.core.somaxconn,net.core.optmem_max");
    const stack = JSON.parse(readFileSync(join(project, "cdktf.out/stacks/mine/cdk.tf.json"), "utf8"));
    expect(Object.keys(stack.resource)).toContain("aws_eks_node_group");
    const { user_data: encoded } = Object.values<{ user_data: string }>(stack.resource.aws_launch_template)[0]!;
    expect(Buffer.from(encoded, "base64").toString()).toContain("broker-tuning apply|restore|check");
    expect(readFileSync(join(project, "cdktf.out/stacks/mine/tuning-report.md"), "utf8")).toContain("mine/Brokers");
  });

  it("deploys the broker from there: charts and bundle are in the package", { timeout: 240_000 }, () => {
    npm(
      project,
      "install",
      "--prefer-offline",
      "--no-audit",
      "--no-fund",
      `@cdktf/provider-helm@${devDependencies["@cdktf/provider-helm"]}`,
    );
    writeFileSync(join(project, "broker.ts"), WITH_BROKER);
    run(process.execPath, [TSC, "--outDir", "built", ...options("node16"), "broker.ts"]);
    run(process.execPath, ["built/broker.js"]);
    const folder = join(project, "cdktf.out/stacks/brokers");
    const { helm_release } = JSON.parse(readFileSync(join(folder, "cdk.tf.json"), "utf8")).resource;
    const broker = Object.values<{ name: string; chart: string }>(helm_release).find(({ name }) => name === "mqttd")!;
    const chart = readdirSync(join(folder, broker.chart), { recursive: true });
    expect(chart).toEqual(
      expect.arrayContaining(["Chart.yaml", "values.schema.json", "files/mqttd.js.br", "files/mqttd.mjs", "templates/statefulset.yaml"]),
    );
  });

  it("has its pure half without cdktf", () => {
    const loaded = run(process.execPath, [
      "-e",
      "const k = require('cdktf-broker-pools/kernel'); k.planTuning(k.SysctlProfile.MILLION, 'gke-cos', '1.34'); console.log(Object.keys(require.cache).filter((f) => /node_modules.(@cdktf|cdktf|constructs)[^-]/.test(f)).length)",
    ]);
    expect(loaded.trim()).toBe("0");
  });

  it("exports this and nothing else", () => {
    // The root entry needs all clouds; the other two stand in from this repository.
    for (const name of ["provider-azurerm", "provider-google"]) {
      symlinkSync(join(ROOT, "node_modules/@cdktf", name), join(project, "node_modules/@cdktf", name));
    }
    const names = run(process.execPath, ["-p", "Object.keys(require('cdktf-broker-pools')).sort().join('\\n')"]);
    expect(names.trim().split("\n")).toMatchInlineSnapshot(`
      [
        "AksCluster",
        "AksNetwork",
        "AksNodePool",
        "BrokerNamespace",
        "CLUSTER_COSTS",
        "COSTS",
        "CompanionRelease",
        "EksCluster",
        "EksManagedNodePool",
        "EksNetwork",
        "EksSelfManagedNodePool",
        "EmqxRelease",
        "ExistingNodePool",
        "GeneratedSecret",
        "GkeCluster",
        "GkeNetwork",
        "GkeNodePool",
        "InvalidPropsError",
        "InvalidSysctlError",
        "LoadTestFleet",
        "MACHINE_TYPES",
        "MAX_PAYLOAD_BYTES",
        "MEASURED_ON",
        "NEWEST_KNOWN_KUBERNETES",
        "NatsRelease",
        "OLDEST_KUBERNETES",
        "OPEN_FILES_KEY",
        "PLATFORMS",
        "SYSCTLS",
        "ScenarioError",
        "SysctlProfile",
        "TuningError",
        "WorkloadError",
        "aksAccess",
        "allowListProblem",
        "allows",
        "benchArguments",
        "checkScenario",
        "eksAccess",
        "gkeAccess",
        "openFilesFor",
        "parseKubernetesVersion",
        "planDocument",
        "planTuning",
        "podAdmission",
        "podPlacement",
        "podSysctlProblem",
        "podsOf",
        "reportHtml",
        "reportMarkdown",
        "reportText",
        "sizing",
        "sizingText",
        "tuningReports",
        "writeTuningReports",
      ]
    `);
  });

  function typeErrors(file: string, resolution: string): string {
    const args = [TSC, "--noEmit", ...options(resolution), file];
    return spawnSync(process.execPath, args, { cwd: project, encoding: "utf8", env: environment() }).stdout;
  }

  function options(resolution: string): string[] {
    const module = resolution === "bundler" ? "preserve" : "node16";
    return [
      "--ignoreConfig",
      "--strict",
      "--skipLibCheck",
      "false",
      "--target",
      "es2022",
      "--module",
      module,
      "--moduleResolution",
      resolution,
      "--types",
      "",
    ];
  }

  function run(command: string, args: readonly string[]): string {
    return execFileSync(command, args, { cwd: project, encoding: "utf8", env: environment() });
  }
});

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, CDKTF_OUTDIR: "cdktf.out", CDKTF_CONTEXT_JSON: "" };
}

function npm(folder: string, ...args: string[]): string {
  return execFileSync("npm", args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
