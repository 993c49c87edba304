import { join } from "node:path";
import { describe, expect, it, type TestContext } from "vitest";
import { Helm, valueSets } from "./helm.js";

/** Tokens are made anew each time that the chart is rendered without a cluster. */
const TOKEN = /^(\s+(?:token|metrics-token|tokens): )\S+$/gm;

/*
 * Every line that the charts render, so that a change of a template shows what it changes. What has to be true of these is in the other
 * tests; these files are read by people when they change: `npx vitest run broker/test/charts/golden.test.ts -u`.
 */
describe.each(["mqttd", "namespace", "load-test"])("the chart %s", (chart) => {
  it.for(valueSets(chart))("renders the values %s as it did", async ([name, file], context: TestContext) => {
    const helm = new Helm(context);
    const text = helm.template(helm.chart(chart), { files: [file] }).replaceAll(TOKEN, "$1…");
    await expect(text).toMatchFileSnapshot(join(import.meta.dirname, "golden", `${chart}-${name}.yaml`));
  });
});
