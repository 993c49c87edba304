import { openFilesFor, powerOfTwoAtLeast } from "./open-files";
import type { SysctlName, SysctlValues } from "./sysctls";

/** What a widely copied list says for a key, and why a profile says something else. */
export interface Folklore {
  /** The value as it circulates. */
  readonly value: string;
  /** Why it fails or harms today. */
  readonly reason: string;
}

/** The raw material of a `SysctlProfile`. */
export interface ProfileValues {
  readonly openFiles: number;
  readonly values: SysctlValues;
  /** Keys without which the profile makes no sense; the others are advised. */
  readonly required: readonly SysctlName[];
  readonly originals: Readonly<Partial<Record<SysctlName, Folklore>>>;
}

/** Without these a broker node refuses connections below its size, whatever else is tuned. */
const BROKER_REQUIRES: readonly SysctlName[] = ["fs.file-max", "fs.nr_open", "net.core.somaxconn", "net.ipv4.tcp_max_syn_backlog"];

/**
 * The settings that circulate for a million MQTT connections (EMQX's tuning page and the guides made from it), corrected.
 * `forConnections(1_000_000)` computes the same numbers; this is the list people know, by its own name.
 */
export const MILLION_VALUES: ProfileValues = {
  openFiles: openFilesFor(1_000_000),
  values: {
    "fs.file-max": 2_097_152,
    "fs.nr_open": 2_097_152,
    "net.core.somaxconn": 32_768,
    "net.core.netdev_max_backlog": 16_384,
    "net.core.rmem_default": 262_144,
    "net.core.wmem_default": 262_144,
    "net.core.rmem_max": 16_777_216,
    "net.core.wmem_max": 16_777_216,
    "net.core.optmem_max": 16_777_216,
    "net.ipv4.tcp_max_syn_backlog": 16_384,
    "net.ipv4.tcp_rmem": [1024, 4096, 16_777_216],
    "net.ipv4.tcp_wmem": [1024, 4096, 16_777_216],
    "net.ipv4.tcp_max_tw_buckets": 1_048_576,
    "net.ipv4.tcp_fin_timeout": 15,
    "net.ipv4.ip_local_port_range": [1024, 65_535],
    "net.netfilter.nf_conntrack_max": 2_097_152,
    "net.netfilter.nf_conntrack_buckets": 524_288,
    "net.netfilter.nf_conntrack_tcp_timeout_time_wait": 30,
  },
  required: BROKER_REQUIRES,
  originals: {
    "fs.file-max": {
      value: "2097152",
      reason: "as an assignment it lowers the 2^63-1 that systemd images start with; here it is a minimum",
    },
    "fs.nr_open": {
      value: "2097152",
      reason:
        "alone it changes nothing: a container's own open-file limit stays at 65536; here it is a minimum and that limit is raised with it",
    },
    "net.core.somaxconn": {
      value: "65536 on the node, 32768 in the pod",
      reason: "only the pod's value bounds the pod's listeners; two values for one key hid that",
    },
    "net.ipv4.ip_local_port_range": {
      value: "1000 65535",
      reason: "the kernel refuses a range that starts below ip_unprivileged_port_start (1024), and the whole write is lost",
    },
    "net.netfilter.nf_conntrack_max": {
      value: "not set",
      reason: "the default tracks 262144 connections or fewer; a million clients behind a Service need an entry each",
    },
    "net.netfilter.nf_conntrack_buckets": { value: "not set", reason: "a quarter of nf_conntrack_max, or lookups walk long chains" },
  },
};

/** For machines that open connections instead of accepting them. */
export const LOAD_GENERATOR_VALUES: ProfileValues = {
  openFiles: openFilesFor(1_000_000),
  values: {
    "fs.file-max": 2_097_152,
    "fs.nr_open": 1_048_576,
    "net.core.somaxconn": 4096,
    "net.core.netdev_max_backlog": 16_384,
    "net.ipv4.tcp_rmem": [1024, 4096, 16_777_216],
    "net.ipv4.tcp_wmem": [1024, 4096, 16_777_216],
    "net.ipv4.tcp_max_tw_buckets": 1_048_576,
    "net.ipv4.tcp_fin_timeout": 15,
    "net.ipv4.tcp_tw_reuse": 1,
    "net.ipv4.ip_local_port_range": [1024, 65_535],
    "net.netfilter.nf_conntrack_max": 2_097_152,
    "net.netfilter.nf_conntrack_buckets": 524_288,
  },
  required: ["fs.file-max", "fs.nr_open", "net.ipv4.ip_local_port_range"],
  originals: {
    "fs.nr_open": { value: "1000000", reason: "below the 1048576 that many images have already; as an assignment it lowers it" },
    "net.ipv4.ip_local_port_range": {
      value: "500 65535",
      reason: "the kernel refuses a range that starts below ip_unprivileged_port_start (1024), and the whole write is lost",
    },
  },
};

/**
 * Values computed for `connections` clients on one node.
 *
 * | key | rule | source of the rule |
 * |---|---|---|
 * | container open files | `openFilesFor` | one descriptor per connection plus a reserve |
 * | `fs.nr_open`, `fs.file-max` | twice that, at least 2,097,152 | room for other processes; both are minimums |
 * | `somaxconn`, `tcp_max_syn_backlog`, `netdev_max_backlog` | 1/32, 1/64, 1/64 of the connections | at 1 M the values in circulation (32768, 16384, 16384); bounded by 65536, below which every listener API counts |
 * | `nf_conntrack_max`, buckets | twice the connections, a quarter of that | one entry a client and one for a closing predecessor; buckets as Google advises (max = buckets × 4) |
 * | `tcp_max_tw_buckets`, `tcp_max_orphans` | one per connection, a quarter | a mass disconnect |
 * | `tcp_mem` | half, three quarters, one page per connection | each connection may hold one page at once; a minimum, as the kernel sizes it from memory |
 *
 * Each is rounded up to a power of two, so that nearby sizes give the same node and do not replace a pool.
 */
export function valuesForConnections(connections: number): ProfileValues {
  const openFiles = openFilesFor(connections);
  const files = Math.max(2_097_152, 2 * openFiles);
  const share = (part: number, floor: number, ceiling: number) => Math.min(ceiling, Math.max(floor, powerOfTwoAtLeast(connections / part)));
  const conntrackMax = share(1 / 2, 262_144, 2 ** 30);
  const pages = share(1, 65_536, 2 ** 30);

  return {
    openFiles,
    values: {
      ...MILLION_VALUES.values,
      "fs.file-max": files,
      "fs.nr_open": files,
      "net.core.somaxconn": share(32, 4096, 65_536),
      "net.core.netdev_max_backlog": share(64, 1024, 65_536),
      "net.ipv4.tcp_max_syn_backlog": share(64, 2048, 65_536),
      "net.ipv4.tcp_max_tw_buckets": share(1, 16_384, 2 ** 30),
      "net.ipv4.tcp_max_orphans": share(4, 16_384, 2 ** 30),
      "net.ipv4.tcp_mem": [pages / 2, (pages / 4) * 3, pages],
      "net.netfilter.nf_conntrack_max": conntrackMax,
      "net.netfilter.nf_conntrack_buckets": conntrackMax / 4,
    },
    required: BROKER_REQUIRES,
    originals: {},
  };
}
