import type * as z from "zod";
import { ListenerSettings } from "../../src/config/listener-schema.js";
import { isObject, type Path, unwrap, wordsOf } from "../../src/config/schema-path.js";
import { SETTING_PLACES } from "../../src/config/setting-places.js";

/** Every setting with its other names, its default and what it takes, as a Markdown table. */
export function settingsTable(): string {
  const rows = SETTING_PLACES.map(({ path, variable, flag, byDefault, purpose, takes }) => [
    `\`${path.join(".")}\``,
    `\`${flag}\`<br>\`${variable}\``,
    shown(byDefault),
    `${purpose}: ${takes}`,
  ]);
  return table(["setting", "flag, variable", "default", "for what, and what it takes"], rows);
}

/** Every field of an entry of `listeners`, as a Markdown table. */
export function listenerTable(): string {
  const defaults: unknown = ListenerSettings.parse({ port: 0, tls: { certFile: "-", keyFile: "-" } });
  const rows = fieldsIn(["listeners", "0"], ListenerSettings, defaults);
  return table(["field", "default", "for what, and what it takes"], rows);
}

/** Every field of an entry of a list whose entries are of several kinds, as a Markdown table. */
export function entriesTable({ options }: { readonly options: readonly z.ZodObject[] }): string {
  const rows = options.flatMap(({ shape }) => {
    const { title, description } = shape.type!.meta() as { title: string; description: string };
    return Object.entries(shape).map(([field, schema]) => {
      if (field === "type") return [`**${description}**`, "", "", title];
      const words = wordsIn(schema as z.ZodType);
      return [description, `\`${field}\``, defaultOf(schema as z.ZodType), `${words.title}: ${words.description}`];
    });
  });
  return table(["type", "field", "default", "for what, and what it takes"], rows);
}

function wordsIn(schema: z.ZodType): { title: string; description: string } {
  const own = schema.meta();
  if (own?.title !== undefined) return own as { title: string; description: string };
  return wordsIn((schema.def as unknown as { innerType: z.ZodType }).innerType);
}

function defaultOf(schema: z.ZodType): string {
  const { type, defaultValue } = schema.def as { type: string; defaultValue?: unknown };
  if (type === "default") return shown(defaultValue);
  return type === "optional" ? shown(undefined) : "required";
}

const REQUIRED: readonly string[] = ["port", "tls.certFile", "tls.keyFile"];

function fieldsIn(path: Path, section: typeof ListenerSettings.shape.tls | typeof ListenerSettings, defaults: unknown): string[][] {
  const schema = unwrap(section);
  if (!isObject(schema)) return [];
  return Object.entries(schema.shape).flatMap(([word, field]) => {
    const place = [...path, word];
    const byDefault = (defaults as Record<string, unknown>)[word];
    const words = wordsOf(place);
    if (!words) return fieldsIn(place, field as typeof ListenerSettings.shape.tls, byDefault);
    const name = place.slice(2).join(".");
    return [[`\`${name}\``, REQUIRED.includes(name) ? "required" : shown(byDefault), `${words.purpose}: ${words.takes}`]];
  });
}

function shown(byDefault: unknown): string {
  if (byDefault === undefined) return "–";
  return `\`${typeof byDefault === "string" ? byDefault : JSON.stringify(byDefault)}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
