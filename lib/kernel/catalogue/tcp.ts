import { integer, integers, MAX_INT, type Sysctl, text } from "../sysctl";

/** Meaning and range of every key here. */
const IP = "Documentation/networking/ip-sysctl.rst";
/** Per-namespace since, and what a new namespace starts with. */
const NETNS = "tcp_sk_init() in net/ipv4/tcp_ipv4.c";
/** Since when a pod may set it without an allow-list entry. */
const SAFE = "kubernetes/kubernetes pkg/kubelet/sysctl/safe_sysctls.go";

const SWITCH = integer(0, 1, "switch");
// Kept in jiffies, so INT_MAX / HZ, and HZ is at most 1000: proc_dointvec_jiffies() in kernel/sysctl.c
const SECONDS = integer(1, Math.floor(MAX_INT / 1000), "seconds");
const PORT = /(?:\d{1,4}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])/.source;
const LIST_OF_PORTS = new RegExp(`^${PORT}(-${PORT})?(,${PORT}(-${PORT})?)*$`);

/** TCP and IPv4. Nearly all of them belong to a network namespace, and so to the pod. */
export const TCP_SYSCTLS = {
  "net.ipv4.tcp_max_syn_backlog": {
    shape: integer(1, MAX_INT, "connections"),
    scope: "network-namespace",
    namespacedSince: "4.11",
    atLeast: true,
    why: "half-open connections a listener keeps; the short queue of a connect storm. A new namespace starts near 2048",
    source: `${IP}; ${NETNS}`,
  },
  "net.ipv4.tcp_rmem": {
    shape: integers(["min", "default", "max"], 1, MAX_INT, "bytes"),
    scope: "network-namespace",
    namespacedSince: "4.15",
    inherited: true,
    safeSince: "1.32",
    why: "receive buffer of a TCP socket; the default is what an idle connection may hold",
    source: `${IP}; ${NETNS}; ${SAFE}`,
  },
  "net.ipv4.tcp_wmem": {
    shape: integers(["min", "default", "max"], 1, MAX_INT, "bytes"),
    scope: "network-namespace",
    namespacedSince: "4.15",
    inherited: true,
    safeSince: "1.32",
    why: "send buffer of a TCP socket; the maximum bounds what a slow subscriber pins",
    source: `${IP}; ${NETNS}; ${SAFE}`,
  },
  "net.ipv4.tcp_mem": {
    shape: integers(["low", "pressure", "high"], 1, Number.MAX_SAFE_INTEGER, "pages"),
    scope: "node",
    atLeast: true,
    sizedFromMemory: true,
    why: "memory of all TCP sockets together, in pages of 4 KiB on x86_64; above the last, the kernel drops",
    source: `${IP}; global, absent in pods`,
  },
  "net.ipv4.tcp_max_orphans": {
    shape: integer(1, MAX_INT, "sockets"),
    scope: "node",
    atLeast: true,
    sizedFromMemory: true,
    why: "closed sockets that still wait for their peer; mass disconnects make many",
    source: `${IP}; global, absent in pods`,
  },
  "net.ipv4.tcp_max_tw_buckets": {
    shape: integer(1, MAX_INT, "sockets"),
    scope: "network-namespace",
    namespacedSince: "4.11",
    atLeast: true,
    why: "sockets in TIME_WAIT; beyond it they are dropped with a warning. A new namespace starts at half the hash size",
    source: `${IP}; ${NETNS}`,
  },
  "net.ipv4.tcp_fin_timeout": {
    shape: SECONDS,
    scope: "network-namespace",
    namespacedSince: "4.6",
    safeSince: "1.29",
    why: "how long an orphaned connection stays in FIN_WAIT_2",
    source: `${IP}; ${NETNS}; ${SAFE}`,
  },
  "net.ipv4.tcp_tw_reuse": {
    shape: integer(0, 2, "mode"),
    scope: "network-namespace",
    namespacedSince: "4.11",
    why: "reuse of ports in TIME_WAIT for outgoing connections (0 never, 1 always, 2 loopback); matters to load generators and bridges",
    source: `${IP}; ${NETNS}`,
  },
  "net.ipv4.tcp_keepalive_time": {
    shape: SECONDS,
    scope: "network-namespace",
    namespacedSince: "4.5",
    safeSince: "1.29",
    why: "idle time before the first TCP keep-alive probe; finds peers that vanished below MQTT's keep alive",
    source: `${IP}; ${SAFE}`,
  },
  "net.ipv4.tcp_keepalive_intvl": {
    shape: SECONDS,
    scope: "network-namespace",
    namespacedSince: "4.5",
    safeSince: "1.29",
    why: "time between keep-alive probes",
    source: `${IP}; ${SAFE}`,
  },
  "net.ipv4.tcp_keepalive_probes": {
    // One byte in the kernel since 5.13.
    shape: integer(1, 255, "probes"),
    scope: "network-namespace",
    namespacedSince: "4.5",
    safeSince: "1.29",
    why: "unanswered probes before the connection is given up",
    source: `${IP}; ${SAFE}`,
  },
  "net.ipv4.tcp_notsent_lowat": {
    shape: integer(0, 4_294_967_295, "bytes"),
    scope: "network-namespace",
    namespacedSince: "4.6",
    safeSince: "1.37",
    why: "unsent bytes below which a socket is writable again; keeps queues in the broker, where they are bounded, not in the kernel",
    source: `${IP}; ${SAFE}`,
  },
  "net.ipv4.tcp_slow_start_after_idle": {
    shape: SWITCH,
    scope: "network-namespace",
    namespacedSince: "4.15",
    safeSince: "1.37",
    why: "whether an idle connection starts slowly again; MQTT connections are mostly idle",
    source: `${IP}; ${SAFE}`,
  },
  "net.ipv4.tcp_syncookies": {
    shape: integer(0, 2, "mode"),
    scope: "network-namespace",
    namespacedSince: "4.6",
    safeSince: "1.4",
    why: "answers connects statelessly when the SYN backlog is full",
    source: `${IP}; ${SAFE}`,
  },
  "net.ipv4.tcp_syn_retries": {
    shape: integer(1, 127, "retries"),
    scope: "network-namespace",
    namespacedSince: "4.6",
    why: "attempts to open an outgoing connection",
    source: IP,
  },
  "net.ipv4.tcp_synack_retries": {
    shape: integer(0, 255, "retries"),
    scope: "network-namespace",
    namespacedSince: "4.6",
    why: "answers to a SYN whose sender stays silent; each holds a place in the backlog",
    source: IP,
  },
  "net.ipv4.tcp_retries2": {
    shape: integer(0, 255, "retries"),
    scope: "network-namespace",
    namespacedSince: "4.6",
    why: "retransmissions before an established connection is given up (15 is about 15 minutes)",
    source: IP,
  },
  "net.ipv4.tcp_orphan_retries": {
    shape: integer(0, 255, "retries"),
    scope: "network-namespace",
    namespacedSince: "4.6",
    why: "retransmissions for a connection that we have closed already",
    source: IP,
  },
  "net.ipv4.tcp_abort_on_overflow": {
    shape: SWITCH,
    scope: "network-namespace",
    namespacedSince: "4.15",
    why: "whether a full accept queue answers with a reset instead of silence",
    source: IP,
  },
  "net.ipv4.tcp_fastopen": {
    shape: integer(0, 4095, "bits"),
    scope: "network-namespace",
    namespacedSince: "4.15",
    why: "data in the first packet of a connection",
    source: IP,
  },
  "net.ipv4.tcp_ecn": {
    shape: integer(0, 2, "mode"),
    scope: "network-namespace",
    why: "explicit congestion notification",
    source: IP,
  },
  "net.ipv4.tcp_mtu_probing": {
    shape: integer(0, 2, "mode"),
    scope: "network-namespace",
    namespacedSince: "4.1",
    why: "finds a smaller packet size when a tunnel swallows large ones",
    source: IP,
  },
  "net.ipv4.tcp_timestamps": {
    shape: integer(0, 2, "mode"),
    scope: "network-namespace",
    namespacedSince: "4.11",
    why: "needed by tcp_tw_reuse; costs 12 bytes a packet",
    source: IP,
  },
  "net.ipv4.tcp_moderate_rcvbuf": {
    shape: SWITCH,
    scope: "network-namespace",
    namespacedSince: "4.15",
    why: "whether the kernel grows receive buffers up to tcp_rmem's maximum",
    source: IP,
  },
  "net.ipv4.tcp_congestion_control": {
    shape: text(/^[a-z][a-z0-9_]{0,14}$/, "the name of a congestion control, for example bbr or cubic"),
    scope: "network-namespace",
    namespacedSince: "4.15",
    inherited: true,
    why: "how a connection finds its rate; bbr helps clients on lossy radio links",
    source: `${IP}; name length TCP_CA_NAME_MAX in include/net/tcp.h; ${NETNS}`,
  },
  "net.ipv4.ip_local_port_range": {
    // The kernel refuses a low end below ip_unprivileged_port_start (1024 unless changed): ipv4_local_port_range() in net/ipv4/sysctl_net_ipv4.c
    shape: integers(["low", "high"], 1024, 65_535, "port"),
    scope: "network-namespace",
    safeSince: "1.4",
    why: "ports for outgoing connections: bridges, database hooks, and every connection of a load generator",
    source: `${IP}; low end checked in net/ipv4/sysctl_net_ipv4.c; ${SAFE}`,
  },
  "net.ipv4.ip_local_reserved_ports": {
    shape: text(LIST_OF_PORTS, "ports and ranges with commas between them, for example 2703,9808-9809"),
    scope: "network-namespace",
    safeSince: "1.27",
    why: "ports never used for outgoing connections; keeps a listener's port free after a restart",
    source: `${IP}; ${SAFE}`,
  },
  "net.ipv4.ip_unprivileged_port_start": {
    shape: integer(0, 65_535, "port"),
    scope: "network-namespace",
    namespacedSince: "4.11",
    safeSince: "1.22",
    why: "first port that needs no capability to listen on",
    source: `${IP}; ${SAFE}`,
  },
  "net.ipv4.ping_group_range": {
    shape: integers(["low", "high"], 0, MAX_INT, "group id"),
    scope: "network-namespace",
    safeSince: "1.18",
    why: "groups that may send ICMP echo; for probes inside the pod",
    source: `${IP}; ${SAFE}`,
  },
  "net.ipv4.neigh.default.gc_thresh1": {
    shape: integer(0, MAX_INT, "entries"),
    scope: "node",
    atLeast: true,
    why: "neighbour entries kept without collection; large flat networks need more",
    source: IP,
  },
  "net.ipv4.neigh.default.gc_thresh2": {
    shape: integer(0, MAX_INT, "entries"),
    scope: "node",
    atLeast: true,
    why: "neighbour entries tolerated for five seconds",
    source: IP,
  },
  "net.ipv4.neigh.default.gc_thresh3": {
    shape: integer(0, MAX_INT, "entries"),
    scope: "node",
    atLeast: true,
    why: "neighbour entries at most; beyond it new peers are unreachable",
    source: IP,
  },
  "net.ipv4.udp_mem": {
    shape: integers(["low", "pressure", "high"], 1, Number.MAX_SAFE_INTEGER, "pages"),
    scope: "node",
    atLeast: true,
    sizedFromMemory: true,
    why: "memory of all UDP sockets together; for MQTT-SN and QUIC listeners",
    source: `${IP}; global, absent in pods`,
  },
} as const satisfies Record<string, Sysctl>;
