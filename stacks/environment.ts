import type { z } from "zod";
import { Settings } from "./settings-schema";

/** What every setting's variable begins with. */
export const PREFIX = "BROKER_POOLS_";

/** One setting: where it is in the tree, its environment variable and what to write there. */
export interface SettingPlace {
  readonly path: readonly string[];
  readonly variable: string;
  readonly remedy: string;
  readonly schema: z.ZodType;
}

/** Every setting, in the schema's order. */
export const SETTING_PLACES: readonly SettingPlace[] = placesIn(Settings, []);

function placesIn(schema: z.ZodObject, path: readonly string[]): SettingPlace[] {
  return Object.entries(schema.shape).flatMap(([key, field]) => {
    const place = [...path, key];
    const section = unwrap(field as z.ZodType);
    if (section.def.type === "object") return placesIn(section as z.ZodObject, place);
    const remedy = (field as z.ZodType).description ?? section.description ?? "";
    return [{ path: place, variable: variableOf(place), remedy, schema: section }];
  });
}

/** `["eks", "machineType"]` is BROKER_POOLS_EKS_MACHINE_TYPE, and `["eks", "diskGiB"]` BROKER_POOLS_EKS_DISK_GIB. */
function variableOf(path: readonly string[]): string {
  return PREFIX + path.map((word) => word.replace(/[A-Z][a-z]/g, "_$&").toUpperCase()).join("_");
}

/** The schema below `default`, `prefault` and `optional`. */
function unwrap(schema: z.ZodType): z.ZodType {
  const { innerType } = schema.def as { innerType?: z.ZodType };
  return innerType ? unwrap(innerType) : schema;
}

/** Settings from the environment, in the form of the tree, and variables that name no setting. */
export function settingsFromEnvironment(environment: NodeJS.ProcessEnv): { tree: Record<string, unknown>; unknown: string[] } {
  const tree: Record<string, unknown> = {};
  for (const { path, variable, schema } of SETTING_PLACES) {
    const text = environment[variable]?.trim();
    // An empty variable counts as unset, as shells and CI systems make no difference.
    if (!text) continue;
    const section = path.slice(0, -1).reduce(sectionOf, tree);
    section[path.at(-1)!] = typed(text, schema);
  }
  const known = new Set(SETTING_PLACES.map(({ variable }) => variable));
  return { tree, unknown: Object.keys(environment).filter((name) => name.startsWith(PREFIX) && !known.has(name)) };
}

function sectionOf(tree: Record<string, unknown>, word: string): Record<string, unknown> {
  tree[word] ??= {};
  return tree[word] as Record<string, unknown>;
}

/** Text in the form that the setting's type wants; what does not fit stays text, for the schema to refuse. */
function typed(text: string, schema: z.ZodType): unknown {
  switch (schema.def.type) {
    case "number":
      return numberOr(text);
    case "boolean":
      return text === "true" ? true : text === "false" ? false : text;
    case "array":
      return list(text);
    case "record":
      return jsonOr(text);
    case "union":
      return union(text, (schema.def as unknown as z.core.$ZodUnionDef).options);
    default:
      return text;
  }
}

/** A word that is an alternative of its own stays one; otherwise a list where there is one. */
function union(text: string, options: readonly z.core.$ZodType[]): unknown {
  const words = options.flatMap(({ _zod: { def } }) => (def.type === "literal" ? (def as z.core.$ZodLiteralDef<string>).values : []));
  if (words.includes(text)) return text;
  return options.some((option) => option._zod.def.type === "array") ? list(text) : numberOr(text);
}

function numberOr(text: string): number | string {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

/** `a,b` or `["a","b"]`. */
function list(text: string): unknown {
  return text.startsWith("[") ? jsonOr(text) : text.split(",").map((word) => word.trim());
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
