import { describe, expect, it } from "vitest";
import { reportHtml } from "../../lib/report/report-html";
import { reportMarkdown } from "../../lib/report/report-markdown";
import { reportText } from "../../lib/report/report-text";
import type { StackReport } from "../../lib/report/stack-report";
import { parseHtml } from "./parse-html";
import { PLATFORM_IDS, samplePool, sampleReport, withoutBlanks } from "./sample-report";

/** What a reader sees of each format. */
const FORMATS: readonly (readonly [string, (report: StackReport) => string])[] = [
  ["text of 80 columns", (report) => reportText(report, { width: 80 })],
  ["text of 200 columns", (report) => reportText(report, { width: 200 })],
  ["Markdown", (report) => renderedMarkdown(reportMarkdown(report))],
  ["HTML", (report) => parseHtml(reportHtml(report)).text],
];

const CASES = FORMATS.flatMap(([format, render]) => PLATFORM_IDS.map((platform) => [format, platform, render] as const));

describe("a report as every format prints it", () => {
  it.each(CASES)("%s shows each row of %s with what is wanted, where it is set and why", (_format, platform, render) => {
    const pool = samplePool(platform);
    const seen = withoutBlanks(render(sampleReport(pool)));

    expect(pool.tuning.rows.length).toBeGreaterThan(15);
    for (const { key, wanted, node, pod, notes, original } of pool.tuning.rows) {
      const expected = [key, wanted, node?.value, pod?.value, ...notes, original?.value, original?.reason];
      for (const text of expected) expect(seen).toContain(withoutBlanks(text ?? ""));
    }
  });

  it.each(CASES)("%s repeats the warnings of %s and its facts", (_format, platform, render) => {
    const pool = samplePool(platform);
    const { tuning } = pool;
    const seen = withoutBlanks(render(sampleReport(pool)));

    for (const warning of tuning.warnings) expect(seen).toContain(withoutBlanks(warning));
    for (const entry of tuning.allowedUnsafeSysctls) expect(seen).toContain(entry);
    for (const text of [pool.path, tuning.kernel, tuning.profileName, "dedicated=mqtt-broker:NoSchedule", "example.org/tier=edge"]) {
      expect(seen).toContain(text);
    }
    expect(seen).toContain(`${tuning.openFiles.limit}ineachcontainer,${tuning.openFiles.setByPool ? "setbythepool" : "bytheimage"}`);
  });

  it.each(FORMATS)("%s counts what became of the keys in one line", (_format, render) => {
    const pool = samplePool("aks-ubuntu");
    const count = (status: string) => pool.tuning.rows.filter((row) => row.status === status).length;

    expect(render(sampleReport(pool))).toContain(
      `${count("set")} set, ${count("image")} by the image, ${count("adjusted")} adjusted, ${count("missing")} missing`,
    );
  });

  it.each(FORMATS)("%s shows a warning that belongs to no key", (_format, render) => {
    const { tuning } = samplePool("eks-al2023");
    const warning = "Kubernetes 9.99 is newer than this library knows";

    expect(withoutBlanks(render(sampleReport(samplePool("eks-al2023", { tuning: { ...tuning, warnings: [warning] } }))))).toContain(
      withoutBlanks(warning),
    );
  });

  it.each(FORMATS)("%s keeps apart the pools of one stack", (_format, render) => {
    const seen = render(sampleReport(samplePool("gke-cos"), samplePool("eks-al2023", { labels: {}, taints: [] })));

    expect(seen).toContain("mqtt/gke-cos");
    expect(seen).toContain("mqtt/eks-al2023");
    expect(seen).toContain("none");
  });

  it.each(FORMATS)("%s prints a path of markup as it is", (_format, render) => {
    const path = "mqtt/<script>&|*_a_*`#[x](y)\"'</script>";

    expect(withoutBlanks(render(sampleReport(samplePool("gke-cos", { path, labels: { tick: "a`b|c<d>" } }))))).toContain(path);
    expect(withoutBlanks(render(sampleReport(samplePool("gke-cos", { labels: { tick: "a`b|c<d>" } }))))).toContain("tick=a`b|c<d>");
  });
});

/** Markdown with escapes and line breaks undone. Code spans hold no escapes, so they are taken as they stand. */
function renderedMarkdown(markdown: string): string {
  return markdown
    .split(/((?<![\\`])(`+)(?!`)[\s\S]*?(?<!`)\2(?!`))/)
    .filter((_, place) => place % 3 !== 2)
    .map((part, place) => (place % 2 === 1 ? part.replace(/^(`+) ?| ?(`+)$/g, "") : unescaped(part)))
    .join("");
}

function unescaped(text: string): string {
  return text
    .replaceAll("<br>", " ")
    .replace(/\\([!-/:-@[-`{-~])/g, "$1")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}
