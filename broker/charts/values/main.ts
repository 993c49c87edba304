/* `npm run charts`: writes values.yaml, values.schema.json and the README's table of each chart, and what is for Grafana and Prometheus. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { monitoringFiles } from "../monitoring/monitoring-files.js";
import { CHARTS } from "./charts.js";
import { generatedFiles } from "./generated-files.js";

const FOLDER = join(import.meta.dirname, "..");
for (const chart of CHARTS) {
  for (const [name, content] of Object.entries(generatedFiles(chart, join(FOLDER, chart.name)))) {
    writeFileSync(join(FOLDER, chart.name, name), content);
  }
}
for (const [name, content] of Object.entries(monitoringFiles())) {
  mkdirSync(dirname(join(FOLDER, "mqttd", name)), { recursive: true });
  writeFileSync(join(FOLDER, "mqttd", name), content);
}
