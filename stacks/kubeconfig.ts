import { HelmProvider, type HelmProviderKubernetes } from "@cdktf/provider-helm/lib/provider";
import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { ExistingNodePool, type IBrokerNodePool, type IBrokerRelease, SysctlProfile, type Taint } from "../lib";
import { deployBrokers } from "./deploy-brokers";
import type { CheckedSettings } from "./settings";
import { useStateBackend } from "./state-backend";

/** Brokers in any cluster that a kubeconfig file reaches: kind, k3s, on-premises. Its nodes stay as they are. */
export class KubeconfigStack extends TerraformStack {
  readonly pool: IBrokerNodePool;
  readonly access: HelmProviderKubernetes;
  readonly generators?: IBrokerNodePool;
  readonly broker?: IBrokerRelease;

  constructor(scope: Construct, id: string, settings: CheckedSettings) {
    super(scope, id);
    useStateBackend(this, settings.backend);
    const { kubernetesVersion, profile, hostNetwork, kubeconfig } = settings;
    const { path, context, labels, architecture, allowedUnsafeSysctls, openFiles } = kubeconfig;
    const taints = kubeconfig.taints.map(taintOf);

    // #region kubeconfig
    new HelmProvider(this, "helm", { kubernetes: { configPath: path, configContext: context } });

    this.pool = new ExistingNodePool(this, "Nodes", {
      kubernetesVersion,
      profile, // of it, what a pod may set; the rest is a warning
      labels,
      taints,
      architecture,
      allowedUnsafeSysctls, // what the kubelets there are known to allow
      openFiles,
      hostNetwork,
    });
    // #endregion

    this.access = { configPath: path, configContext: context };
    if (settings.loadTest.scenarios.length > 0) {
      // There are no other nodes here: the brokers' own, until somebody labels some.
      const { LOAD_GENERATOR: generator } = SysctlProfile;
      const nodes = { kubernetesVersion, labels, taints, architecture, allowedUnsafeSysctls, openFiles };
      this.generators = new ExistingNodePool(this, "Generators", { ...nodes, profile: generator });
    }
    if (settings.release.broker !== "none") this.broker = deployBrokers(this, this.pool, settings.release);
  }
}

/** `key=value:effect`, as kubectl prints it. */
function taintOf(text: string): Taint {
  const [, key = "", value = "", effect = ""] = /^([^=:]+)(?:=([^:]*))?:(.*)$/.exec(text) ?? [];
  return { key, value, effect: effect as Taint["effect"] };
}
