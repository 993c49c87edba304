import { describe, expect, it } from "vitest";
import { reportText } from "../../lib/report/report-text";
import { PLATFORM_IDS, samplePool, sampleReport } from "./sample-report";

const ALL = sampleReport(...PLATFORM_IDS.map((platform) => samplePool(platform)));

describe("reportText()", () => {
  it.each([60, 80, 120, 160, 200])("keeps every line within %i columns", (width) => {
    const lines = reportText(ALL, { width }).split("\n");

    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    expect(lines.filter((line) => line !== line.trimEnd())).toEqual([]);
  });

  it("takes a terminal of fewer than 60 columns for one of 60", () => {
    expect(reportText(ALL, { width: 20 })).toBe(reportText(ALL, { width: 60 }));
  });

  it("gives each key one line with its values where the terminal is wide enough", () => {
    const lines = reportText(sampleReport(samplePool("aks-ubuntu")), { width: 200 }).split("\n");

    expect(lines).toContainEqual(expect.stringMatching(/^✓ fs\.nr_open \* +≥ 2097152 +(= 2097152|by the image) /));
    expect(lines).toContainEqual(
      expect.stringMatching(/^✓ net\.core\.somaxconn \* +≥ 32768 +– +allow +32768 \(allowed\) +only in the pod/),
    );
    expect(lines).toContainEqual(expect.stringMatching(/^✓ net\.ipv4\.tcp_fin_timeout +15 +– +– +15 \(safe\) +only in the pod/));
    expect(lines).toContainEqual(expect.stringMatching(/^~ net\.core\.optmem_max +≥ 16777216 +(= \d+ \(adjusted\)) /));
    expect(lines).toContainEqual(expect.stringMatching(/^✗ net\.netfilter\.nf_conntrack_tcp_timeout_time_wait +30 +missing /));
    expect(lines).toContainEqual(expect.stringMatching(/^○ RLIMIT_NOFILE \* +1048576 +by the image /));
  });

  it("shows that a script only raises and an assignment does not", () => {
    const text = reportText(sampleReport(samplePool("eks-al2023")), { width: 200 });

    expect(text).toMatch(/fs\.nr_open \* +≥ 2097152 +≥ 2097152 /);
    expect(text).toMatch(/nf_conntrack_tcp_timeout_time_wait +30 +(= )?30 /);
  });

  it("gives a key a line of its own where the terminal is narrow", () => {
    expect(reportText(sampleReport(samplePool("aks-ubuntu")), { width: 80 })).toMatch(
      /\n✓ net\.core\.somaxconn \*\n {4}≥ 32768 +– +allow +32768 \(allowed\)\n {4}only in the pod/,
    );
  });

  it("breaks values of several numbers before it makes notes narrow", () => {
    const lines = reportText(sampleReport(samplePool("eks-al2023")), { width: 160 }).split("\n");
    const at = lines.findIndex((line) => line.includes("net.ipv4.tcp_rmem"));

    expect(lines[at]).toMatch(/^✓ net\.ipv4\.tcp_rmem +1024 4096 +[=≥] 1024 4096 +– +1024 4096 +on the node too: new pods inherit/);
    expect(lines[at + 1]).toMatch(/^ +16777216 +16777216 +16777216 \(safe\)/);
  });

  it("adds nothing but colour with `colour`", () => {
    const coloured = reportText(ALL, { width: 120, colour: true });
    const escapes = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, "g");

    expect(coloured.match(escapes)?.length).toBeGreaterThan(100);
    expect(coloured.replace(escapes, "")).toBe(reportText(ALL, { width: 120 }));
  });
});
