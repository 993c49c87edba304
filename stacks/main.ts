import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { App } from "cdktf";
import type { Construct } from "constructs";
import { InvalidPropsError, InvalidSysctlError, reportText, TuningError, tuningReports, writeTuningReports } from "../lib";
import { AksStack } from "./aks";
import { BundleError, buildBrokerBundle } from "./broker-bundle";
import { BrokersStack, type ClusterStack } from "./brokers";
import { EksStack } from "./eks";
import { GkeStack } from "./gke";
import { KubeconfigStack } from "./kubeconfig";
import { LoadTestStack } from "./load-test";
import { type CheckedSettings, CONTEXT_KEY, readSettings, SettingsError } from "./settings";

type CloudName = "eks" | "aks" | "gke";

const CLOUDS: Readonly<Record<CloudName, new (scope: Construct, id: string, settings: CheckedSettings) => ClusterStack>> = {
  eks: EksStack,
  aks: AksStack,
  gke: GkeStack,
};

/** Synthesises the chosen stacks, writes each one's tuning report beside it and prints it. */
function main(): void {
  const context = readContext();
  const settings = readSettings(context[CONTEXT_KEY], process.env);
  const app = new App({ context });
  const mountsBroker = settings.release.broker === "companion" && settings.release.image === undefined;
  if (mountsBroker || settings.loadTest.scenarios.length > 0) buildBrokerBundle();
  const names = new Set(settings.stacks === "all" ? (Object.keys(CLOUDS) as CloudName[]) : settings.stacks);
  for (const name of names) createStacks(app, name, settings);
  app.synth();

  const written = writeTuningReports(app);
  const colour = process.stdout.isTTY === true && !process.env.NO_COLOR;
  for (const report of tuningReports(app)) {
    console.log(reportText(report, { width: process.stdout.columns || 160, colour }));
    const paths = written.find(({ stack }) => stack === report.stack);
    if (paths) console.log(`\nWritten: ${relative(".", paths.markdown)} and ${relative(".", paths.html)}\n`);
  }
}

/** A cluster's stack, one for the brokers on it, and one for load on these; the first two in one where the cluster is there already. */
function createStacks(app: App, name: CloudName | "kubeconfig", settings: CheckedSettings): void {
  const { cluster, broker } = name === "kubeconfig" ? kubeconfigStack(app, settings) : cloudStacks(app, name, settings);
  const { generators: pool } = cluster;
  if (pool !== undefined) new LoadTestStack(app, `${name}-load-test`, settings, { cluster, pool, broker });
}

function kubeconfigStack(app: App, settings: CheckedSettings) {
  const cluster = new KubeconfigStack(app, "kubeconfig", settings);
  return { cluster, broker: cluster.broker };
}

function cloudStacks(app: App, name: CloudName, settings: CheckedSettings) {
  const cluster = new CLOUDS[name](app, name, settings);
  if (settings.release.broker === "none") return { cluster, broker: undefined };
  return { cluster, broker: new BrokersStack(app, `${name}-brokers`, settings, cluster).broker };
}

/** cdktf's command line hands the context over; without it, it is read from cdktf.json as that does. */
function readContext(): Record<string, unknown> {
  const handedOver = process.env.CDKTF_CONTEXT_JSON;
  const context = handedOver ? parseJson("CDKTF_CONTEXT_JSON", handedOver) : parseJson("cdktf.json", readProjectFile()).context;
  const misspelt = Object.keys(context ?? {}).find((key) => key !== CONTEXT_KEY && key.toLowerCase().startsWith("brokerpool"));
  if (misspelt) throw new SettingsError([`${misspelt} in cdktf.json's context is not read; write ${CONTEXT_KEY}`]);
  return context ?? {};
}

function readProjectFile(): string {
  try {
    return readFileSync("cdktf.json", "utf8");
  } catch (error) {
    throw new SettingsError([
      `cdktf.json cannot be read: ${error instanceof Error ? error.message : error}; run this in the project's folder`,
    ]);
  }
}

// biome-ignore lint/suspicious/noExplicitAny: JSON from outside, of which the settings are checked by their schema.
function parseJson(source: string, text: string): any {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SettingsError([`${source} is not JSON: ${error instanceof Error ? error.message : error}; mend it`]);
  }
}

try {
  main();
} catch (error) {
  // What the user can mend is said without a stack trace; everything else is a fault of ours and keeps it.
  const mendable = [SettingsError, BundleError, InvalidPropsError, InvalidSysctlError, TuningError].some((kind) => error instanceof kind);
  console.error(mendable ? `\n${(error as Error).message}\n` : error);
  if (error instanceof TuningError && /\b(advising|without|withOpenFiles)\(/.test(error.message)) {
    console.error(
      `In the settings: advising() is ${CONTEXT_KEY}.advised, without() is ${CONTEXT_KEY}.without, withOpenFiles() is ${CONTEXT_KEY}.openFiles.\n`,
    );
  }
  process.exitCode = 1;
}
