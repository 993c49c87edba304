import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import {
  EksCluster,
  EksManagedNodePool,
  EksSelfManagedNodePool,
  eksAccess,
  type IBrokerNodePool,
  type IEksCluster,
  type KubernetesAccess,
} from "../lib";
import { generatorOptions } from "./load-test";
import type { CheckedSettings } from "./settings";
import { useStateBackend } from "./state-backend";

/** Broker nodes on EKS, in a cluster of their own or in one that exists. */
export class EksStack extends TerraformStack {
  readonly pool: IBrokerNodePool;
  readonly generators?: IBrokerNodePool;
  readonly access: KubernetesAccess;

  constructor(scope: Construct, id: string, settings: CheckedSettings) {
    super(scope, id);
    useStateBackend(this, settings.backend);
    const { kubernetesVersion, profile, minNodes, maxNodes, desiredNodes, surge, hostNetwork, tags, eks } = settings;
    const { machineType, operatingSystem, diskGiB, spot } = eks;
    new AwsProvider(this, "aws", { region: eks.region });

    // #region eks
    const cluster: IEksCluster = eks.existingCluster
      ? EksCluster.fromName(this, "Cluster", { name: eks.clusterName, kubernetesVersion, subnetIds: eks.subnetIds })
      : new EksCluster(this, "Cluster", {
          name: eks.clusterName,
          kubernetesVersion,
          publicAccessCidrs: eks.publicAccessCidrs,
          systemPool: { minNodes: 3 }, // one for each NATS server
          tags,
        });

    const options = {
      cluster,
      profile, // SysctlProfile.MILLION unless the settings say otherwise
      machineType,
      operatingSystem,
      minNodes,
      maxNodes,
      desiredNodes,
      surge,
      diskGiB,
      spot,
      hostNetwork,
      tags,
    };
    this.pool =
      eks.nodePool === "managed"
        ? new EksManagedNodePool(this, "Brokers", options)
        : new EksSelfManagedNodePool(this, "Brokers", { ...options, accessEntry: eks.accessEntry });
    // #endregion

    if (settings.loadTest.scenarios.length > 0) {
      const { accessEntry } = eks;
      this.generators = new EksSelfManagedNodePool(this, "Generators", {
        ...{ cluster, operatingSystem, diskGiB, spot, accessEntry },
        ...generatorOptions(settings, machineType),
      });
    }
    this.access = eksAccess(cluster, { region: eks.region });
    new TerraformOutput(this, "cluster_name", { value: cluster.clusterName });
    new TerraformOutput(this, "kubeconfig_command", {
      value: `aws eks update-kubeconfig --region ${eks.region} --name ${cluster.clusterName}`,
    });
  }
}
