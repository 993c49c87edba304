import type { SystemPoolOptions } from "../system-pool";
import type { AksNetworkOptions } from "./aks-network";

/** When Azure may replace nodes: once a week. */
export interface AksMaintenanceWindow {
  readonly dayOfWeek: "Monday" | "Tuesday" | "Wednesday" | "Thursday" | "Friday" | "Saturday" | "Sunday";
  /** Hours and minutes in UTC, for example "02:00". */
  readonly startTime: string;
  /** Length in hours, 4 to 24. */
  readonly hours: number;
}

/** `cidr` describes the network made for the cluster when `subnetId` is left out. */
export interface AksClusterProps extends AksNetworkOptions {
  /** Letters, digits, - and _, at most 63, beginning and ending with a letter or digit. */
  readonly name: string;

  /** Azure region, for example "westeurope". One with three availability zones, unless `zones` says otherwise. */
  readonly location: string;

  /** `major.minor`, for example "1.34", known at synth. AKS picks the patch. */
  readonly kubernetesVersion: string;

  /**
   * Resource id of a subnet that exists, for nodes. Needs `resourceGroupName`.
   *
   * @default - the subnet of a new `AksNetwork`
   */
  readonly subnetId?: string;

  /**
   * Zones of the system pool, out of "1", "2" and "3".
   *
   * @default ["1", "2", "3"]
   */
  readonly zones?: readonly string[];

  /**
   * Beginning of the API server's DNS name: letters, digits and -, at most 54.
   *
   * @default - `name`, with - for _
   */
  readonly dnsPrefix?: string;

  /**
   * Addresses of pods in the overlay: each node takes a /24 of it, so /16 serves 256 nodes. Apart from the network's and `serviceCidr`.
   *
   * @default "10.244.0.0/16"
   */
  readonly podCidr?: string;

  /**
   * Addresses of Services, prefix /12 to /28. Apart from the network's and `podCidr`.
   *
   * @default "172.20.0.0/16"
   */
  readonly serviceCidr?: string;

  /**
   * What forwards packets to Services. "azure" is kube-proxy, whose connections the kernel tracks: `nf_conntrack_max`, which broker pools
   * raise, is the limit. "cilium" tracks them in eBPF maps of its own size, which that setting does not govern. Once cilium,
   * going back replaces the cluster.
   *
   * @default "azure"
   */
  readonly networkDataPlane?: "azure" | "cilium";

  /**
   * Networks that reach the API server; every call still needs credentials. An empty list makes the cluster private, which cannot be
   * changed later.
   *
   * @default - all
   */
  readonly publicAccessCidrs?: readonly string[];

  /**
   * Object ids of Microsoft Entra groups whose members administer the cluster. Turns on Entra and Azure RBAC and turns off
   * local accounts, so that a Helm provider then signs in with kubelogin.
   *
   * @default - local accounts, no Entra
   */
  readonly adminGroupObjectIds?: readonly string[];

  /**
   * Makes whoever applies the stack an administrator by an Azure role, with the consequences of `adminGroupObjectIds`: Entra, Azure RBAC, no
   * local accounts. For Helm releases applied by the same identity, which may have to wait minutes for a new role.
   *
   * @default false
   */
  readonly deployerIsAdmin?: boolean;

  /**
   * Azure's promise for the API server. "Standard" costs about 0.10 USD an hour, is guaranteed and grows with the cluster; "Free" is meant for trials.
   *
   * @default "Standard"
   */
  readonly skuTier?: "Free" | "Standard" | "Premium";

  /**
   * Upgrades that Azure makes by itself, on every pool and within `maintenanceWindow`: each node replaced costs its clients one reconnect.
   * "patch" keeps the minor version, hence the tuning plan, and brings fixes; "stable" and "rapid" change the minor
   * version under `kubernetesVersion`, so they are not offered.
   *
   * @default "patch"
   */
  readonly automaticUpgradeChannel?: "patch" | "none";

  /**
   * How nodes get fixes of the operating system: "NodeImage" replaces nodes by newer images, "SecurityPatch" patches and replaces less
   * often, "None" leaves it to you. Within `maintenanceWindow`.
   *
   * @default "NodeImage"
   */
  readonly nodeOsUpgradeChannel?: "NodeImage" | "SecurityPatch" | "None";

  /**
   * When those upgrades may happen.
   *
   * @default - Sunday, 02:00 UTC, 4 hours
   */
  readonly maintenanceWindow?: AksMaintenanceWindow;

  /**
   * Nodes for CoreDNS, metrics and other add-ons, scaled by the cluster's autoscaler. The service wants 2 vCPU and 4 GiB at least.
   *
   * @default - three to five Standard_D2s_v5, 50 GiB each
   */
  readonly systemPool?: SystemPoolOptions;

  /**
   * Tags on everything that is created.
   *
   * @default - none
   */
  readonly tags?: Readonly<Record<string, string>>;
}
