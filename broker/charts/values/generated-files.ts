import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Chart } from "./charts.js";
import { valuesSchema, valuesTable, valuesYaml } from "./render.js";

const TABLE = /(<!-- table values -->\n)[\s\S]*?(\n<!-- end -->)/;

/** The files of a chart that come from its values, by name. The README keeps its text around the table. */
export function generatedFiles({ title, values }: Chart, folder: string): Record<string, string> {
  const readme = readFileSync(join(folder, "README.md"), "utf8");
  if (!TABLE.test(readme)) throw new Error(`${folder}/README.md has no '<!-- table values -->' … '<!-- end -->'`);
  return {
    "values.yaml": valuesYaml(title, values),
    "values.schema.json": valuesSchema(values),
    "README.md": readme.replace(TABLE, (_, start: string, end: string) => `${start}${valuesTable(values)}${end}`),
  };
}
