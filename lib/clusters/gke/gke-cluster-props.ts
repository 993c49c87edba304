import type { SystemPoolOptions } from "../system-pool";
import type { GkeNetworkOptions, IGkeNetwork } from "./gke-network";

/** When Google may replace nodes and upgrade: at least 48 hours in 32 days, in pieces of four hours or more. */
export interface GkeMaintenanceWindow {
  /** Beginning of the first window, for example "2025-01-04T00:00:00Z". */
  readonly startTime: string;
  /** End of the first window. */
  readonly endTime: string;
  /** Rule of RFC 5545, for example "FREQ=WEEKLY;BYDAY=SA,SU". */
  readonly recurrence: string;
}

/** `nodeCidr`, `podCidr` and `serviceCidr` describe the network made for the cluster when `network` is left out. */
export interface GkeClusterProps extends GkeNetworkOptions {
  /** Lower-case letters, digits and -, at most 40, beginning with a letter. */
  readonly name: string;

  /** Region, for example "europe-west1". The control plane runs in three of its zones. */
  readonly region: string;

  /**
   * `major.minor`, for example "1.34", known at synth. The control plane starts at the newest patch of it. Release channels move on to later
   * minor versions by themselves; then raise this too, so that the plan knows what the newer version allows.
   */
  readonly kubernetesVersion: string;

  /**
   * Project that owns everything.
   *
   * @default - the provider's
   */
  readonly project?: string;

  /**
   * Zones of the region for nodes.
   *
   * @default - three that Google chooses
   */
  readonly zones?: readonly string[];

  /**
   * Network that exists: a `GkeNetwork`, or names.
   *
   * @default - a new `GkeNetwork`
   */
  readonly network?: IGkeNetwork;

  /**
   * Addresses of the control plane's interface in the network: a /28 apart from everything else. Cannot be changed later.
   *
   * @default "172.16.0.0/28"
   */
  readonly controlPlaneCidr?: string;

  /**
   * Networks that reach the API server from outside; every call still needs credentials. An empty list closes the public
   * endpoint. Nodes have no public addresses in any case.
   *
   * @default - all
   */
  readonly publicAccessCidrs?: readonly string[];

  /**
   * How fast Google brings new versions. All channels upgrade nodes by themselves, within `maintenanceWindow`; "EXTENDED" keeps a
   * minor version longest, up to 24 months.
   *
   * @default "REGULAR"
   */
  readonly releaseChannel?: "RAPID" | "REGULAR" | "STABLE" | "EXTENDED";

  /**
   * When those upgrades may happen; each node replaced costs its clients one reconnect.
   *
   * @default - Saturday and Sunday, 00:00 to 08:00 UTC
   */
  readonly maintenanceWindow?: GkeMaintenanceWindow;

  /**
   * What forwards packets to Services. "LEGACY_DATAPATH" is kube-proxy, whose connections the kernel tracks: `nf_conntrack_max`, which broker
   * pools raise, is the limit. "ADVANCED_DATAPATH" (Dataplane V2) tracks them in eBPF maps of its own size, which that
   * setting does not govern. Cannot be changed later.
   *
   * @default "LEGACY_DATAPATH"
   */
  readonly datapathProvider?: "LEGACY_DATAPATH" | "ADVANCED_DATAPATH";

  /**
   * Email of a service account for nodes that exists, with the role roles/container.defaultNodeServiceAccount.
   *
   * @default - a new account with that role, named after the cluster's first 24 characters
   */
  readonly nodeServiceAccount?: string;

  /**
   * Terraform refuses to delete the cluster until this is false.
   *
   * @default true
   */
  readonly deletionProtection?: boolean;

  /**
   * Nodes for the pods that GKE manages.
   *
   * @default - three to six e2-standard-2, 50 GiB each
   */
  readonly systemPool?: SystemPoolOptions;

  /**
   * Resource labels on the cluster and its machines: lower-case letters, digits, - and _, at most 63. Google's networks and accounts take none.
   *
   * @default - none
   */
  readonly tags?: Readonly<Record<string, string>>;
}
