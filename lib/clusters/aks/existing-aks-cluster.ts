import { DataAzurermKubernetesCluster } from "@cdktf/provider-azurerm/lib/data-azurerm-kubernetes-cluster";
import type { Construct } from "constructs";
import { parseKubernetesVersion } from "../../kernel/kubernetes-version";
import { checkVersion } from "../check-version";
import type { IAksCluster } from "./i-aks-cluster";

/** How to find an AKS cluster. */
export interface AksClusterLookup {
  readonly name: string;
  readonly resourceGroupName: string;

  /** `major.minor` that the cluster runs. Stated, not read: the tuning plan is made at synth, before Azure is asked. */
  readonly kubernetesVersion: string;

  /**
   * Resource id of the subnet for nodes.
   *
   * @default - none: right for a cluster whose network AKS made
   */
  readonly subnetId?: string;
}

/** @throws TuningError when `kubernetesVersion` is none */
export function existingAksCluster(attributes: IAksCluster): IAksCluster {
  return { ...attributes, kubernetesVersion: parseKubernetesVersion(attributes.kubernetesVersion) };
}

/** @throws InvalidPropsError */
export function lookUpAksCluster(scope: Construct, id: string, props: AksClusterLookup): IAksCluster {
  const { name, resourceGroupName, subnetId } = props;
  const kubernetesVersion = checkVersion(scope, props.kubernetesVersion);

  const cluster = new DataAzurermKubernetesCluster(scope, id, { name, resourceGroupName });
  const access = cluster.kubeConfig.get(0);
  return {
    clusterId: cluster.id,
    kubernetesVersion,
    subnetId,
    endpoint: access.host,
    certificateAuthority: access.clusterCaCertificate,
    clientCertificate: access.clientCertificate,
    clientKey: access.clientKey,
  };
}
