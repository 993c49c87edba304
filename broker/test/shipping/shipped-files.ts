import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const BROKER = resolve(import.meta.dirname, "../..");

/** What `npm run build` makes of the broker, in a folder of its own that ends with `dispose`. */
export interface ShippedFiles {
  readonly broker: string;
  readonly bundle: string;
  readonly licences: string;
  /** The folder that the chart mounts at /opt/mqttd. */
  readonly chartFiles: string;
  /** What the build printed. */
  readonly printed: string;
  dispose(): void;
}

/** Builds a copy of the broker, so that this tree stays as it is. */
export function buildShippedFiles(): ShippedFiles {
  const folder = mkdtempSync(join(tmpdir(), "mqttd-shipped-"));
  const broker = join(folder, "elsewhere");
  for (const part of ["src", "shipping", "build.mjs", "package.json", "tsconfig.json"]) {
    cpSync(join(BROKER, part), join(broker, part), { recursive: true });
  }
  cpSync(join(BROKER, "../tsconfig.json"), join(folder, "tsconfig.json"));
  symlinkSync(join(BROKER, "../node_modules"), join(folder, "node_modules"));
  const printed = execFileSync("node", ["build.mjs"], { cwd: broker, encoding: "utf8" });
  return {
    broker,
    bundle: join(broker, "dist/mqttd.js"),
    licences: join(broker, "dist/THIRD-PARTY-LICENSES.txt"),
    chartFiles: join(broker, "charts/mqttd/files"),
    printed,
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}
