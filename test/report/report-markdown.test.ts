import { describe, expect, it } from "vitest";
import { reportMarkdown } from "../../lib/report/report-markdown";
import { PLATFORM_IDS, samplePool, sampleReport } from "./sample-report";

describe("reportMarkdown()", () => {
  it.each(PLATFORM_IDS)("gives all rows of each table of %s as many columns as its heading", (platform) => {
    const tables = tablesOf(reportMarkdown(sampleReport(samplePool(platform))));

    expect(tables.map(([heading]) => heading)).toEqual([
      ["key", "wanted", "node", "kubelet", "pod", "note"],
      ["key", "circulating", "here", "because"],
      ["key", "why", "source"],
    ]);
    for (const table of tables) expect(new Set(table.map((cells) => cells.length)).size).toBe(1);
  });

  it("keeps a pipe in a note from opening a column", () => {
    const pool = samplePool("gke-cos");
    const rows = pool.tuning.rows.map((row) => ({ ...row, notes: ["a|b \\| c"] }));
    const [table] = tablesOf(reportMarkdown(sampleReport({ ...pool, tuning: { ...pool.tuning, rows } })));

    expect(table!.slice(2).map((cells) => cells.length)).toEqual(rows.map(() => 6));
    expect(table![2]![5]).toBe("a\\|b \\\\\\| c");
  });

  it("puts warnings above the table as an alert", () => {
    const markdown = reportMarkdown(sampleReport(samplePool("aks-ubuntu")));

    expect(markdown.indexOf("> [!WARNING]\n> - net.core.optmem_max: wanted")).toBeGreaterThan(0);
    expect(markdown.indexOf("> [!WARNING]")).toBeLessThan(markdown.indexOf("| key |"));
  });

  it("has neither an alert nor corrections where there is nothing to say", () => {
    const pool = samplePool("eks-al2023");
    const rows = pool.tuning.rows.map(({ original: _, ...row }) => row);
    const markdown = reportMarkdown(sampleReport({ ...pool, tuning: { ...pool.tuning, rows, warnings: [] } }));

    expect(markdown).not.toContain("[!WARNING]");
    expect(markdown).not.toContain("Folklore");
  });
});

/** Every table as lines of cells, split at the pipes that are not escaped. */
function tablesOf(markdown: string): string[][][] {
  return markdown
    .split("\n\n")
    .filter((block) => block.startsWith("|"))
    .map((block) =>
      block.split("\n").map((line) =>
        line
          .replace(/^\| | \|$/g, "")
          .split(/(?<=(?<!\\)(?:\\\\)*) \| /)
          .map((cell) => cell.trim()),
      ),
    );
}
