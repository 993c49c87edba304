import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { markdownOf } from "./markdown.js";
import type { Report } from "./report.js";
import { svgOf } from "./svg.js";

/** Writes `<date>.json`, `latest.md` and `latest.svg`. */
export function writeReport(report: Report, folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${report.date.replaceAll(":", "-").slice(0, 19)}.json`), `${JSON.stringify(report, undefined, 2)}\n`);
  writeFileSync(join(folder, "latest.md"), markdownOf(report));
  writeFileSync(join(folder, "latest.svg"), svgOf(report));
}
