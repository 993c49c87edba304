import { describe, expect, it } from "vitest";
import { InvalidSysctlError } from "../../lib/errors";
import { openFilesFor } from "../../lib/kernel/open-files";
import { SysctlProfile } from "../../lib/kernel/sysctl-profile";
import { canonicalValue, checkSysctlName, covers } from "../../lib/kernel/sysctl-value";
import type { SysctlName, SysctlValues } from "../../lib/kernel/sysctls";

const { MILLION, LOAD_GENERATOR } = SysctlProfile;

describe("SysctlProfile.MILLION", () => {
  // cloud-node-tuning.md §5, with the corrections of its §0, and what §5 says a million tracked connections need besides.
  const WANTED: readonly (readonly [SysctlName, value: string, "required" | "advised"])[] = [
    ["fs.file-max", "2097152", "required"],
    ["fs.nr_open", "2097152", "required"],
    ["net.core.somaxconn", "32768", "required"],
    ["net.core.netdev_max_backlog", "16384", "advised"],
    ["net.core.rmem_default", "262144", "advised"],
    ["net.core.wmem_default", "262144", "advised"],
    ["net.core.rmem_max", "16777216", "advised"],
    ["net.core.wmem_max", "16777216", "advised"],
    ["net.core.optmem_max", "16777216", "advised"],
    ["net.ipv4.tcp_max_syn_backlog", "16384", "required"],
    ["net.ipv4.tcp_rmem", "1024 4096 16777216", "advised"],
    ["net.ipv4.tcp_wmem", "1024 4096 16777216", "advised"],
    ["net.ipv4.tcp_max_tw_buckets", "1048576", "advised"],
    ["net.ipv4.tcp_fin_timeout", "15", "advised"],
    ["net.ipv4.ip_local_port_range", "1024 65535", "advised"],
    ["net.netfilter.nf_conntrack_max", "2097152", "advised"],
    ["net.netfilter.nf_conntrack_buckets", "524288", "advised"],
    ["net.netfilter.nf_conntrack_tcp_timeout_time_wait", "30", "advised"],
  ];

  it.each(WANTED)("wants %s = %s, %s", (name, value, need) => {
    expect(MILLION.entries.find((entry) => entry.name === name)).toMatchObject({ value, need });
    expect(MILLION.get(name)).toBe(value);
  });

  it("wants nothing else", () => {
    expect(MILLION.entries.map(({ name }) => name).toSorted()).toEqual(WANTED.map(([name]) => name).toSorted());
  });

  it.each<[SysctlName, original: string, reason: RegExp]>([
    ["fs.file-max", "2097152", /lowers the 2\^63-1/],
    ["fs.nr_open", "2097152", /open-file limit stays at 65536/],
    ["net.core.somaxconn", "65536 on the node, 32768 in the pod", /only the pod's value/],
    ["net.ipv4.ip_local_port_range", "1000 65535", /below ip_unprivileged_port_start \(1024\)/],
    ["net.netfilter.nf_conntrack_max", "not set", /default tracks/],
    ["net.netfilter.nf_conntrack_buckets", "not set", /quarter of nf_conntrack_max/],
  ])("keeps what circulates for %s (%s) with the reason against it", (name, value, reason) => {
    expect(MILLION.entries.find((entry) => entry.name === name)?.original).toEqual({ value, reason: expect.stringMatching(reason) });
  });

  it("keeps no original where the list in circulation is right", () => {
    expect(MILLION.entries.filter(({ original }) => original)).toHaveLength(6);
  });

  it("requires an open-file limit that a million connections fit in and every platform grants", () => {
    expect(MILLION.openFiles).toEqual({ limit: 1_048_576, need: "required" });
  });

  it("is called million", () => {
    expect(MILLION.name).toBe("million");
  });
});

describe("SysctlProfile.LOAD_GENERATOR", () => {
  it("uses every port from 1024, where the list in circulation starts at 500 and is refused", () => {
    expect(LOAD_GENERATOR.entries.find(({ name }) => name === "net.ipv4.ip_local_port_range")).toEqual({
      name: "net.ipv4.ip_local_port_range",
      value: "1024 65535",
      need: "required",
      original: { value: "500 65535", reason: expect.stringContaining("ip_unprivileged_port_start (1024)") },
    });
  });

  it("reuses ports early and opens as many files as connections", () => {
    expect(LOAD_GENERATOR.get("net.ipv4.tcp_tw_reuse")).toBe("1");
    expect(LOAD_GENERATOR.get("fs.nr_open")).toBe("1048576");
    expect(LOAD_GENERATOR.openFiles).toEqual({ limit: 1_048_576, need: "required" });
  });
});

describe("SysctlProfile.of()", () => {
  const profile = SysctlProfile.of("edge", { "net.core.somaxconn": 8192, "net.ipv4.tcp_fin_timeout": "30" });

  it("has these keys only, all of them required", () => {
    expect(profile.entries).toEqual([
      { name: "net.core.somaxconn", value: "8192", need: "required" },
      { name: "net.ipv4.tcp_fin_timeout", value: "30", need: "required" },
    ]);
  });

  it("is called what it was named", () => {
    expect(profile.name).toBe("edge");
  });

  it("asks for no more open files than a stock node gives, and does not insist", () => {
    expect(profile.openFiles).toEqual({ limit: 65_536, need: "advised" });
  });
});

describe("a changed profile", () => {
  it.each<[string, (profile: SysctlProfile) => SysctlProfile]>([
    ["with()", (profile) => profile.with({ "net.core.somaxconn": 1024, "vm.swappiness": 1 })],
    ["with() and a need", (profile) => profile.with({ "net.core.somaxconn": 1024 }, "advised")],
    ["without()", (profile) => profile.without("fs.nr_open", "net.core.somaxconn")],
    ["requiring()", (profile) => profile.requiring("net.core.optmem_max")],
    ["advising()", (profile) => profile.advising("fs.file-max")],
    ["withOpenFiles()", (profile) => profile.withOpenFiles(4096, "advised")],
    ["named()", (profile) => profile.named("mine")],
  ])("by %s leaves the one it came from as it was", (_, change) => {
    const before = SysctlProfile.forConnections(1000).named("before");
    const copy = structuredClone({ name: before.name, entries: before.entries, openFiles: before.openFiles });

    const after = change(before);

    expect(after).not.toBe(before);
    expect({ name: after.name, entries: after.entries, openFiles: after.openFiles }).not.toEqual(copy);
    expect({ name: before.name, entries: before.entries, openFiles: before.openFiles }).toEqual(copy);
  });

  it("cannot be changed through the entries it hands out", () => {
    const [first] = MILLION.entries;
    expect(() => Object.assign(first!, { value: "1" })).toThrow(TypeError);
    (MILLION.entries as unknown[]).length = 0;
    expect(MILLION.entries).toHaveLength(18);
  });

  it("keeps the need of a key it had and requires a new one", () => {
    const changed = MILLION.with({ "net.core.optmem_max": 4096, "vm.swappiness": 1 });
    const needOf = (name: SysctlName) => changed.entries.find((entry) => entry.name === name)?.need;
    expect(needOf("net.core.optmem_max")).toBe("advised");
    expect(needOf("vm.swappiness")).toBe("required");
  });

  it("takes the need it is told, for keys it had and for new ones", () => {
    const changed = MILLION.with({ "fs.nr_open": 4_194_304, "vm.swappiness": 1 }, "advised");
    const advised = changed.entries.filter(({ need }) => need === "advised").map(({ name }) => name);
    expect(advised).toEqual(expect.arrayContaining(["fs.nr_open", "vm.swappiness"]));
  });

  it("forgets the original of a value that is no longer ours", () => {
    const changed = MILLION.with({ "net.ipv4.ip_local_port_range": [10_000, 65_535] });
    expect(changed.entries.find(({ name }) => name === "net.ipv4.ip_local_port_range")).toEqual({
      name: "net.ipv4.ip_local_port_range",
      value: "10000 65535",
      need: "advised",
    });
  });

  it("moves exactly the named keys between required and advised, and keeps values and originals", () => {
    const changed = MILLION.requiring("net.core.optmem_max").advising("fs.file-max");
    const expected = MILLION.entries.map((entry) =>
      entry.name === "net.core.optmem_max"
        ? { ...entry, need: "required" }
        : entry.name === "fs.file-max"
          ? { ...entry, need: "advised" }
          : entry,
    );
    expect(changed.entries).toEqual(expected);
  });

  it("keeps the catalogue's order, wherever a key was added", () => {
    const changed = SysctlProfile.of("order", { "net.core.somaxconn": 1 }).with({ "fs.nr_open": 4096, "vm.swappiness": 1 });
    expect(changed.entries.map(({ name }) => name)).toEqual(["fs.nr_open", "vm.swappiness", "net.core.somaxconn"]);
  });

  it("says in its name that it was changed, once", () => {
    expect(MILLION.with({}).without("fs.nr_open").withOpenFiles(4096).name).toBe("million (changed)");
  });

  it.each(["a", "million 2", "edge_v1.2 (test)", "x".repeat(63)])("may be named %j and changed again", (name) => {
    expect(MILLION.named(name).with({ "vm.swappiness": 1 }).name).toBe(`${name} (changed)`);
    expect(SysctlProfile.of(name, { "vm.swappiness": 1 }).name).toBe(name);
  });

  it.each(["", " ", "a\nb", "a'b", "$(reboot)", "`a`", "-a", "größe", "x".repeat(64)])(
    "may not be named %j, which goes into scripts",
    (name) => {
      expect(() => MILLION.named(name)).toThrow(RangeError);
      expect(() => SysctlProfile.of(name, {})).toThrow(RangeError);
    },
  );

  it("skips keys that are undefined, as optional settings are", () => {
    expect(MILLION.with({ "net.core.somaxconn": undefined }).get("net.core.somaxconn")).toBe("32768");
  });

  it("keeps the need of its open-file limit unless told otherwise", () => {
    expect(MILLION.withOpenFiles(4096).openFiles).toEqual({ limit: 4096, need: "required" });
    expect(MILLION.withOpenFiles(4096, "advised").openFiles).toEqual({ limit: 4096, need: "advised" });
  });

  it.each([1024, 2_147_483_584])("may limit open files to %i", (limit) => {
    expect(MILLION.withOpenFiles(limit).openFiles.limit).toBe(limit);
  });

  it.each([1023, 0, -1, 1024.5, Number.NaN, Number.POSITIVE_INFINITY, 2_147_483_585])("cannot limit open files to %d", (limit) => {
    expect(() => MILLION.withOpenFiles(limit)).toThrow(RangeError);
  });

  it.each<[string, () => unknown]>([
    ["without()", () => MILLION.without("vm.swappiness")],
    ["requiring()", () => MILLION.requiring("vm.swappiness")],
    ["advising()", () => MILLION.advising("vm.swappiness")],
  ])("cannot come from %s for a key that the profile does not have", (_, change) => {
    expect(change).toThrow(InvalidSysctlError);
    expect(change).toThrow("'vm.swappiness' is not in profile 'million'");
  });
});

describe("SysctlProfile.forConnections()", () => {
  it("agrees with MILLION at a million, wherever both have a key", () => {
    const computed = SysctlProfile.forConnections(1_000_000);
    const shared = MILLION.entries.filter(({ name }) => computed.get(name) !== undefined);
    expect(shared.length).toBe(18);
    for (const { name, value, need } of shared) {
      expect(computed.entries.find((entry) => entry.name === name)).toMatchObject({ name, value, need });
    }
    expect(computed.openFiles).toEqual(MILLION.openFiles);
  });

  it.each<[connections: number, openFiles: number, Partial<Record<SysctlName, string>>]>([
    [
      1,
      65_536,
      {
        "fs.nr_open": "2097152",
        "fs.file-max": "2097152",
        "net.core.somaxconn": "4096",
        "net.ipv4.tcp_max_syn_backlog": "2048",
        "net.netfilter.nf_conntrack_max": "262144",
        "net.netfilter.nf_conntrack_buckets": "65536",
        "net.ipv4.tcp_max_tw_buckets": "16384",
        "net.ipv4.tcp_mem": "32768 49152 65536",
      },
    ],
    [
      100_000,
      131_072,
      {
        "fs.nr_open": "2097152",
        "net.core.somaxconn": "4096",
        "net.netfilter.nf_conntrack_max": "262144",
        "net.ipv4.tcp_max_orphans": "32768",
      },
    ],
    [
      3_000_000,
      4_194_304,
      {
        "fs.nr_open": "8388608",
        "fs.file-max": "8388608",
        "net.core.somaxconn": "65536",
        "net.ipv4.tcp_max_syn_backlog": "65536",
        "net.netfilter.nf_conntrack_max": "8388608",
        "net.ipv4.tcp_mem": "2097152 3145728 4194304",
      },
    ],
    [10_000_000, 16_777_216, { "fs.nr_open": "33554432", "net.core.somaxconn": "65536", "net.netfilter.nf_conntrack_buckets": "8388608" }],
  ])("computes for %i connections the numbers its table promises", (connections, openFiles, values) => {
    const profile = SysctlProfile.forConnections(connections);
    expect(profile.openFiles).toEqual({ limit: openFiles, need: "required" });
    for (const [name, value] of Object.entries(values)) expect([name, profile.get(name as SysctlName)]).toEqual([name, value]);
  });

  describe("for 1 to 10,000,000 connections", () => {
    const sample = sampleOfConnections();
    const profiles = sample.map((connections) => ({ connections, profile: SysctlProfile.forConnections(connections) }));

    it("is asked for both ends and hundreds of sizes between them", () => {
      expect(sample[0]).toBe(1);
      expect(sample.at(-1)).toBe(10_000_000);
      expect(sample.length).toBeGreaterThan(500);
    });

    it("wants only values that the catalogue takes", () => {
      for (const { profile } of profiles) {
        for (const { name, value } of profile.entries) expect(canonicalValue(name, value)).toBe(value);
      }
    });

    it("never wants less of anything for more connections, except of what does not depend on them", () => {
      for (const [place, { connections, profile }] of profiles.entries()) {
        const smaller = profiles[place - 1]?.profile ?? profile;
        expect(profile.openFiles.limit).toBeGreaterThanOrEqual(smaller.openFiles.limit);
        for (const { name, value } of profile.entries) {
          expect(covers(value, smaller.get(name)!), `${name} at ${connections}: ${value} after ${smaller.get(name)}`).toBe(true);
        }
      }
    });

    it("has room for every connection and a reserve in the container, and for the container in the node", () => {
      for (const { connections, profile } of profiles) {
        const reserve = Math.max(1024, connections * 0.04);
        expect(profile.openFiles.limit, `${connections}`).toBeGreaterThanOrEqual(connections + reserve);
        expect(Number(profile.get("fs.nr_open")), `${connections}`).toBeGreaterThanOrEqual(profile.openFiles.limit);
        expect(Number(profile.get("fs.file-max")), `${connections}`).toBeGreaterThanOrEqual(profile.openFiles.limit);
      }
    });

    it("tracks every connection and its closing predecessor, four to a bucket", () => {
      for (const { connections, profile } of profiles) {
        const max = Number(profile.get("net.netfilter.nf_conntrack_max"));
        expect(max).toBeGreaterThanOrEqual(2 * connections);
        expect(Number(profile.get("net.netfilter.nf_conntrack_buckets"))).toBe(max / 4);
      }
    });
  });

  it.each([0, -1, 1.5, Number.NaN, 10_000_001, Number.POSITIVE_INFINITY])("refuses %d connections", (connections) => {
    expect(() => SysctlProfile.forConnections(connections)).toThrow(RangeError);
    expect(() => SysctlProfile.forConnections(connections)).toThrow(`'connections' is ${connections}`);
  });
});

describe("openFilesFor()", () => {
  it.each([
    [1, 65_536, "never less than a stock container has"],
    [63_015, 65_536, "the most that fits 65,536 with 4 % to spare"],
    [63_016, 131_072, "one more"],
    [1_000_000, 1_048_576, "what every platform grants"],
    [1_008_246, 1_048_576, "the most that fits 1,048,576"],
    [1_008_247, 2_097_152, "one more"],
  ])("%i connections -> %i (%s)", (connections, expected) => {
    expect(openFilesFor(connections)).toBe(expected);
  });
});

describe("a value from outside", () => {
  it.each<[SysctlName, written: unknown, canonical: string]>([
    ["net.core.somaxconn", 1024, "1024"],
    ["net.core.somaxconn", "1024", "1024"],
    ["net.core.somaxconn", " 1024\n", "1024"],
    ["net.core.somaxconn", "01024", "1024"],
    ["kernel.panic", -1, "-1"],
    ["net.ipv4.tcp_rmem", [1024, 4096, 16_777_216], "1024 4096 16777216"],
    ["net.ipv4.tcp_rmem", "1024\t4096\t16777216\n", "1024 4096 16777216"],
    ["net.ipv4.tcp_rmem", [4096, 4096, 4096], "4096 4096 4096"],
    ["net.ipv4.ip_local_port_range", [1024, 1024], "1024 1024"],
    ["net.ipv4.tcp_congestion_control", " bbr ", "bbr"],
    ["net.ipv4.ip_local_reserved_ports", "2703,9808-9809", "2703,9808-9809"],
    ["net.ipv4.ip_local_reserved_ports", "0-65535", "0-65535"],
  ])("%s = %j reads as %s", (name, written, canonical) => {
    expect(canonicalValue(name, written)).toBe(canonical);
  });

  it.each<[name: string, value: unknown, message: string]>([
    ["net.core.somaxcon", 1024, "did you mean 'net.core.somaxconn'?"],
    ["net.ipv4.tcp_max_sync_backlog", 1024, "did you mean 'net.ipv4.tcp_max_syn_backlog'?"],
    ["somaxconn", 1024, "did you mean 'net.core.somaxconn'?"],
    ["dev.cdrom.autoclose", 1, "'dev.cdrom.autoclose' is not in the catalogue"],
    ["", 1, "'' is not in the catalogue"],
    ["__proto__", 1, "'__proto__' is not in the catalogue"],
    ["net.core.somaxconn", "1024 65535", 'is "1024 65535"; it takes one integer, 1 to 2147483647 (connections)'],
    ["net.core.somaxconn", "", 'is ""; it takes one integer'],
    ["net.core.somaxconn", "lots", 'is "lots"; it takes one integer'],
    ["net.core.somaxconn", "0x400", 'is "0x400"; it takes one integer'],
    ["net.core.somaxconn", "1e3", 'is "1e3"; it takes one integer'],
    ["net.core.somaxconn", "1024; reboot", "it takes one integer"],
    ["net.core.somaxconn", 1.5, "is 1.5; it takes one integer"],
    ["net.core.somaxconn", Number.NaN, "is NaN; it takes one integer"],
    ["net.core.somaxconn", Number.POSITIVE_INFINITY, "is Infinity; it takes one integer"],
    ["net.core.somaxconn", 1e21, "is 1e+21; it takes one integer"],
    ["net.core.somaxconn", null, "is null; it takes one integer"],
    ["net.core.somaxconn", true, "is true; it takes one integer"],
    ["net.core.somaxconn", { max: 1024 }, "is an object; it takes one integer"],
    ["net.core.somaxconn", [1024], "is [1024]; it takes one integer"],
    ["net.core.somaxconn", 1024n, "is 1024; it takes one integer"],
    ["net.core.somaxconn", 0, "is 0; 0 is outside its range 1 to 2147483647"],
    ["net.core.somaxconn", -1, "-1 is outside its range 1 to 2147483647"],
    ["net.core.somaxconn", 2_147_483_648, "2147483648 is outside its range 1 to 2147483647"],
    ["fs.nr_open", 2_147_483_585, "outside its range 64 to 2147483584"],
    ["net.ipv4.tcp_rmem", [1024, 4096], 'is [1024, 4096]; it takes 3 integers "min default max"'],
    ["net.ipv4.tcp_rmem", "1024 4096 16777216 1", 'it takes 3 integers "min default max"'],
    ["net.ipv4.tcp_rmem", 4096, 'is 4096; it takes 3 integers "min default max"'],
    ["net.ipv4.tcp_rmem", [4096, 1024, 16_777_216], 'its numbers must ascend: 3 integers "min default max"'],
    ["net.ipv4.tcp_rmem", [0, 4096, 16_777_216], "0 (min) is outside its range"],
    ["net.ipv4.tcp_rmem", [1024, null, 16_777_216], 'is [1024, null, 16777216]; it takes 3 integers "min default max"'],
    ["net.ipv4.tcp_rmem", [[1024], 4096, 16_777_216], 'it takes 3 integers "min default max"'],
    ["net.ipv4.ip_local_port_range", [null, 1024, 65_535], 'it takes 2 integers "low high"'],
    ["net.ipv4.ip_local_port_range", ["1024 ", 65_535], 'it takes 2 integers "low high"'],
    ["net.ipv4.ip_local_port_range", "1000 65535", "starts below ip_unprivileged_port_start (1024), write 1024"],
    ["net.ipv4.ip_local_port_range", [500, 65_535], "500 (low) is outside its range 1024 to 65535"],
    ["net.ipv4.ip_local_port_range", [1024, 65_536], "65536 (high) is outside its range 1024 to 65535"],
    ["net.ipv4.ip_local_port_range", [65_535, 1024], "its numbers must ascend"],
    ["net.ipv4.tcp_congestion_control", "bbr; reboot", "it takes the name of a congestion control"],
    ["net.ipv4.tcp_congestion_control", "", 'is ""; it takes the name of a congestion control'],
    ["net.ipv4.tcp_congestion_control", null, "is null; it takes the name of a congestion control"],
    ["net.ipv4.ip_local_reserved_ports", "65536", "it takes ports and ranges with commas between them"],
    ["net.ipv4.ip_local_reserved_ports", "99999", "it takes ports and ranges with commas between them"],
    ["net.ipv4.ip_local_reserved_ports", "22,", "it takes ports and ranges with commas between them"],
    ["net.ipv4.ip_local_reserved_ports", "22 80", "it takes ports and ranges with commas between them"],
  ])("%s = %o is refused: %s", (name, value, message) => {
    const values = Object.fromEntries([[name, value]]) as SysctlValues;
    const change = () => MILLION.with(values);
    expect(change).toThrow(InvalidSysctlError);
    expect(change).toThrow(message);
  });

  it("is refused rather than rounded where JavaScript's numbers end", () => {
    expect(canonicalValue("fs.file-max", "9007199254740991")).toBe("9007199254740991");
    expect(() => canonicalValue("fs.file-max", "9007199254740993")).toThrow("9007199254740993 is outside");
    expect(() => canonicalValue("fs.file-max", "9223372036854775807")).toThrow("9223372036854775807 is outside");
  });

  it("names the key it is about, as it was written", () => {
    const change = () => MILLION.with({ "net/core/somaxcon": 1 } as SysctlValues);
    expect(change).toThrow(expect.objectContaining({ name: "InvalidSysctlError", sysctl: "net/core/somaxcon" }));
  });

  it("may come by its path below /proc/sys", () => {
    expect(checkSysctlName("net/core/somaxconn")).toBe("net.core.somaxconn");
  });
});

describe("covers()", () => {
  it.each([
    ["2", "1", true],
    ["1", "1", true],
    ["0", "1", false],
    ["10", "9", true],
    ["9223372036854775807", "2097152", true],
    ["9223372036854775806", "9223372036854775807", false],
    ["1024 4096 16777216", "1024 4096 16777216", true],
    ["1024 4095 33554432", "1024 4096 16777216", false],
    ["1024", "1024 1", false],
  ])("%s is as good as %s: %s", (actual, wanted, expected) => {
    expect(covers(actual, wanted)).toBe(expected);
  });
});

// Checked by the compiler: a line below that compiles without its directive is an error.
describe("the type of profile values", () => {
  it("refuses a misspelt name", () => {
    // @ts-expect-error the name lacks an n
    expect(() => MILLION.with({ "net.core.somaxcon": 1024 })).toThrow(InvalidSysctlError);
    // @ts-expect-error so does this one
    expect(() => MILLION.without("net.core.somaxcon")).toThrow(InvalidSysctlError);
    // @ts-expect-error and this one
    expect(MILLION.get("net.core.somaxcon")).toBeUndefined();
  });

  it("refuses a tuple of the wrong length", () => {
    // @ts-expect-error tcp_rmem has three places
    expect(() => MILLION.with({ "net.ipv4.tcp_rmem": [1024, 4096] })).toThrow(InvalidSysctlError);
    // @ts-expect-error the port range has two
    expect(() => MILLION.with({ "net.ipv4.ip_local_port_range": [1024, 2048, 65_535] })).toThrow(InvalidSysctlError);
  });

  it("refuses text where one integer belongs", () => {
    // @ts-expect-error two numbers
    expect(() => MILLION.with({ "net.core.somaxconn": "1024 65535" })).toThrow(InvalidSysctlError);
    // @ts-expect-error a word
    expect(() => MILLION.with({ "net.core.somaxconn": "lots" })).toThrow(InvalidSysctlError);
    // @ts-expect-error a number where text belongs
    expect(() => MILLION.with({ "net.ipv4.tcp_congestion_control": 1 })).toThrow(InvalidSysctlError);
  });

  it("takes every right shape", () => {
    const values = {
      "net.core.somaxconn": "1024",
      "net.ipv4.tcp_fin_timeout": 15,
      "net.ipv4.tcp_rmem": [1024, 4096, 8192],
      "net.ipv4.tcp_wmem": "1024 4096 8192",
      "net.ipv4.tcp_congestion_control": "bbr",
    } as const satisfies SysctlValues;
    expect(SysctlProfile.of("shapes", values).entries.map(({ value }) => value)).toEqual([
      "1024",
      "1024 4096 8192",
      "1024 4096 8192",
      "15",
      "bbr",
    ]);
  });
});

/** Both ends, a ladder of 2 % steps, the powers of two with their neighbours, and the same 300 random sizes at every run; ascending. */
function sampleOfConnections(): number[] {
  const sizes = [1, 10_000_000];
  for (let size = 1; size < 10_000_000; size = Math.ceil(size * 1.02)) sizes.push(size);
  for (let size = 2; size < 10_000_000; size *= 2) sizes.push(size - 1, size, size + 1);
  let seed = 20_260_731;
  for (let drawn = 0; drawn < 300; drawn++) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    sizes.push(1 + Math.floor((seed / 2 ** 32) * 10_000_000));
  }
  return [...new Set(sizes)].sort((a, b) => a - b);
}
