import { atLeast } from "../version";
import { KERNEL_NR_OPEN, type Overwritten, type Platform, SYSTEMD_FILE_MAX } from "./platform";

/** kube-proxy's configuration reference: conntrack.maxPerCore 32768, min 131072; the EKS add-on's schema has no field for it (aws/containers-roadmap#2318). */
const KUBE_PROXY = "kube-proxy sets max(131072, 32768 × cores) when it starts, unless its conntrack.maxPerCore and conntrack.min are 0";

const RESTORED: Overwritten = { by: KUBE_PROXY, restored: true };

/** Amazon Linux 2023 with nodeadm. */
export const EKS_AL2023: Platform = {
  id: "eks-al2023",
  title: "EKS on Amazon Linux 2023",
  // awslabs/amazon-eks-ami CHANGELOG.md v20260714: 6.18 from 1.36, 6.12 from 1.33, before that 6.1 or 6.12 by variant.
  kernel: (kubernetes) => (atLeast(kubernetes, "1.36") ? "6.18" : atLeast(kubernetes, "1.33") ? "6.12" : "6.1"),
  node: { by: "script" },
  openFiles: { by: "pool", where: "containerd.baseRuntimeSpec of the NodeConfig" },
  protectsKernelDefaults: true,
  imageDefaults: {},
  overwritten: { "net.netfilter.nf_conntrack_max": RESTORED },
};

/** Bottlerocket: settings instead of scripts. */
export const EKS_BOTTLEROCKET: Platform = {
  id: "eks-bottlerocket",
  title: "EKS on Bottlerocket",
  // Variants aws-k8s-1.28 to 1.32 run 6.1, from 1.33 on 6.12 (bottlerocket-os/bottlerocket variants).
  kernel: (kubernetes) => (atLeast(kubernetes, "1.33") ? "6.12" : atLeast(kubernetes, "1.28") ? "6.1" : "5.15"),
  node: { by: "settings" },
  openFiles: { by: "pool", where: "settings.oci-defaults.resource-limits.max-open-files" },
  // Not documented; assumed, since the keys concerned are of no use to a broker.
  protectsKernelDefaults: true,
  // bottlerocket-os/bottlerocket-core-kit packages/release/release-sysctl.conf
  imageDefaults: {
    "fs.file-max": SYSTEMD_FILE_MAX,
    "fs.nr_open": KERNEL_NR_OPEN,
    "net.netfilter.nf_conntrack_max": { value: "1048576", source: "release-sysctl.conf of the image" },
  },
  overwritten: { "net.netfilter.nf_conntrack_max": { by: KUBE_PROXY, restored: false } },
};

/** Amazon Linux 2 with bootstrap.sh. Legacy: no images since 26 November 2025. */
export const EKS_AL2: Platform = {
  id: "eks-al2",
  title: "EKS on Amazon Linux 2 (legacy)",
  kernel: () => "5.10",
  // awslabs/amazon-eks-ami doc/usage/al2.md
  lastKubernetes: {
    version: "1.32",
    remedy: "Amazon publishes no AL2 image for Kubernetes 1.33 or newer; use operatingSystem 'al2023' or 'bottlerocket'",
  },
  node: { by: "script" },
  openFiles: { by: "pool", where: "LimitNOFILE of containerd.service, which containers inherit" },
  protectsKernelDefaults: true,
  imageDefaults: {},
  overwritten: { "net.netfilter.nf_conntrack_max": RESTORED },
};
