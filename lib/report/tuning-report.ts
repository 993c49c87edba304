import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type App, DefaultTokenResolver, StringConcat, TerraformStack, Tokenization } from "cdktf";
import type { IConstruct } from "constructs";
import type { IBrokerNodePool } from "../nodes/broker-node-pool";
import type { IBrokerRelease } from "../release/broker-release";
import { reportHtml } from "./report-html";
import { reportMarkdown } from "./report-markdown";
import type { ReportedPool, ReportedRelease, StackReport } from "./stack-report";

/** The files that belong to one stack. */
export interface WrittenReport {
  readonly stack: string;
  /** Path of the Markdown file. */
  readonly markdown: string;
  /** Path of the HTML page. */
  readonly html: string;
}

/** The broker pools of each stack of `app`; stacks without any are left out. */
export function tuningReports(app: App): StackReport[] {
  return stacksOf(app)
    .map(reportOf)
    .filter(({ pools }) => pools.length > 0);
}

/**
 * Writes `tuning-report.md` and `tuning-report.html` beside each stack's `cdk.tf.json`, and removes those of stacks that have no
 * broker pool any more. Call it after `app.synth()`: the pools are complete then.
 */
export function writeTuningReports(app: App): WrittenReport[] {
  return stacksOf(app).flatMap((stack) => {
    const report = reportOf(stack);
    const folder = join(app.outdir, app.manifest.forStack(stack).workingDirectory);
    const paths = { stack: report.stack, markdown: join(folder, "tuning-report.md"), html: join(folder, "tuning-report.html") };
    if (report.pools.length === 0) {
      for (const stale of [paths.markdown, paths.html]) rmSync(stale, { force: true });
      return [];
    }
    mkdirSync(folder, { recursive: true });
    writeFileSync(paths.markdown, reportMarkdown(report));
    writeFileSync(paths.html, reportHtml(report));
    return [paths];
  });
}

function stacksOf(app: App): TerraformStack[] {
  return app.node.findAll().filter((construct) => TerraformStack.isStack(construct));
}

/** A pool in a nested stack belongs to that one alone. */
function reportOf(stack: TerraformStack): StackReport {
  const pools = stack.node.findAll().filter(isBrokerNodePool);
  return {
    stack: stack.node.id,
    pools: pools.filter((pool) => TerraformStack.of(pool) === stack).map((pool) => reportedPool(pool, stack)),
  };
}

/** Labels may come from other resources; the report shows the reference as Terraform sees it. */
function reportedPool(pool: IBrokerNodePool, scope: TerraformStack): ReportedPool {
  const { node, tuning, labels, taints } = pool;
  const resolver = new DefaultTokenResolver(new StringConcat());
  return {
    path: node.path,
    tuning,
    releases: releasesOn(pool),
    ...Tokenization.resolve({ labels, taints }, { scope, resolver, preparing: false }),
  };
}

/** Releases are in stacks of their own, after the cluster's. */
function releasesOn(pool: IBrokerNodePool): ReportedRelease[] {
  const releases = pool.node.root.node.findAll().filter((construct) => isReleaseOn(construct, pool));
  return releases.map(({ node, pod }) => ({ path: node.path, sysctls: pod.sysctls, connectionsPerPod: pod.connections }));
}

function isReleaseOn(construct: IConstruct, pool: IBrokerNodePool): construct is IBrokerRelease {
  const release = construct as Partial<IBrokerRelease>;
  return release.pool === pool && Array.isArray(release.pod?.sysctls);
}

/** By shape, since pools of other packages and of other copies of this one count as well. */
function isBrokerNodePool(construct: IConstruct): construct is IBrokerNodePool {
  const { tuning, labels, taints } = construct as Partial<IBrokerNodePool>;
  return Array.isArray(tuning?.rows) && typeof tuning.platform === "string" && typeof labels === "object" && Array.isArray(taints);
}
