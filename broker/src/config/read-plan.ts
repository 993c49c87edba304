import { type Plan, parsePlan } from "../doctor/plan-file.js";
import { EntryFiles, type Report } from "./entry-files.js";
import type { ReadFile } from "./pem-files.js";

/** The plan of a file, undefined if none is named or if something is wrong, which is reported. */
export function readPlan(path: string | undefined, readFile: ReadFile, report: Report<"planFile">): Plan | undefined {
  const text = new EntryFiles(readFile, report).text("planFile", path);
  if (text === undefined) return undefined;
  try {
    return parsePlan(text);
  } catch (error) {
    report("planFile", `it holds no tuning plan: ${(error as Error).message}; name one that a release of cdktf-broker-pools has made`);
    return undefined;
  }
}
