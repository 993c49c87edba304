import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { CHARTS } from "../../charts/values/charts.js";
import { generatedFiles } from "../../charts/values/generated-files.js";
import { describedBy } from "../../charts/values/render.js";
import { SHORT_FORM } from "../../src/config/settings-schema.js";
import { CHARTS_FOLDER } from "./helm.js";

describe.each(CHARTS)("the values of the chart $name", (chart) => {
  const folder = join(CHARTS_FOLDER, chart.name);
  const file = (name: string) => readFileSync(join(folder, name), "utf8");

  it("are in its files as npm run charts writes them", () => {
    for (const [name, content] of Object.entries(generatedFiles(chart, folder))) expect(file(name), name).toBe(content);
  });

  it("have a description each, and their default in values.yaml", () => {
    const defaults = parse(file("values.yaml"));
    const values = describedBy(chart.values);
    expect(values.length).toBeGreaterThan(10);
    for (const { path, byDefault } of values) {
      const found = path.reduce((node, word) => node[word], defaults);
      expect(found, path.join(".")).toEqual(byDefault);
    }
  });

  it("are strict: no section takes a name that it does not know, but for globals, which other charts share", () => {
    const schema = JSON.parse(file("values.schema.json"));
    const open = openSections(schema, "");
    expect(open).toEqual(chart.name === "mqttd" ? ["global"] : []);
  });

  it("have defaults that their own schema takes, by another program than Helm too", () => {
    const validate = new Ajv({ strict: false }).compile(JSON.parse(file("values.schema.json")));
    validate(parse(file("values.yaml")));
    expect(validate.errors).toBeNull();
  });
});

describe("the chart's value 'config'", () => {
  const { properties } = JSON.parse(readFileSync(join(CHARTS_FOLDER, "mqttd/values.schema.json"), "utf8"));

  it("has no place for what the chart makes of other values", () => {
    const settings = Object.keys(properties.config.properties);
    expect(settings).toEqual(expect.arrayContaining(["mqtt", "limits", "log", "authentication", "authorization"]));
    expect(settings).not.toEqual(expect.arrayContaining(["listeners"]));
    for (const name of [...SHORT_FORM, "listeners", "dataDir", "maxConnections", "admin", "metrics", "planFile"])
      expect(settings).not.toContain(name);
    expect(Object.keys(properties.config.properties.drain.properties)).toEqual(["redirect"]);
    expect(Object.keys(properties.config.properties.nats.properties)).toContain("maxBatchBytes");
    expect(Object.keys(properties.config.properties.nats.properties)).not.toContain("servers");
  });
});

/** Sections with names of their own that take others as well. Maps of labels and what is handed through have none of their own. */
function openSections(schema: { properties?: Record<string, never>; additionalProperties?: unknown }, path: string): string[] {
  const inner = Object.entries(schema.properties ?? {}).flatMap(([name, part]) => openSections(part, path ? `${path}.${name}` : name));
  return schema.properties && schema.additionalProperties !== false ? [path, ...inner] : inner;
}
