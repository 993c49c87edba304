import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { AssetType, TerraformAsset } from "cdktf";
import type { Construct } from "constructs";
import { InvalidPropsError } from "../errors";

/** Charts of this package. They lie at the same place seen from `lib/release` and from `dist/release`. */
const CHARTS = join(__dirname, "../../broker/charts");

/** A chart that the package brings along. */
export interface PackagedChart {
  /** Full path of its folder. */
  readonly folder: string;
  /** Its values.schema.json. */
  readonly schema: object;
}

/** Charts that have been read; they are files of the package and do not change. */
const READ = new Map<string, PackagedChart>();

/** @throws InvalidPropsError when the package is incomplete */
export function packagedChart(scope: Construct, name: string): PackagedChart {
  const read = READ.get(name);
  if (read) return read;
  const folder = join(CHARTS, name);
  const schema = join(folder, "values.schema.json");
  if (!existsSync(schema)) {
    throw new InvalidPropsError(
      scope,
      "chart",
      `'${name}' is not at ${folder}; install the package anew, or check out the whole repository`,
    );
  }
  const chart = { folder, schema: JSON.parse(readFileSync(schema, "utf8")) };
  READ.set(name, chart);
  return chart;
}

/** The broker and what runs it, where `npm run build` of the broker puts them. */
const BUNDLE = ["files/mqttd.js.br", "files/mqttd.mjs"];

/** @throws InvalidPropsError when the chart has not got the broker it mounts */
export function checkBundle(scope: Construct, { folder }: PackagedChart): void {
  const missing = BUNDLE.filter((file) => !existsSync(join(folder, file)));
  if (missing.length === 0) return;
  throw new InvalidPropsError(
    scope,
    "image",
    `is not given, and the chart has no broker to mount: ${missing.map((file) => join(folder, file)).join(" and ")} missing. Run 'npm run build' in the repository, or name an image that has it`,
  );
}

/**
 * Copies the chart beside the stack's Terraform and returns its path from there. The path has the content's hash in it, since Helm's provider upgrades a
 * release of a local chart only when path, version or values change: a new broker thus rolls by itself.
 */
export function chartPath(scope: Construct, { folder }: PackagedChart): string {
  return `./${new TerraformAsset(scope, "Chart", { path: folder, type: AssetType.DIRECTORY }).path}`;
}
