import { describe, expect, it } from "vitest";
import { reportHtml } from "../../lib/report/report-html";
import { reportMarkdown } from "../../lib/report/report-markdown";
import { reportRows } from "../../lib/report/report-rows";
import { reportText } from "../../lib/report/report-text";
import type { ReportedRelease } from "../../lib/report/stack-report";
import { millionPlan, samplePool, sampleReport, withoutBlanks } from "./sample-report";

const plan = millionPlan("gke-cos");

function release(path: string, changes: Readonly<Record<string, string | undefined>> = {}): ReportedRelease {
  const sysctls = new Map(plan.podSysctls.map(({ name, value }) => [name, value]));
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) sysctls.delete(name);
    else sysctls.set(name, value);
  }
  return { path, connectionsPerPod: 50_000, sysctls: [...sysctls].map(([name, value]) => ({ name, value })) };
}

const rowOf = (key: string, ...releases: ReportedRelease[]) => reportRows(plan, releases).find((row) => row.key === key);

describe("the report's pod column", () => {
  it("is the plan's where nothing runs on the pool, and where a release renders just that", () => {
    expect(reportRows(plan, [release("b/Broker")])).toEqual(reportRows(plan));
  });

  it("marks what a release changes", () => {
    const row = rowOf("net.core.somaxconn", release("b/Broker", { "net.core.somaxconn": "4096" }));
    expect(row?.pod).toBe("4096 (changed by b/Broker)");
    expect(row?.notes).toContain("release b/Broker has the pod set 4096 instead of 32768");
  });

  it("marks what a release leaves out", () => {
    const row = rowOf("net.core.somaxconn", release("b/Broker", { "net.core.somaxconn": undefined }));
    expect(row?.pod).toBe("not set (left out by b/Broker)");
    expect(row?.notes).toContain("release b/Broker leaves it out, though the plan has the pod set 32768");
  });

  it("tells releases of one pool apart", () => {
    const row = rowOf("net.core.somaxconn", release("b/One"), release("b/Two", { "net.core.somaxconn": "4096" }));
    expect(row?.pod).toBe("32768 (allowed), 4096 (changed by b/Two)");
  });

  it("has a row for what a release sets beyond the plan", () => {
    const added = rowOf("net.ipv4.tcp_mtu_probing", release("b/Broker", { "net.ipv4.tcp_mtu_probing": "1" }));
    expect(added).toMatchObject({ wanted: "–", node: "–", kubelet: "allow", pod: "1 (added by b/Broker)", required: false });
    expect(added?.why).not.toBe("");
  });

  it.each([
    ["text", (report: ReturnType<typeof sampleReport>) => reportText(report, { width: 400 })],
    ["Markdown", reportMarkdown],
    ["HTML", reportHtml],
  ])("is in the report as %s, with the release and its connections", (_, render) => {
    const pool = samplePool("gke-cos", { releases: [release("b/Broker", { "net.core.somaxconn": "4096" })] });
    const shown = withoutBlanks(render(sampleReport(pool)).replaceAll(/<wbr>|<\/?\w+[^>]*>/g, ""));
    expect(shown).toContain("4096(changedbyb/Broker)");
    expect(shown).toContain("b/Broker,50000connectionsapod");
  });
});
