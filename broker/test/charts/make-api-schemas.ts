/*
 * Makes JSON schemas for kubeconform of Kubernetes' own OpenAPI description, and of custom resources, as their Go modules hold them:
 *
 *     npx tsx broker/test/charts/make-api-schemas.ts
 *
 * Strict: a field that the API does not know is refused, as `kubectl apply --validate=strict` does.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { API_SCHEMAS, CUSTOM_RESOURCES, KUBERNETES_VERSIONS } from "./api-schemas.js";

type Schema = { [word: string]: unknown };
interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

const PREFIX = "#/definitions/";
const QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity";

for (const version of KUBERNETES_VERSIONS) {
  const folder = join(API_SCHEMAS, `v${version}`);
  if (existsSync(folder)) continue;
  // Only whole: an interrupted run begins anew.
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  const swagger = JSON.parse(readFileSync(join(moduleFolder(`k8s.io/kubernetes@v${version}`), "api/openapi-spec/swagger.json"), "utf8"));
  const definitions = Object.fromEntries(Object.entries(swagger.definitions as Schema).map(([name, schema]) => [name, strict(schema)]));
  definitions[QUANTITY] = { oneOf: [{ type: "string" }, { type: "number" }] };
  for (const [name, schema] of Object.entries(swagger.definitions as Record<string, Schema>)) {
    for (const kind of (schema["x-kubernetes-group-version-kind"] ?? []) as Kind[]) {
      write(unfinished, kind, { ...(definitions[name] as Schema), definitions: reachable(name, definitions as Record<string, Schema>) });
    }
  }
  for (const { module, files } of CUSTOM_RESOURCES) {
    for (const file of files) writeCustomResource(unfinished, readFileSync(join(moduleFolder(module), file), "utf8"));
  }
  execFileSync("mv", [unfinished, folder]);
  console.log(folder);
}

/** Where Go keeps a module, fetched if it is not there. */
function moduleFolder(module: string): string {
  return JSON.parse(execFileSync("go", ["mod", "download", "-json", module], { encoding: "utf8", cwd: "/" })).Dir;
}

function writeCustomResource(folder: string, text: string): void {
  const { spec } = parse(text);
  for (const { name, schema } of spec.versions) {
    const resource = strict(schema.openAPIV3Schema) as { properties: Schema };
    // Checked by Kubernetes, which describes it for all resources alike.
    resource.properties.metadata = { type: "object" };
    write(folder, { group: spec.group, version: name, kind: spec.names.kind }, resource);
  }
}

/** As kubeconform's {{ .ResourceKind }}{{ .KindSuffix }}: `statefulset-apps-v1`, `pod-v1`. */
function write(folder: string, { group, version, kind }: Kind, schema: Schema): void {
  const name = [kind, group.split(".")[0], version].filter((word) => word !== "").join("-");
  writeFileSync(join(folder, `${name.toLowerCase()}.json`), JSON.stringify(schema));
}

/** Definitions that one refers to, and those that these refer to. */
function reachable(
  name: string,
  definitions: Readonly<Record<string, Schema>>,
  found: Record<string, Schema> = {},
): Record<string, Schema> {
  JSON.stringify(definitions[name], (word, value) => {
    const other = word === "$ref" ? String(value).slice(PREFIX.length) : undefined;
    if (other !== undefined && found[other] === undefined) {
      found[other] = definitions[other]!;
      reachable(other, definitions, found);
    }
    return value;
  });
  return found;
}

/** OpenAPI's dialect as JSON Schema: no further fields, numbers or texts where either will do, and nothing but what is checked. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== "object" || schema === null) return schema;
  const { description: _, "x-kubernetes-group-version-kind": kinds, ...rest } = schema as Schema;
  if (rest["x-kubernetes-int-or-string"] === true || rest.format === "int-or-string")
    return { oneOf: [{ type: "string" }, { type: "integer" }] };
  // Go's names of number formats say nothing to a JSON schema.
  delete rest.format;
  const result: Schema = {};
  for (const [word, value] of Object.entries(rest)) result[word] = word === "properties" ? mapped(value as Schema) : strict(value);
  const isOpen = rest["x-kubernetes-preserve-unknown-fields"] === true || rest.additionalProperties !== undefined;
  if (rest.properties !== undefined && !isOpen) result.additionalProperties = false;
  if (Array.isArray(kinds) && kinds.length === 1 && rest.properties !== undefined) {
    const { group, version, kind } = kinds[0] as Kind;
    Object.assign(result.properties as Schema, { apiVersion: { const: group ? `${group}/${version}` : version }, kind: { const: kind } });
  }
  return result;
}

/** A property may be called `description` or `format`; only what it is like is a schema. */
function mapped(properties: Schema): Schema {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, strict(schema)]));
}
