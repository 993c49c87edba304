import { ContainerCluster } from "@cdktf/provider-google/lib/container-cluster";
import { DataGoogleClientConfig } from "@cdktf/provider-google/lib/data-google-client-config";
import { Construct } from "constructs";
import { checkVersion } from "../check-version";
import { resolveSystemPool } from "../system-pool";
import { checkGkeCluster } from "./check-gke-cluster";
import { existingGkeCluster, type GkeClusterLookup, lookUpGkeCluster } from "./existing-gke-cluster";
import type { GkeClusterProps, GkeMaintenanceWindow } from "./gke-cluster-props";
import { GkeNetwork, type IGkeNetwork } from "./gke-network";
import { GkeNodeIdentity } from "./gke-node-identity";
import { GkeSystemPool } from "./gke-system-pool";
import type { IGkeCluster } from "./i-gke-cluster";

const WEEKEND_MORNINGS: GkeMaintenanceWindow = {
  startTime: "2025-01-04T00:00:00Z",
  endTime: "2025-01-04T08:00:00Z",
  recurrence: "FREQ=WEEKLY;BYDAY=SA,SU",
};

/**
 * A GKE cluster worth attaching broker pools to: its network unless given one, a regional control plane, private nodes in three zones with a
 * service account of their own, and a small tainted system pool. A Standard cluster: Autopilot has no node pools.
 */
export class GkeCluster extends Construct implements IGkeCluster {
  readonly clusterName: string;
  readonly location: string;
  readonly project: string;
  readonly kubernetesVersion: string;
  readonly autopilot = false;
  readonly nodeServiceAccount: string;
  readonly endpoint: string;
  readonly certificateAuthority: string;
  readonly network: IGkeNetwork;
  /** Holds the identities of Kubernetes service accounts, for Workload Identity. */
  readonly workloadPool: string;

  /** A cluster that exists, told in full. Makes nothing and asks Google nothing. */
  static fromAttributes(attributes: IGkeCluster): IGkeCluster {
    return existingGkeCluster(attributes);
  }

  /** A cluster that exists, found by its name: one data source, and nothing made. */
  static fromName(scope: Construct, id: string, props: GkeClusterLookup): IGkeCluster {
    return lookUpGkeCluster(scope, id, props);
  }

  constructor(scope: Construct, id: string, props: GkeClusterProps) {
    super(scope, id);
    const { name, region, zones, publicAccessCidrs, controlPlaneCidr = "172.16.0.0/28", tags = {} } = props;
    const { nodeCidr, podCidr, serviceCidr, maintenanceWindow = WEEKEND_MORNINGS } = props;
    const kubernetesVersion = checkVersion(this, props.kubernetesVersion);
    checkGkeCluster(this, { ...props, controlPlaneCidr, tags });
    const systemPool = resolveSystemPool(this, { machineType: "e2-standard-2", minNodes: 3, maxNodes: 6 }, props.systemPool);

    // Workload Identity and role bindings want the project by name, also where everything else takes the provider's.
    const project = props.project ?? new DataGoogleClientConfig(this, "Provider").project;
    this.network = props.network ?? new GkeNetwork(this, "Network", { name, region, project, nodeCidr, podCidr, serviceCidr });
    const nodes = props.nodeServiceAccount
      ? { email: props.nodeServiceAccount, membership: undefined }
      : new GkeNodeIdentity(this, "NodeIdentity", { clusterName: name, project });
    this.nodeServiceAccount = nodes.email;
    this.workloadPool = `${project}.svc.id.goog`;

    const cluster = new ContainerCluster(this, "Resource", {
      name,
      location: region,
      nodeLocations: zones && [...zones],
      project,
      minMasterVersion: kubernetesVersion,
      releaseChannel: { channel: props.releaseChannel ?? "REGULAR" },
      maintenancePolicy: { recurringWindow: { ...maintenanceWindow } },
      network: this.network.networkId,
      subnetwork: this.network.subnetworkId,
      networkingMode: "VPC_NATIVE",
      ipAllocationPolicy: {
        clusterSecondaryRangeName: this.network.podRangeName,
        servicesSecondaryRangeName: this.network.serviceRangeName,
      },
      datapathProvider: props.datapathProvider ?? "LEGACY_DATAPATH",
      ...access(controlPlaneCidr, publicAccessCidrs),
      workloadIdentityConfig: { workloadPool: this.workloadPool },
      enableShieldedNodes: true,
      deletionProtection: props.deletionProtection ?? true,
      resourceLabels: { ...tags },
      // GKE makes no cluster without a pool. This one lives for minutes, with our account: organisations tend to disable the default one.
      removeDefaultNodePool: true,
      initialNodeCount: 1,
      nodeConfig: { serviceAccount: nodes.email },
      // Read back, it shows some other pool's nodes, and a difference would replace the cluster (hashicorp/terraform-provider-google#12070).
      lifecycle: { ignoreChanges: ["node_config"] },
      dependsOn: nodes.membership && [nodes.membership],
    });
    new GkeSystemPool(this, "SystemPool", {
      ...systemPool,
      clusterName: cluster.name,
      location: region,
      project,
      nodeServiceAccount: nodes.email,
      tags,
    });

    this.clusterName = cluster.name;
    this.location = region;
    this.project = project;
    this.kubernetesVersion = kubernetesVersion;
    this.endpoint = `https://${cluster.endpoint}`;
    this.certificateAuthority = cluster.masterAuth.clusterCaCertificate;
  }
}

/** Private nodes, and the API server for everyone, the stated networks, or the network alone when none is stated. */
function access(controlPlaneCidr: string, publicAccessCidrs?: readonly string[]) {
  return {
    privateClusterConfig: {
      enablePrivateNodes: true,
      enablePrivateEndpoint: publicAccessCidrs?.length === 0,
      masterIpv4CidrBlock: controlPlaneCidr,
    },
    masterAuthorizedNetworksConfig: publicAccessCidrs && {
      gcpPublicCidrsAccessEnabled: false,
      cidrBlocks: publicAccessCidrs.map((cidrBlock) => ({ cidrBlock })),
    },
  };
}
