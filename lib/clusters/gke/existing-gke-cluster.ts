import { DataGoogleContainerCluster } from "@cdktf/provider-google/lib/data-google-container-cluster";
import type { Construct } from "constructs";
import { parseKubernetesVersion } from "../../kernel/kubernetes-version";
import { checkVersion } from "../check-version";
import type { IGkeCluster } from "./i-gke-cluster";

/** How to find a GKE cluster. */
export interface GkeClusterLookup {
  readonly name: string;

  /** Region or zone of the cluster. */
  readonly location: string;

  /**
   * Project that owns it.
   *
   * @default - the provider's
   */
  readonly project?: string;

  /** `major.minor` that the cluster runs. Stated, not read: the tuning plan is made at synth, before Google is asked. */
  readonly kubernetesVersion: string;

  /**
   * The cluster is an Autopilot cluster, which has no node pools: pools refuse it.
   *
   * @default false
   */
  readonly autopilot?: boolean;

  /**
   * Email of the service account for nodes.
   *
   * @default - the project's default account
   */
  readonly nodeServiceAccount?: string;
}

/** @throws TuningError when `kubernetesVersion` is none */
export function existingGkeCluster(attributes: IGkeCluster): IGkeCluster {
  return { ...attributes, kubernetesVersion: parseKubernetesVersion(attributes.kubernetesVersion) };
}

/** @throws InvalidPropsError */
export function lookUpGkeCluster(scope: Construct, id: string, props: GkeClusterLookup): IGkeCluster {
  const { name, location, project, autopilot = false, nodeServiceAccount } = props;
  const kubernetesVersion = checkVersion(scope, props.kubernetesVersion);

  const cluster = new DataGoogleContainerCluster(scope, id, { name, location, project });
  return {
    clusterName: cluster.name,
    location,
    project,
    kubernetesVersion,
    autopilot,
    nodeServiceAccount,
    endpoint: `https://${cluster.endpoint}`,
    certificateAuthority: cluster.masterAuth.get(0).clusterCaCertificate,
  };
}
