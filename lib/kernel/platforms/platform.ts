import type { SysctlName } from "../sysctls";
import type { Version } from "../version";

/** Operating systems whose nodes a plan can be made for. */
export type PlatformId = "eks-al2023" | "eks-bottlerocket" | "eks-al2" | "aks-ubuntu" | "aks-azurelinux" | "gke-cos" | "generic";

/** Values of one key that a cloud's API accepts; inclusive. */
export interface AcceptedRange {
  readonly min: number;
  readonly max: number;
}

/** Keys by range, or by one range for each place of a tuple; `any` where the API takes what the kernel takes. */
export type AcceptedKeys = Readonly<Partial<Record<SysctlName, AcceptedRange | readonly AcceptedRange[] | "any">>>;

/** How a platform gets values onto the node before it joins. */
export type NodeSetting =
  /** A script of ours: every key, only raised where more is enough, and a guard that keeps an untuned node out. */
  | { readonly by: "script" }
  /** Settings of the operating system: every key, assigned as it stands, failures only logged. */
  | { readonly by: "settings" }
  /** Fields of the cloud's API: a closed list with ranges. */
  | { readonly by: "api"; readonly accepts: AcceptedKeys }
  /** Nothing of ours: the nodes stay as they are found, and nothing can be required of them. */
  | { readonly by: "nobody" };

/** How much a container may open, and who decides. */
export type OpenFilesSetting =
  /** We set it: through the container runtime's base specification or service unit. */
  | { readonly by: "pool"; readonly where: string }
  /** The image decides; nothing in the provider reaches it. */
  | { readonly by: "image"; readonly limit: number; readonly source: string };

/** What one kind of node accepts, gives and does by itself. Facts only: decisions are in `tuning-plan.ts`. */
export interface Platform {
  readonly id: PlatformId;
  readonly title: string;
  /** The oldest kernel that images for this Kubernetes version run. */
  readonly kernel: (kubernetes: Version) => Version;
  /** The last Kubernetes version with images, where there is one. */
  readonly lastKubernetes?: { readonly version: Version; readonly remedy: string };
  readonly node: NodeSetting;
  readonly openFiles: OpenFilesSetting;
  /** Who says what the kubelet allows: the plan, which the pool carries out, or the caller, who knows the cluster. @default "planned" */
  readonly allowList?: "planned" | "stated";
  /** The kubelet compares kernel defaults and refuses to start when they differ. */
  readonly protectsKernelDefaults: boolean;
  /** The cloud applies node values to the pods as well. */
  readonly nodeValuesReachPods?: string;
  /** What the image has already, where it is documented and matters: assigning less would lower it. */
  readonly imageDefaults: Readonly<Partial<Record<SysctlName, { readonly value: string; readonly source: string }>>>;
  /** Keys whose node value something changes after the node has joined, and what is done about it. */
  readonly overwritten: Readonly<Partial<Record<SysctlName, Overwritten>>>;
  /** Keys that the provider sends with any other, asked or not. */
  readonly alwaysSent?: Readonly<Partial<Record<SysctlName, { readonly value: string; readonly reason: string }>>>;
}

/** A key that does not stay as it was set. */
export interface Overwritten {
  readonly by: string;
  /** Whether the node's own script sets it again. */
  readonly restored: boolean;
}

/** systemd raises `fs.file-max` to the largest `long` at boot (bump_file_max_and_nr_open in src/core/main.c). */
export const SYSTEMD_FILE_MAX = { value: "9223372036854775807", source: "systemd raises it to 2^63-1 at boot" } as const;

/** NR_OPEN_DEFAULT of the kernel (include/linux/fs.h); systemd only ever raises it. */
export const KERNEL_NR_OPEN = { value: "1048576", source: "the kernel's default" } as const;
