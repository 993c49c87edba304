import { integer, MAX_INT, type Sysctl } from "../sysctl";

const NET = "Documentation/admin-guide/sysctl/net.rst";
/** Node values of the four buffer limits show read-only in pods since 6.11 (commit 19249c0724f2). */
const GLOBAL_BUFFER = `${NET}; global, read-only in pods since 6.11 (commit 19249c0724f2)`;

/** Sockets of every protocol and the network devices: `net.core`. */
export const SOCKET_SYSCTLS = {
  "net.core.somaxconn": {
    shape: integer(1, MAX_INT, "connections"),
    scope: "network-namespace",
    atLeast: true,
    why: "upper bound of every listen backlog; a listener that asks for more is cut to it in silence. A new namespace starts with 4096",
    source: `${NET}; per namespace in net/core/sysctl_net_core.c; proposed as safe in kubernetes/kubernetes#54132, never accepted`,
  },
  "net.core.netdev_max_backlog": {
    shape: integer(1, MAX_INT, "packets"),
    scope: "node",
    atLeast: true,
    why: "packets a CPU queues before it drops; connect storms arrive in bursts",
    source: `${NET}; absent in pods`,
  },
  "net.core.netdev_budget": {
    shape: integer(1, MAX_INT, "packets"),
    scope: "node",
    why: "packets handled in one softirq round",
    source: NET,
  },
  "net.core.netdev_budget_usecs": {
    shape: integer(1, MAX_INT, "microseconds"),
    scope: "node",
    why: "longest softirq round",
    source: NET,
  },
  "net.core.rmem_default": {
    // SOCK_MIN_RCVBUF is 2304 on 64-bit: include/net/sock.h
    shape: integer(2304, MAX_INT, "bytes"),
    scope: "node",
    why: "receive buffer of sockets other than TCP when they do not choose one",
    source: GLOBAL_BUFFER,
  },
  "net.core.wmem_default": {
    shape: integer(4608, MAX_INT, "bytes"),
    scope: "node",
    why: "send buffer of sockets other than TCP when they do not choose one",
    source: GLOBAL_BUFFER,
  },
  "net.core.rmem_max": {
    shape: integer(2304, MAX_INT, "bytes"),
    scope: "node",
    atLeast: true,
    why: "largest receive buffer a socket may ask for (SO_RCVBUF)",
    source: GLOBAL_BUFFER,
  },
  "net.core.wmem_max": {
    shape: integer(4608, MAX_INT, "bytes"),
    scope: "node",
    atLeast: true,
    why: "largest send buffer a socket may ask for (SO_SNDBUF)",
    source: GLOBAL_BUFFER,
  },
  "net.core.optmem_max": {
    shape: integer(1, MAX_INT, "bytes"),
    scope: "network-namespace",
    namespacedSince: "6.8",
    atLeast: true,
    why: "ancillary data per socket (timestamps, zero-copy notifications, eBPF socket storage)",
    source: `${NET}; per namespace since 6.8 (commits 4944566706b2, f5769faeec36), starting at 131072`,
  },
  "net.core.busy_poll": {
    shape: integer(0, MAX_INT, "microseconds"),
    scope: "node",
    why: "how long poll() and epoll wait on the device queue before they sleep; trades CPU for latency",
    source: NET,
  },
  "net.core.busy_read": {
    shape: integer(0, MAX_INT, "microseconds"),
    scope: "node",
    why: "how long a read waits on the device queue before it sleeps",
    source: NET,
  },
  "net.core.rps_sock_flow_entries": {
    shape: integer(0, 536_870_912, "entries"),
    scope: "node",
    why: "flows that receive packet steering remembers, so that a connection stays on its CPU",
    source: "Documentation/networking/scaling.rst; bound in net/core/sysctl_net_core.c",
  },
} as const satisfies Record<string, Sysctl>;
