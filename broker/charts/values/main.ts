/* `npm run charts`: writes values.yaml, values.schema.json and the README's table of each chart. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CHARTS } from "./charts.js";
import { generatedFiles } from "./generated-files.js";

const FOLDER = join(import.meta.dirname, "..");
for (const chart of CHARTS) {
  for (const [name, content] of Object.entries(generatedFiles(chart, join(FOLDER, chart.name)))) {
    writeFileSync(join(FOLDER, chart.name, name), content);
  }
}
