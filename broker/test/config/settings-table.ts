import { ListenerSettings } from "../../src/config/listener-schema.js";
import { isObject, type Path, unwrap, wordsOf } from "../../src/config/schema-path.js";
import { SETTING_PLACES } from "../../src/config/setting-places.js";

/** Every setting with its other names, its default and what it takes, as a Markdown table. */
export function settingsTable(): string {
  const rows = SETTING_PLACES.filter(({ listed }) => listed).map(({ path, variable, flag, byDefault, purpose, takes }) => [
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
