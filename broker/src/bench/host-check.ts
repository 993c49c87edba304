import { KERNEL_BYTES } from "../limits/connection-memory.js";
import type { BenchOptions } from "./options.js";
import { PORTS_PER_ADDRESS } from "./source-ports.js";

/** What this machine gives a load, as far as it tells. */
export interface HostReadings {
  /** Files that a process may open. */
  readonly openFiles: number | undefined;
  /** `net.ipv4.ip_local_port_range` */
  readonly portRange: readonly [first: number, last: number] | undefined;
  /** The highest of `net.ipv4.tcp_mem`, in pages of 4 KiB. */
  readonly tcpMemPages: number | undefined;
  /** Connections tracked, and how many may be. */
  readonly conntrack: { readonly count: number; readonly max: number } | undefined;
  readonly availableBytes: number | undefined;
}

export interface HostCheck {
  readonly processes: number;
  /** Why it cannot work, with the remedy. */
  readonly problems: readonly string[];
  /** What may be in the way. */
  readonly warnings: readonly string[];
}

/** Standard streams, the event loop's files, pipes between processes. */
const FILES_KEPT_FREE = 100;
/** Of a generator's connection on Bun 1.4.5, over 18,000; Node takes about 4 KiB. */
const PROCESS_BYTES = 2_048;
/** A queue with anything in it takes a page at least. */
const PAGES_PER_BUSY_CONNECTION = 2;

/** How many processes a load needs, and whether this machine can carry it at all: asked before the first connection. */
export function checkHost(
  options: Pick<BenchOptions, "clients" | "hosts" | "sourceAddresses" | "processes">,
  readings: HostReadings,
): HostCheck {
  const { openFiles, portRange, tcpMemPages, conntrack, availableBytes } = readings;
  const { clients, hosts, sourceAddresses } = options;
  const perProcess = openFiles === undefined ? Number.POSITIVE_INFINITY : Math.max(1, openFiles - FILES_KEPT_FREE);
  const processes = Math.min(clients, options.processes ?? Math.max(1, Math.ceil(clients / perProcess)));
  const problems: string[] = [];
  const warnings: string[] = [];

  if (Math.ceil(clients / processes) > perProcess) {
    const needed = Math.ceil(clients / perProcess);
    problems.push(
      `${n(clients)} clients in ${processes} processes are more than ${n(perProcess)} open files each: --processes ${needed}, or raise ulimit -Hn`,
    );
  }
  const ports = sourceAddresses.length > 0 ? PORTS_PER_ADDRESS * sourceAddresses.length : portsWithout(portRange) * hosts.length;
  if (clients > ports) {
    const addresses = Math.ceil(clients / PORTS_PER_ADDRESS);
    problems.push(
      `${n(clients)} clients need more ports than the ${n(ports)} that there are: --ifaddr with ${addresses} source addresses` +
        `${hosts.every(isLoopback) ? ` (${loopbackAddresses(addresses)})` : ""}${sourceAddresses.length > 0 ? "" : ", or widen net.ipv4.ip_local_port_range"}`,
    );
  }
  if (tcpMemPages !== undefined && clients * PAGES_PER_BUSY_CONNECTION > tcpMemPages) {
    const busy = Math.floor(tcpMemPages / PAGES_PER_BUSY_CONNECTION);
    warnings.push(
      `with data waiting on more than ${n(busy)} connections the kernel drops it: raise net.ipv4.tcp_mem (now ${n(tcpMemPages)} pages)`,
    );
  }
  if (conntrack !== undefined && conntrack.count > 0 && conntrack.count + clients > conntrack.max) {
    warnings.push(
      `connections are tracked here, and ${n(conntrack.max)} at most: raise net.netfilter.nf_conntrack_max to ${n(clients * 2)}`,
    );
  }
  const needed = clients * (PROCESS_BYTES + KERNEL_BYTES);
  if (availableBytes !== undefined && needed > availableBytes) {
    warnings.push(`${n(clients)} connections take about ${mib(needed)}, and ${mib(availableBytes)} of memory are available`);
  }
  return { processes, problems, warnings };
}

/** From files of /proc; what is not there is not known. */
export function readHost(readText: (path: string) => string | undefined, openFiles: number | undefined): HostReadings {
  const number = (path: string) => {
    const text = readText(path);
    return text === undefined ? undefined : Number(text);
  };
  const [first, last] = words(readText("/proc/sys/net/ipv4/ip_local_port_range"));
  const count = number("/proc/sys/net/netfilter/nf_conntrack_count");
  const max = number("/proc/sys/net/netfilter/nf_conntrack_max");
  const [, kibibytes] = /^MemAvailable:\s+(\d+) kB$/m.exec(readText("/proc/meminfo") ?? "") ?? [];
  return {
    openFiles,
    portRange: first === undefined || last === undefined ? undefined : [first, last],
    tcpMemPages: words(readText("/proc/sys/net/ipv4/tcp_mem"))[2],
    conntrack: count === undefined || max === undefined ? undefined : { count, max },
    availableBytes: kibibytes === undefined ? undefined : Number(kibibytes) * 1_024,
  };
}

function words(text: string | undefined): number[] {
  return text === undefined ? [] : text.trim().split(/\s+/).map(Number);
}

function portsWithout(range: HostReadings["portRange"]): number {
  return range === undefined ? Number.POSITIVE_INFINITY : range[1] - range[0] + 1;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host.startsWith("127.");
}

function loopbackAddresses(count: number): string {
  const shown = Array.from({ length: Math.min(count, 3) }, (_, index) => `127.0.0.${index + 2}`);
  return `${shown.join(",")}${count > shown.length ? ",…" : ""}`;
}

function n(value: number): string {
  return value.toLocaleString("en");
}

function mib(bytes: number): string {
  return `${n(Math.round(bytes / 1_048_576))} MiB`;
}
