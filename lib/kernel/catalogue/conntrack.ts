import { integer, MAX_INT, type Sysctl } from "../sysctl";

const CONNTRACK = "Documentation/networking/nf_conntrack-sysctl.rst";
const ON_NODE = "pod traffic is tracked in the node's namespace (kube-proxy, CNI NAT), so a value in the pod has no effect";

// Kept in jiffies, so INT_MAX / HZ, and HZ is at most 1000: proc_dointvec_jiffies() in kernel/sysctl.c
const SECONDS = integer(1, Math.floor(MAX_INT / 1000), "seconds");

/** Connection tracking: created by the module `nf_conntrack`, and effective on the node, where kube-proxy and the CNI do NAT. */
export const CONNTRACK_SYSCTLS = {
  "net.netfilter.nf_conntrack_max": {
    shape: integer(1, MAX_INT, "entries"),
    scope: "node",
    atLeast: true,
    module: "nf_conntrack",
    why: "tracked connections; when the table is full new connections are dropped. kube-proxy overwrites it when it starts",
    source: `${CONNTRACK}; read-only in pods since 5.12.2; kube-proxy: bottlerocket-os/bottlerocket#4221`,
  },
  "net.netfilter.nf_conntrack_buckets": {
    shape: integer(1, MAX_INT, "buckets"),
    scope: "node",
    atLeast: true,
    module: "nf_conntrack",
    why: "size of the hash table; a quarter of the maximum keeps chains short",
    source: CONNTRACK,
  },
  "net.netfilter.nf_conntrack_tcp_timeout_time_wait": {
    shape: SECONDS,
    scope: "network-namespace",
    module: "nf_conntrack",
    countsOnNode: ON_NODE,
    why: "how long a closed connection keeps its entry",
    source: CONNTRACK,
  },
  "net.netfilter.nf_conntrack_tcp_timeout_close_wait": {
    shape: SECONDS,
    scope: "network-namespace",
    module: "nf_conntrack",
    countsOnNode: ON_NODE,
    why: "how long a half-closed connection keeps its entry",
    source: CONNTRACK,
  },
  "net.netfilter.nf_conntrack_tcp_timeout_established": {
    shape: SECONDS,
    scope: "network-namespace",
    module: "nf_conntrack",
    countsOnNode: ON_NODE,
    why: "how long an idle connection keeps its entry; must exceed the longest MQTT keep alive",
    source: CONNTRACK,
  },
} as const satisfies Record<string, Sysctl>;
