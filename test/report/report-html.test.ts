import { describe, expect, it } from "vitest";
import { reportHtml } from "../../lib/report/report-html";
import { type ParsedTag, parseHtml } from "./parse-html";
import { PLATFORM_IDS, samplePool, sampleReport } from "./sample-report";

const PAGE = reportHtml(sampleReport(...PLATFORM_IDS.map((platform) => samplePool(platform))));

describe("reportHtml()", () => {
  it("asks for nothing outside the page and runs nothing in it", () => {
    expect(PAGE).not.toMatch(/https?:|\/\/|<script|<link|<img|<iframe|src=|url\(|@import|\son\w+=/i);
    expect(PAGE).toContain("default-src 'none'");
  });

  it("leads every link to an element of the page, and has no id twice", () => {
    const { tags } = parseHtml(PAGE);
    const ids = tags.flatMap(({ attributes }) => attributes.id ?? []);

    expect(new Set(ids).size).toBe(ids.length);
    expect(links(tags).length).toBeGreaterThan(PLATFORM_IDS.length);
    for (const target of links(tags)) expect(ids).toContain(target);
  });

  it("gives each table a caption and each header its scope", () => {
    const { tags } = parseHtml(PAGE);
    const count = (name: string) => tags.filter((tag) => tag.name === name).length;

    expect(count("table")).toBe(1 + 2 * PLATFORM_IDS.length);
    expect(count("caption")).toBe(count("table"));
    expect(tags.filter(({ name, attributes }) => name === "th" && !/^(row|col)$/.test(attributes.scope ?? ""))).toEqual([]);
  });

  it("names the column in each cell, for the layout as cards", () => {
    const { tags } = parseHtml(PAGE);

    expect(tags.filter(({ name, attributes }) => name === "td" && !attributes["data-title"])).toEqual([]);
  });

  it("says each status in words beside its colour", () => {
    const { text } = parseHtml(reportHtml(sampleReport(samplePool("aks-ubuntu"))));

    for (const words of ["✓ set", "○ by the image", "~ adjusted", "✗ missing"]) expect(text).toContain(`${words} – why it matters`);
  });

  it("puts the warnings before the pools, and only where there are some", () => {
    expect(PAGE.indexOf(">⚠ ")).toBeLessThan(PAGE.indexOf('id="pool-1"'));

    const pool = samplePool("eks-al2023");
    expect(reportHtml(sampleReport({ ...pool, tuning: { ...pool.tuning, warnings: [] } }))).not.toContain("⚠");
  });

  it("escapes what could be markup, in attributes too", () => {
    const hostile = "a\"><script>alert(1)</script>&'|";
    const page = reportHtml({ stack: hostile, pools: [samplePool("gke-cos", { path: hostile, labels: { [hostile]: hostile } })] });

    expect(page).not.toContain("<script");
    expect(parseHtml(page).text).toContain(hostile);
  });

  it("gives the same page for the same plan", () => {
    expect(reportHtml(sampleReport(...PLATFORM_IDS.map((platform) => samplePool(platform))))).toBe(PAGE);
  });
});

function links(tags: readonly ParsedTag[]): string[] {
  return tags.flatMap(({ attributes }) => attributes.href?.replace("#", "") ?? []);
}
