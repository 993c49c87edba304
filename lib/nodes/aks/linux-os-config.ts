import type {
  KubernetesClusterNodePoolLinuxOsConfig,
  KubernetesClusterNodePoolLinuxOsConfigSysctlConfig,
} from "@cdktf/provider-azurerm/lib/kubernetes-cluster-node-pool";
import type { SysctlName } from "../../kernel/sysctls";
import type { TuningPlan } from "../../kernel/tuning-plan";

type SysctlConfig = KubernetesClusterNodePoolLinuxOsConfigSysctlConfig;
type Field = Exclude<keyof SysctlConfig, "netIpv4IpLocalPortRangeMin" | "netIpv4IpLocalPortRangeMax" | "netIpv4TcpTwReuse">;

/** azurerm's names for the keys that are one integer. The port range and `tcp_tw_reuse` have forms of their own. */
const FIELDS: Readonly<Partial<Record<SysctlName, Field>>> = {
  "fs.aio-max-nr": "fsAioMaxNr",
  "fs.file-max": "fsFileMax",
  "fs.inotify.max_user_watches": "fsInotifyMaxUserWatches",
  "fs.nr_open": "fsNrOpen",
  "kernel.threads-max": "kernelThreadsMax",
  "net.core.netdev_max_backlog": "netCoreNetdevMaxBacklog",
  "net.core.optmem_max": "netCoreOptmemMax",
  "net.core.rmem_default": "netCoreRmemDefault",
  "net.core.rmem_max": "netCoreRmemMax",
  "net.core.somaxconn": "netCoreSomaxconn",
  "net.core.wmem_default": "netCoreWmemDefault",
  "net.core.wmem_max": "netCoreWmemMax",
  "net.ipv4.neigh.default.gc_thresh1": "netIpv4NeighDefaultGcThresh1",
  "net.ipv4.neigh.default.gc_thresh2": "netIpv4NeighDefaultGcThresh2",
  "net.ipv4.neigh.default.gc_thresh3": "netIpv4NeighDefaultGcThresh3",
  "net.ipv4.tcp_fin_timeout": "netIpv4TcpFinTimeout",
  "net.ipv4.tcp_keepalive_intvl": "netIpv4TcpKeepaliveIntvl",
  "net.ipv4.tcp_keepalive_probes": "netIpv4TcpKeepaliveProbes",
  "net.ipv4.tcp_keepalive_time": "netIpv4TcpKeepaliveTime",
  "net.ipv4.tcp_max_syn_backlog": "netIpv4TcpMaxSynBacklog",
  "net.ipv4.tcp_max_tw_buckets": "netIpv4TcpMaxTwBuckets",
  "net.netfilter.nf_conntrack_buckets": "netNetfilterNfConntrackBuckets",
  "net.netfilter.nf_conntrack_max": "netNetfilterNfConntrackMax",
  "vm.max_map_count": "vmMaxMapCount",
  "vm.swappiness": "vmSwappiness",
  "vm.vfs_cache_pressure": "vmVfsCachePressure",
};

/** The node half of a plan as `linux_os_config`; undefined when the plan sets nothing on the node. */
export function linuxOsConfig(plan: TuningPlan): KubernetesClusterNodePoolLinuxOsConfig | undefined {
  if (plan.node.length === 0) return undefined;
  return { sysctlConfig: Object.assign({}, ...plan.node.map(({ name, value }) => fields(name, value))) };
}

function fields(name: SysctlName, value: string): SysctlConfig {
  if (name === "net.ipv4.ip_local_port_range") {
    const [netIpv4IpLocalPortRangeMin, netIpv4IpLocalPortRangeMax] = value.split(" ").map(Number);
    return { netIpv4IpLocalPortRangeMin, netIpv4IpLocalPortRangeMax };
  }
  if (name === "net.ipv4.tcp_tw_reuse") return { netIpv4TcpTwReuse: value !== "0" };
  const field = FIELDS[name];
  // The plan only places what the platform's table accepts; a test holds that table and this one together.
  if (!field) throw new RangeError(`'${name}' has no field in linux_os_config`);
  return { [field]: Number(value) };
}
