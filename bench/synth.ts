/*
 * npm run bench:synth: how long pools take to synthesise, as a ratio between 1,000 and 100 of them in one run.
 *
 * Each app runs in a process of its own and takes its time inside: from `new App()` to the end of `synth()`, without loading modules.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { AzurermProvider } from "@cdktf/provider-azurerm/lib/provider";
import { GoogleProvider } from "@cdktf/provider-google/lib/provider";
import { App, TerraformStack } from "cdktf";
import { AksNodePool, EksManagedNodePool, EksSelfManagedNodePool, GkeNodePool, type IEksCluster } from "../lib";

/** The budget of design.md §5 for 100 pools. */
const BUDGET_SECONDS = 2;
const SIZES = [100, 1000];
const RUNS = 3;

const EKS: IEksCluster = {
  clusterName: "bench",
  kubernetesVersion: "1.34",
  endpoint: "https://bench.example",
  certificateAuthority: "Q0E=",
  serviceCidr: "172.20.0.0/16",
  clusterSecurityGroupId: "sg-0",
  subnetIds: ["subnet-0"],
};
const AKS = { clusterId: "/subscriptions/0/managedClusters/bench", kubernetesVersion: "1.34" };
const GKE = { clusterName: "bench", location: "europe-west1", kubernetesVersion: "1.34", autopilot: false };

/** Seconds to build and synthesise an app with `count` pools, all four kinds in turn. */
function synthesise(count: number): number {
  const outdir = mkdtempSync(join(tmpdir(), "bench-synth-"));
  try {
    const started = performance.now();
    const app = new App({ outdir });
    const stack = new TerraformStack(app, "bench");
    new AwsProvider(stack, "aws", { region: "eu-central-1" });
    new AzurermProvider(stack, "azurerm", { features: [{}] });
    new GoogleProvider(stack, "google");
    for (let index = 0; index < count; index++) {
      const id = `Pool${index}`;
      if (index % 4 === 0) new EksSelfManagedNodePool(stack, id, { cluster: EKS, machineType: "m7g.2xlarge" });
      else if (index % 4 === 1) new EksManagedNodePool(stack, id, { cluster: EKS, machineType: "m7g.2xlarge" });
      else if (index % 4 === 2) new AksNodePool(stack, id, { cluster: AKS, machineType: "Standard_D8ps_v6", name: `p${index}` });
      else new GkeNodePool(stack, id, { cluster: GKE, machineType: "c4a-standard-8", name: `p${index}` });
    }
    app.synth();
    return (performance.now() - started) / 1000;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

const child = process.argv[2];
if (child !== undefined) {
  // tsx maps every stack trace back to TypeScript, and cdktf takes one per token: a third of the time, which users of the compiled package do not pay.
  process.setSourceMapsEnabled(false);
  console.log(synthesise(Number(child)));
} else {
  const best = SIZES.map((size) => {
    const seconds = Array.from({ length: RUNS }, () =>
      Number(
        execFileSync(process.execPath, ["--import", "tsx", __filename, String(size)], {
          encoding: "utf8",
          stdio: ["ignore", "pipe", "pipe"],
        }),
      ),
    );
    console.log(`${size} pools: ${seconds.map((second) => `${second.toFixed(2)} s`).join(", ")}`);
    return Math.min(...seconds);
  });
  const [hundred = Number.NaN, thousand = Number.NaN] = best;
  console.log(`1,000 pools take ${(thousand / hundred).toFixed(1)} times as long as 100 (10 is linear)`);
  console.log(`100 pools: ${hundred.toFixed(2)} s, budget ${BUDGET_SECONDS} s: ${hundred <= BUDGET_SECONDS ? "kept" : "missed"}`);
  if (hundred > BUDGET_SECONDS) process.exitCode = 1;
}
