import { describe, expect, it } from "vitest";
import { checkHost, type HostReadings, readHost } from "../../../src/bench/host-check.js";

const PLENTY: HostReadings = {
  openFiles: 20_000,
  portRange: [32_768, 60_999],
  tcpMemPages: 10_000_000,
  conntrack: undefined,
  availableBytes: 2 ** 36,
};
const load = (clients: number, more: { processes?: number; sourceAddresses?: string[]; hosts?: string[] } = {}) => ({
  ...{ clients, hosts: ["broker"], sourceAddresses: [] as string[], processes: undefined },
  ...more,
});

describe("before the first connection", () => {
  it("a load has as many processes as the limit on open files needs", () => {
    expect(checkHost(load(10_000), PLENTY).processes).toBe(1);
    expect(checkHost(load(50_000, { sourceAddresses: ["10.0.0.1"] }), PLENTY)).toMatchObject({ processes: 3, problems: [] });
  });

  it("is told that it asks for too few of them", () => {
    const { problems } = checkHost(load(50_000, { processes: 1, sourceAddresses: ["10.0.0.1"] }), PLENTY);
    expect(problems).toEqual([expect.stringContaining("--processes 3, or raise ulimit -Hn")]);
  });

  it("is told when there are not enough ports, and how many source addresses are", () => {
    const { problems } = checkHost(load(100_000, { hosts: ["127.0.0.1"] }), PLENTY);
    expect(problems).toEqual([
      expect.stringMatching(/28,232 that there are: --ifaddr with 2 source addresses \(127\.0\.0\.2,127\.0\.0\.3\), or widen/),
    ]);
    expect(checkHost(load(100_000, { sourceAddresses: ["10.0.0.1", "10.0.0.2"] }), PLENTY).problems).toEqual([]);
  });

  it("is warned of tcp_mem, conntrack and memory, each with what to do", () => {
    const readings = { ...PLENTY, tcpMemPages: 20_000, conntrack: { count: 5, max: 10_000 }, availableBytes: 2 ** 20 };
    const { warnings, problems } = checkHost(load(20_000, { sourceAddresses: ["10.0.0.1"] }), readings);
    expect(problems).toEqual([]);
    expect(warnings).toEqual([
      expect.stringContaining("raise net.ipv4.tcp_mem"),
      expect.stringContaining("raise net.netfilter.nf_conntrack_max to 40,000"),
      expect.stringContaining("1 MiB of memory are available"),
    ]);
  });

  it("reads what the machine tells, and knows nothing of what it does not", () => {
    const files: Record<string, string> = {
      "/proc/sys/net/ipv4/ip_local_port_range": "1024\t65535\n",
      "/proc/sys/net/ipv4/tcp_mem": "1\t2\t3\n",
      "/proc/meminfo": "MemTotal: 9 kB\nMemAvailable:   4 kB\n",
    };
    expect(readHost((path) => files[path], 9)).toEqual({
      ...{ openFiles: 9, portRange: [1_024, 65_535], tcpMemPages: 3, conntrack: undefined, availableBytes: 4_096 },
    });
    expect(
      checkHost(
        load(1_000_000),
        readHost(() => undefined, undefined),
      ),
    ).toEqual({ processes: 1, problems: [], warnings: [] });
  });
});
