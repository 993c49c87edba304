import { writeFileSync } from "node:fs";
import { listTests } from "./list-tests.js";
import { conformanceReport, unshownClauses } from "./report.js";

const tests = await listTests();
writeFileSync(new URL("../conformance.md", import.meta.url), conformanceReport(tests));

const unshown = unshownClauses(tests);
if (unshown.length > 0) console.log(`${unshown.length} without test or reason:\n${unshown.join("\n")}`);
