import { atLeast } from "../version";
import { type AcceptedKeys, type Platform, SYSTEMD_FILE_MAX } from "./platform";

/**
 * `linux_os_config.sysctl_config` with the ranges that azurerm 4.55.0 validates
 * (hashicorp/terraform-provider-azurerm internal/services/containers/kubernetes_nodepool.go).
 * The port range is two fields there; `tcp_tw_reuse` is a boolean, so 2 cannot be said.
 */
const ACCEPTS: AcceptedKeys = {
  "fs.aio-max-nr": { min: 65_536, max: 6_553_500 },
  "fs.file-max": { min: 8192, max: 12_000_500 },
  "fs.inotify.max_user_watches": { min: 781_250, max: 2_097_152 },
  "fs.nr_open": { min: 8192, max: 20_000_500 },
  "kernel.threads-max": { min: 20, max: 513_785 },
  "net.core.netdev_max_backlog": { min: 1000, max: 3_240_000 },
  "net.core.optmem_max": { min: 20_480, max: 4_194_304 },
  "net.core.rmem_default": { min: 212_992, max: 134_217_728 },
  "net.core.rmem_max": { min: 212_992, max: 134_217_728 },
  "net.core.somaxconn": { min: 4096, max: 3_240_000 },
  "net.core.wmem_default": { min: 212_992, max: 134_217_728 },
  "net.core.wmem_max": { min: 212_992, max: 134_217_728 },
  "net.ipv4.ip_local_port_range": [
    { min: 1024, max: 60_999 },
    { min: 32_768, max: 65_535 },
  ],
  "net.ipv4.neigh.default.gc_thresh1": { min: 128, max: 80_000 },
  "net.ipv4.neigh.default.gc_thresh2": { min: 512, max: 90_000 },
  "net.ipv4.neigh.default.gc_thresh3": { min: 1024, max: 100_000 },
  "net.ipv4.tcp_fin_timeout": { min: 5, max: 120 },
  "net.ipv4.tcp_keepalive_intvl": { min: 10, max: 90 },
  "net.ipv4.tcp_keepalive_probes": { min: 1, max: 15 },
  "net.ipv4.tcp_keepalive_time": { min: 30, max: 432_000 },
  "net.ipv4.tcp_max_syn_backlog": { min: 128, max: 3_240_000 },
  "net.ipv4.tcp_max_tw_buckets": { min: 8000, max: 1_440_000 },
  "net.ipv4.tcp_tw_reuse": { min: 0, max: 1 },
  "net.netfilter.nf_conntrack_buckets": { min: 65_536, max: 524_288 },
  "net.netfilter.nf_conntrack_max": { min: 131_072, max: 2_097_152 },
  "vm.max_map_count": { min: 65_530, max: 262_144 },
  // The provider never sends 0 for an integer, so 0 cannot be set.
  "vm.swappiness": { min: 1, max: 100 },
  "vm.vfs_cache_pressure": { min: 1, max: 100 },
};

const ALWAYS_SENT: Platform["alwaysSent"] = {
  "net.ipv4.tcp_tw_reuse": {
    value: "0",
    reason: "azurerm sends this boolean with any other sysctl, and unset means 0 where the image has 2; stated here so that it is seen",
  },
};

/** Azure/AgentBaker parts/linux/cloud-init/artifacts/containerd.service. */
const CONTAINERD_LIMIT = {
  by: "image",
  limit: 1_048_576,
  source: "LimitNOFILE of the image's containerd unit; azurerm has no field for it",
} as const;

/** Documented for Ubuntu 22.04/24.04 and Azure Linux 3: MicrosoftDocs/azure-aks-docs custom-node-configuration-reference.md. */
const FILE_MAX = { value: SYSTEMD_FILE_MAX.value, source: "documented default of AKS images" } as const;

/** What AKS writes on every node: Azure/AgentBaker, the baseline of 999-sysctl-aks.conf. */
const BASELINE = { source: "baseline of AKS nodes" };
const IMAGE_DEFAULTS: Platform["imageDefaults"] = {
  "fs.file-max": FILE_MAX,
  "net.core.somaxconn": { ...BASELINE, value: "16384" },
  "net.ipv4.tcp_max_syn_backlog": { ...BASELINE, value: "16384" },
  "net.ipv4.neigh.default.gc_thresh1": { ...BASELINE, value: "4096" },
  "net.ipv4.neigh.default.gc_thresh2": { ...BASELINE, value: "8192" },
  "net.ipv4.neigh.default.gc_thresh3": { ...BASELINE, value: "16384" },
};

/** Ubuntu, the default image up to Kubernetes 1.34. */
export const AKS_UBUNTU: Platform = {
  id: "aks-ubuntu",
  title: "AKS on Ubuntu",
  // Ubuntu 22.04 (5.15) up to 1.34; 24.04 (6.8) from 1.35 on.
  kernel: (kubernetes) => (atLeast(kubernetes, "1.35") ? "6.8" : "5.15"),
  node: { by: "api", accepts: ACCEPTS },
  openFiles: CONTAINERD_LIMIT,
  protectsKernelDefaults: false,
  imageDefaults: { ...IMAGE_DEFAULTS, "fs.nr_open": { value: "1048576", source: "documented default of Ubuntu 22.04 and 24.04" } },
  overwritten: {},
  alwaysSent: ALWAYS_SENT,
};

/** Azure Linux 3. */
export const AKS_AZURELINUX: Platform = {
  id: "aks-azurelinux",
  title: "AKS on Azure Linux",
  kernel: (kubernetes) => (atLeast(kubernetes, "1.32") ? "6.6" : "5.15"),
  node: { by: "api", accepts: ACCEPTS },
  openFiles: CONTAINERD_LIMIT,
  protectsKernelDefaults: false,
  imageDefaults: { ...IMAGE_DEFAULTS, "fs.nr_open": { value: "1073741816", source: "documented default of Azure Linux 3" } },
  overwritten: {},
  alwaysSent: ALWAYS_SENT,
};
