import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, TerraformStack, TerraformVariable } from "cdktf";
import { Construct } from "constructs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TuningPlan } from "../../lib/kernel/tuning-plan";
import type { Architecture, IBrokerNodePool, Taint, Toleration } from "../../lib/nodes/broker-node-pool";
import { tuningReports, writeTuningReports } from "../../lib/report/tuning-report";
import { millionPlan } from "./sample-report";

class SamplePool extends Construct implements IBrokerNodePool {
  readonly tuning: TuningPlan = millionPlan("gke-cos");
  readonly labels: Record<string, string> = { dedicated: "mqtt-broker" };
  readonly taints: readonly Taint[] = [{ key: "dedicated", value: "mqtt-broker", effect: "NoSchedule" }];
  readonly nodeSelector = this.labels;
  readonly tolerations: readonly Toleration[] = [];
  readonly architecture: Architecture = "amd64";
}

describe("tuning reports of an app", () => {
  let outdir: string;
  let app: App;
  beforeEach(() => {
    outdir = mkdtempSync(join(tmpdir(), "tuning-report-"));
    app = new App({ outdir });
  });
  afterEach(() => rmSync(outdir, { recursive: true, force: true }));

  it("finds each pool in its own stack, however deep", () => {
    const outer = new TerraformStack(app, "outer");
    const inner = new TerraformStack(new Construct(outer, "Region"), "inner");
    new SamplePool(outer, "Brokers");
    new SamplePool(new Construct(inner, "Zone"), "Brokers");
    new SamplePool(inner, "More");
    new TerraformStack(app, "empty");

    expect(tuningReports(app).map(({ stack, pools }) => [stack, pools.map(({ path }) => path)])).toEqual([
      ["outer", ["outer/Brokers"]],
      ["inner", ["outer/Region/inner/Zone/Brokers", "outer/Region/inner/More"]],
    ]);
  });

  it("takes a pool's plan, labels and taints", () => {
    const pool = new SamplePool(new TerraformStack(app, "mqtt"), "Brokers");
    const { tuning, labels, taints } = pool;

    expect(tuningReports(app)).toEqual([{ stack: "mqtt", pools: [{ releases: [], path: "mqtt/Brokers", tuning, labels, taints }] }]);
  });

  it("shows a label that is only known to Terraform as Terraform writes it", () => {
    const stack = new TerraformStack(app, "mqtt");
    new SamplePool(stack, "Brokers").labels.team = new TerraformVariable(stack, "team", {}).stringValue;

    expect(tuningReports(app)[0]?.pools[0]?.labels.team).toBe("${var.team}");
  });

  it("does not take a construct with labels and taints for a pool", () => {
    const other = new Construct(new TerraformStack(app, "mqtt"), "Other");
    Object.assign(other, { labels: {}, taints: [], tuning: undefined });

    expect(tuningReports(app)).toEqual([]);
  });

  it("writes both files beside cdk.tf.json", () => {
    new SamplePool(new TerraformStack(app, "mqtt"), "Brokers");
    app.synth();
    const folder = join(outdir, "stacks", "mqtt");

    expect(writeTuningReports(app)).toEqual([
      { stack: "mqtt", markdown: join(folder, "tuning-report.md"), html: join(folder, "tuning-report.html") },
    ]);
    expect(existsSync(join(folder, "cdk.tf.json"))).toBe(true);
    expect(readFileSync(join(folder, "tuning-report.md"), "utf8")).toContain("## mqtt/Brokers\n");
    expect(readFileSync(join(folder, "tuning-report.html"), "utf8")).toContain(">mqtt/Brokers</h2>");
  });

  it("writes nothing for a stack without pools, and removes what an earlier run wrote", () => {
    new SamplePool(new TerraformStack(app, "mqtt"), "Brokers");
    app.synth();
    const [written] = writeTuningReports(app);

    const later = new App({ outdir });
    new TerraformStack(later, "mqtt");
    later.synth();

    expect(writeTuningReports(later)).toEqual([]);
    expect([written!.markdown, written!.html].filter(existsSync)).toEqual([]);
  });
});
