import type * as z from "zod";
import { Settings } from "./settings-schema.js";

/** Words from the top of the settings to one of them; an entry of a list by its number: `["listeners", "0", "port"]`. */
export type Path = readonly string[];

/** The schema of what stands at a path, without `default` and `optional` around it; undefined where nothing may stand. */
export function schemaAt(path: Path): z.ZodType | undefined {
  return path.reduce<z.ZodType | undefined>((schema, word) => schema && below(schema, word), Settings);
}

/** The setting or section that a path is part of: an entry of a list of texts is part of its list. */
export function settingPath(path: Path): Path {
  const schema = schemaAt(path);
  if (path.length === 0 || wordsOf(path) || (schema && isObject(schema))) return path;
  return settingPath(path.slice(0, -1));
}

/** The names directly below a section. */
export function namesBelow(section: Path): readonly string[] {
  const schema = schemaAt(section);
  return schema && isObject(schema) ? Object.keys(schema.shape).filter((name) => isListed([...section, name])) : [];
}

/** What the setting is for, and what it takes. */
export function wordsOf(path: Path): { purpose: string; takes: string } | undefined {
  const words = meta(path.reduce<z.ZodType | undefined>((schema, word) => schema && below(schema, word, "wrapped"), Settings));
  return words && { purpose: words.title ?? "", takes: words.description ?? "" };
}

export function isObject(schema: z.ZodType): schema is z.ZodObject {
  return schema.def.type === "object";
}

/** Names of later versions are known, but not offered. */
export function isListed(path: Path): boolean {
  return schemaAt(path)?.def.type !== "never";
}

/** The schema below `default`, `prefault` and `optional`. */
export function unwrap(schema: z.ZodType): z.ZodType {
  const { innerType } = schema.def as { innerType?: z.ZodType };
  return innerType ? unwrap(innerType) : schema;
}

function below(schema: z.ZodType, word: string, form: "wrapped" | "unwrapped" = "unwrapped"): z.ZodType | undefined {
  const open = unwrap(schema);
  // Only what the shape itself has: JSON may name `constructor`.
  const next = isObject(open)
    ? Object.hasOwn(open.shape, word) && (open.shape[word] as z.ZodType)
    : open.def.type === "array" && /^\d+$/.test(word) && (open as z.ZodArray<z.ZodType>).element;
  if (!next) return undefined;
  return form === "wrapped" ? next : unwrap(next);
}

function meta(schema: z.ZodType | undefined): { title?: string; description?: string } | undefined {
  if (!schema) return undefined;
  const own = schema.meta();
  if (own?.title !== undefined) return own as { title: string; description?: string };
  const { innerType } = schema.def as { innerType?: z.ZodType };
  return meta(innerType);
}
