import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkBundle, packagedChart } from "../../lib/release/packaged-chart";
import { stackOf } from "../support/synth";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "chart-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a chart of the package", () => {
  it("is refused without the broker that it mounts, with the command that makes it", () => {
    stackOf((stack) => {
      const chart = { folder, schema: {} };
      expect(() => checkBundle(stack, chart)).toThrow(
        /'image' is not given, and the chart has no broker to mount: .*mqttd\.js\.br and .*mqttd\.mjs missing. Run 'npm run build'/,
      );
      mkdirSync(join(folder, "files"));
      for (const file of ["mqttd.js.br", "mqttd.mjs"]) writeFileSync(join(folder, "files", file), "");
      expect(() => checkBundle(stack, chart)).not.toThrow();
    });
  });

  it("is refused where the package does not have it", () => {
    stackOf((stack) => {
      expect(() => packagedChart(stack, "mosquitto")).toThrow(/'chart' 'mosquitto' is not at .*broker\/charts\/mosquitto/);
    });
  });
});
