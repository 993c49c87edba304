import { AzurermProvider } from "@cdktf/provider-azurerm/lib/provider";
import { TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { AksCluster, AksNodePool, aksAccess, type IAksCluster, type IBrokerNodePool, type KubernetesAccess } from "../lib";
import { generatorOptions } from "./load-test";
import type { CheckedSettings } from "./settings";
import { useStateBackend } from "./state-backend";

/** Broker nodes on AKS, in a cluster of their own or in one that exists. */
export class AksStack extends TerraformStack {
  readonly pool: IBrokerNodePool;
  readonly generators?: IBrokerNodePool;
  readonly access: KubernetesAccess;

  constructor(scope: Construct, id: string, settings: CheckedSettings) {
    super(scope, id);
    useStateBackend(this, settings.backend);
    const { kubernetesVersion, profile, minNodes, maxNodes, desiredNodes, surge, hostNetwork, tags, aks } = settings;
    const { machineType, operatingSystem, diskGiB, spot, zones } = aks;
    const resourceGroup = aks.resourceGroup ?? aks.clusterName;
    new AzurermProvider(this, "azurerm", { features: [{}], subscriptionId: aks.subscriptionId });

    // #region aks
    const cluster: IAksCluster = aks.existingCluster
      ? AksCluster.fromName(this, "Cluster", {
          name: aks.clusterName,
          resourceGroupName: resourceGroup,
          kubernetesVersion,
          subnetId: aks.subnetId,
        })
      : new AksCluster(this, "Cluster", {
          name: aks.clusterName,
          location: aks.location,
          resourceGroupName: aks.resourceGroup,
          zones,
          kubernetesVersion,
          deployerIsAdmin: true, // so that Helm may sign in without a secret
          tags,
        });

    this.pool = new AksNodePool(this, "Brokers", {
      cluster,
      profile, // SysctlProfile.MILLION unless the settings say otherwise
      machineType,
      operatingSystem,
      zones,
      minNodes,
      maxNodes,
      desiredNodes,
      surge,
      diskGiB,
      spot,
      hostNetwork,
      tags,
    });
    // #endregion

    if (settings.loadTest.scenarios.length > 0) {
      this.generators = new AksNodePool(this, "Generators", {
        cluster,
        operatingSystem,
        zones,
        diskGiB,
        spot,
        ...generatorOptions(settings, machineType),
      });
    }
    this.access = aksAccess(cluster);
    new TerraformOutput(this, "cluster_id", { value: cluster.clusterId });
    new TerraformOutput(this, "kubeconfig_command", {
      // A cluster of our own signs in by Entra alone.
      value: `az aks get-credentials --resource-group ${resourceGroup} --name ${aks.clusterName}${aks.existingCluster ? "" : " && kubelogin convert-kubeconfig --login azurecli"}`,
    });
  }
}
