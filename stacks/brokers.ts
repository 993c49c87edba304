import { HelmProvider } from "@cdktf/provider-helm/lib/provider";
import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import type { IBrokerNodePool, IBrokerRelease, KubernetesAccess } from "../lib";
import { deployBrokers } from "./deploy-brokers";
import type { CheckedSettings } from "./settings";
import { useStateBackend } from "./state-backend";

/** A stack that has a cluster and a pool in it. */
export interface ClusterStack extends TerraformStack {
  readonly pool: IBrokerNodePool;
  /** Nodes for load generators, where the settings have a load test. */
  readonly generators?: IBrokerNodePool;
  readonly access: KubernetesAccess;
}

/**
 * Brokers on another stack's pool. A stack of its own, since a Helm provider can only sign in to a cluster that is there: cdktf applies the cluster's stack first,
 * and this one reads its endpoint from that one's state.
 */
export class BrokersStack extends TerraformStack {
  readonly broker: IBrokerRelease;

  constructor(scope: Construct, id: string, settings: CheckedSettings, cluster: ClusterStack) {
    super(scope, id);
    useStateBackend(this, settings.backend);
    this.addDependency(cluster);
    new HelmProvider(this, "helm", { kubernetes: cluster.access });
    this.broker = deployBrokers(this, cluster.pool, settings.release);
  }
}
