import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const BROKER = join(__dirname, "../broker");
/** Where charts mount it from. */
const BUNDLES = ["mqttd", "load-test"].map((chart) => join(BROKER, "charts", chart, "files/mqttd.js.br"));
/** What the bundle is made of, as far as it is ours. */
const SOURCES = ["src", "shipping", "build.mjs", "package.json"];

/** The bundle of the broker, which the chart mounts, could not be made. */
export class BundleError extends Error {
  override readonly name = "BundleError";
}

/** Builds the broker for the chart where it is missing or older than its sources. Seconds, and only then. @throws BundleError */
export function buildBrokerBundle(): void {
  const madeAt = BUNDLES.map((bundle) => (existsSync(bundle) ? changedAt(bundle) : 0));
  if (Math.min(...madeAt) >= Math.max(...SOURCES.map((path) => changedAt(join(BROKER, path))))) return;
  console.error("Building the broker for its chart …");
  const { status, stderr, error } = spawnSync(process.execPath, ["build.mjs"], { cwd: BROKER, encoding: "utf8" });
  if (status === 0) return;
  throw new BundleError(
    `the broker could not be built: ${error?.message ?? stderr.trim()}. Run 'npm ci', then 'npm run build --workspace broker'`,
  );
}

/** The newest change below a path, in milliseconds. */
function changedAt(path: string): number {
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  return Math.max(mtimeMs, ...readdirSync(path).map((entry) => changedAt(join(path, entry))));
}
