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
  if (path.length === 0 || wordsOf(path) || (schema && objectsIn(schema).length > 0)) return path;
  return settingPath(path.slice(0, -1));
}

/** The names directly below a section; `written` is what stands there, and tells which of several kinds it is. */
export function namesBelow(section: Path, written?: unknown): readonly string[] {
  const schema = schemaAt(section);
  const objects = schema ? objectsIn(schema) : [];
  const ofKind = objects.filter((object) => isOfKind(written, object, discriminatorOf(schema)));
  const names = (ofKind.length > 0 ? ofKind : objects).flatMap(({ shape }) => Object.keys(shape));
  return [...new Set(names)];
}

/** What the setting is for, and what it takes. */
export function wordsOf(path: Path): { purpose: string; takes: string } | undefined {
  const kinds = kindsAt(path);
  if (kinds) return { purpose: "Which kind it is", takes: `one of ${kinds.join(", ")}` };
  const words = meta(path.reduce<z.ZodType | undefined>((schema, word) => schema && below(schema, word, "wrapped"), Settings));
  return words && { purpose: words.title ?? "", takes: words.description ?? "" };
}

export function isObject(schema: z.ZodType): schema is z.ZodObject {
  return schema.def.type === "object";
}

/** The objects that may stand where a schema does: one, or those of a union; fields of the same name mean the same in all of them. */
function objectsIn(schema: z.ZodType): readonly z.ZodObject[] {
  if (isObject(schema)) return [schema];
  return schema.def.type === "union" ? (schema as z.ZodUnion<readonly z.ZodType[]>).options.filter(isObject) : [];
}

/** The field that tells the kinds of objects in a union apart. */
function discriminatorOf(schema: z.ZodType | undefined): string {
  return (schema?.def as { discriminator?: string } | undefined)?.discriminator ?? "";
}

/** What the field at a path may say, if it is one that tells kinds apart. */
function kindsAt(path: Path): readonly unknown[] | undefined {
  const schema = schemaAt(path.slice(0, -1));
  const word = path.at(-1);
  return schema && word !== undefined && discriminatorOf(schema) === word
    ? objectsIn(schema).map(({ shape }) => (shape[word] as z.ZodLiteral).value)
    : undefined;
}

function isOfKind(written: unknown, { shape }: z.ZodObject, discriminator: string): boolean {
  if (typeof written !== "object" || written === null || !Object.hasOwn(shape, discriminator)) return false;
  return Reflect.get(written, discriminator) === (shape[discriminator] as z.ZodLiteral).value;
}

/** The schema below `default`, `prefault` and `optional`. */
export function unwrap(schema: z.ZodType): z.ZodType {
  const { innerType } = schema.def as { innerType?: z.ZodType };
  return innerType ? unwrap(innerType) : schema;
}

function below(schema: z.ZodType, word: string, form: "wrapped" | "unwrapped" = "unwrapped"): z.ZodType | undefined {
  const open = unwrap(schema);
  // Only what the shape itself has: JSON may name `constructor`.
  const next =
    open.def.type === "array"
      ? /^\d+$/.test(word) && (open as z.ZodArray<z.ZodType>).element
      : (objectsIn(open).find(({ shape }) => Object.hasOwn(shape, word))?.shape[word] as z.ZodType | undefined);
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
