import Ajv, { type ErrorObject, type ValidateFunction } from "ajv";
import type { IConstruct } from "constructs";
import { InvalidPropsError } from "../errors";
import type { Values } from "./merge-values";

/** Compiling a schema takes a quarter of a second, and an application has many releases of one chart. */
const COMPILED = new WeakMap<object, ValidateFunction>();

/**
 * Holds values to a chart's schema, as Helm does at install.
 *
 * @throws InvalidPropsError with everything that is wrong, each by its place in the values
 */
export function checkValues(release: IConstruct, schema: object, values: Values): void {
  const valid = COMPILED.get(schema) ?? new Ajv({ allErrors: true, strict: false, validateFormats: false }).compile(schema);
  COMPILED.set(schema, valid);
  if (valid(values)) return;
  const problems = [...new Set((valid.errors ?? []).filter(isSpecific).map((error) => describe(error, values)))];
  throw new InvalidPropsError(release, "values", `do not fit the chart: ${problems.join("; ")}. Its values.yaml says what each takes`);
}

/** What only sums up other errors says nothing that those do not. */
function isSpecific({ keyword }: ErrorObject): boolean {
  return !["anyOf", "oneOf", "allOf", "if"].includes(keyword);
}

function describe({ instancePath, keyword, message, params }: ErrorObject, values: Values): string {
  const place = instancePath.slice(1).split("/").filter(Boolean);
  if (keyword === "additionalProperties") return `'${[...place, params.additionalProperty].join(".")}' is no value of it`;
  const value = place.reduce<unknown>((node, word) => (node as Record<string, unknown> | undefined)?.[word], values);
  const allowed = keyword === "enum" ? `: ${params.allowedValues.join(", ")}` : "";
  return `'${place.join(".") || "values"}' is ${JSON.stringify(value)} and ${message}${allowed}`;
}
