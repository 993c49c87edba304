import { GoogleProvider } from "@cdktf/provider-google/lib/provider";
import { TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { GkeCluster, GkeNodePool, gkeAccess, type IBrokerNodePool, type IGkeCluster, type KubernetesAccess } from "../lib";
import { generatorOptions } from "./load-test";
import type { CheckedSettings } from "./settings";
import { useStateBackend } from "./state-backend";

/** Broker nodes on GKE, in a cluster of their own or in one that exists. */
export class GkeStack extends TerraformStack {
  readonly pool: IBrokerNodePool;
  readonly generators?: IBrokerNodePool;
  readonly access: KubernetesAccess;

  constructor(scope: Construct, id: string, settings: CheckedSettings) {
    super(scope, id);
    useStateBackend(this, settings.backend);
    const { kubernetesVersion, profile, minNodes, maxNodes, desiredNodes, surge, hostNetwork, tags, gke } = settings;
    const { machineType, diskGiB, spot, zones, location, project, workloadIdentity } = gke;
    new GoogleProvider(this, "google", { project, region: location });

    // #region gke
    const cluster: IGkeCluster = gke.existingCluster
      ? GkeCluster.fromName(this, "Cluster", { name: gke.clusterName, location, project, kubernetesVersion })
      : new GkeCluster(this, "Cluster", { name: gke.clusterName, region: location, project, zones, kubernetesVersion, tags });

    this.pool = new GkeNodePool(this, "Brokers", {
      cluster,
      profile, // SysctlProfile.MILLION unless the settings say otherwise
      machineType,
      zones,
      workloadIdentity,
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
      this.generators = new GkeNodePool(this, "Generators", {
        cluster,
        zones,
        workloadIdentity,
        diskGiB,
        spot,
        ...generatorOptions(settings, machineType),
      });
    }
    this.access = gkeAccess(cluster);
    new TerraformOutput(this, "cluster_name", { value: cluster.clusterName });
    new TerraformOutput(this, "kubeconfig_command", {
      value: `gcloud container clusters get-credentials ${gke.clusterName} --location ${location}${project ? ` --project ${project}` : ""}`,
    });
  }
}
