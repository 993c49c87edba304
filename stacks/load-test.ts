import { HelmProvider, type HelmProviderKubernetes } from "@cdktf/provider-helm/lib/provider";
import { TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { BrokerNamespace, checkScenario, type IBrokerNodePool, type IBrokerRelease, LoadTestFleet, podsOf, SysctlProfile } from "../lib";
import type { CheckedSettings } from "./settings";
import { useStateBackend } from "./state-backend";

/** Pods of load generators that a node takes, each with a core of its own: what an 8-core machine leaves. */
const PODS_PER_NODE = 6;

/** Where a load test runs, and what it is aimed at. */
export interface LoadTestPlace {
  /** The cluster's stack, which comes first. */
  readonly cluster: TerraformStack & { readonly access: HelmProviderKubernetes };
  /** Nodes of generators. */
  readonly pool: IBrokerNodePool;
  /** The brokers there, unless the settings name another target. */
  readonly broker: IBrokerRelease | undefined;
}

/** Load generators beside the brokers, on nodes of their own. */
export class LoadTestStack extends TerraformStack {
  constructor(scope: Construct, id: string, settings: CheckedSettings, { cluster, pool, broker }: LoadTestPlace) {
    super(scope, id);
    useStateBackend(this, settings.backend);
    this.addDependency(cluster);
    if (broker !== undefined) this.addDependency(TerraformStack.of(broker));
    new HelmProvider(this, "helm", { kubernetes: cluster.access });
    const { scenarios, credentialsSecret, pushgateway, target } = settings.loadTest;

    // #region load-test
    const namespace = new BrokerNamespace(this, "Namespace", { name: "mqtt-load", pools: [pool] });
    const fleet = new LoadTestFleet(this, "Load", {
      namespace,
      pool, // of SysctlProfile.LOAD_GENERATOR, dedicatedTo "mqtt-load"
      target: target === undefined ? broker! : addressOf(target), // any release, or an address
      scenarios: scenarios.map(checkScenario),
      credentialsSecret,
      pushgateway,
    });
    // #endregion

    new TerraformOutput(this, "results_command", { value: fleet.resultsCommand });
  }
}

/** What a pool of generators has on every cloud. */
export function generatorOptions({ loadTest, tags }: CheckedSettings, machineType: string) {
  const pods = loadTest.scenarios.map(checkScenario).reduce((sum, scenario) => sum + podsOf(scenario), 0);
  const nodes = loadTest.nodes ?? Math.max(1, Math.ceil(pods / PODS_PER_NODE));
  return {
    profile: SysctlProfile.LOAD_GENERATOR,
    dedicatedTo: "mqtt-load",
    machineType: loadTest.machineType ?? machineType,
    minNodes: nodes,
    maxNodes: nodes,
    tags,
  };
}

function addressOf(target: string) {
  const at = target.lastIndexOf(":");
  return { host: target.slice(0, at), port: Number(target.slice(at + 1)) };
}
