import { MAX_INT } from "../sysctl";
import { atLeast } from "../version";
import { type AcceptedKeys, KERNEL_NR_OPEN, type Platform, SYSTEMD_FILE_MAX } from "./platform";

/**
 * `linux_node_config.sysctls`: message `LinuxNodeConfig` of google/container/v1/cluster_service.proto, ranges from the
 * reference of `gcloud container node-pools create --system-config-from-file`. The provider (6.50.0) validates nothing, so this table does.
 */
const ACCEPTS: AcceptedKeys = {
  "fs.aio-max-nr": { min: 65_536, max: 4_194_304 },
  "fs.file-max": { min: 104_857, max: 67_108_864 },
  "fs.inotify.max_user_instances": { min: 8192, max: 1_048_576 },
  "fs.inotify.max_user_watches": { min: 8192, max: 1_048_576 },
  "fs.nr_open": { min: 1_048_576, max: 2_147_483_584 },
  "net.core.busy_poll": "any",
  "net.core.busy_read": "any",
  "net.core.netdev_max_backlog": { min: 1, max: MAX_INT - 1 },
  "net.core.optmem_max": { min: 1, max: MAX_INT - 1 },
  "net.core.rmem_default": { min: 2304, max: MAX_INT },
  "net.core.rmem_max": { min: 2304, max: MAX_INT },
  "net.core.somaxconn": { min: 128, max: MAX_INT },
  "net.core.wmem_default": { min: 4608, max: MAX_INT },
  "net.core.wmem_max": { min: 4608, max: MAX_INT },
  "net.ipv4.tcp_congestion_control": "any",
  "net.ipv4.tcp_ecn": { min: 0, max: 2 },
  "net.ipv4.tcp_max_orphans": { min: 16_384, max: 262_144 },
  "net.ipv4.tcp_max_tw_buckets": { min: 4096, max: MAX_INT },
  "net.ipv4.tcp_mtu_probing": { min: 0, max: 2 },
  "net.ipv4.tcp_rmem": { min: 1, max: MAX_INT },
  "net.ipv4.tcp_syn_retries": { min: 1, max: 127 },
  "net.ipv4.tcp_tw_reuse": { min: 0, max: 2 },
  "net.ipv4.tcp_wmem": { min: 1, max: MAX_INT },
  "net.netfilter.nf_conntrack_buckets": { min: 65_536, max: 524_288 },
  "net.netfilter.nf_conntrack_max": { min: 65_536, max: 4_194_304 },
  "net.netfilter.nf_conntrack_tcp_timeout_close_wait": { min: 60, max: 3600 },
  "net.netfilter.nf_conntrack_tcp_timeout_established": { min: 600, max: 86_400 },
  "net.netfilter.nf_conntrack_tcp_timeout_time_wait": { min: 1, max: 600 },
  "vm.max_map_count": { min: 65_536, max: MAX_INT },
  "vm.min_free_kbytes": { min: 67_584, max: 1_048_576 },
  "vm.overcommit_memory": { min: 0, max: 2 },
  "vm.swappiness": { min: 0, max: 200 },
  "vm.vfs_cache_pressure": { min: 0, max: 100 },
};

/** Container-Optimized OS, GKE Standard. */
export const GKE_COS: Platform = {
  id: "gke-cos",
  title: "GKE on Container-Optimized OS",
  // Milestone 117/121 run 6.6; which GKE patch moves to a newer one is not documented per version, so the older is assumed.
  kernel: (kubernetes) => (atLeast(kubernetes, "1.31") ? "6.6" : "6.1"),
  node: { by: "api", accepts: ACCEPTS },
  openFiles: {
    by: "image",
    limit: 1_048_576,
    source: "containerd's upstream unit; Google documents no figure and the API has no field for it",
  },
  protectsKernelDefaults: false,
  nodeValuesReachPods: "the API documents node sysctls as applied to all pods too (cluster_service.proto)",
  imageDefaults: { "fs.file-max": SYSTEMD_FILE_MAX, "fs.nr_open": KERNEL_NR_OPEN },
  overwritten: {},
};
