/** A start tag as it was written. */
export interface ParsedTag {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface ParsedPage {
  readonly tags: readonly ParsedTag[];
  /** The text that a reader sees, entities decoded; an element's end is a newline. */
  readonly text: string;
}

const VOID = new Set(["meta", "br", "wbr"]);
const TOKEN = /<!doctype html>|<style>[^<]*<\/style>|<(\/?)([a-z][a-z0-9]*)((?:\s+[a-z-]+="[^"<>]*")*)\s*>|([^<>]+)/y;

/** Reads a page strictly: every character belongs to a tag or to escaped text, and every tag is closed in its order. */
export function parseHtml(page: string): ParsedPage {
  const open: string[] = [];
  const tags: ParsedTag[] = [];
  let text = "";
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < page.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(page);
    if (!token) throw new Error(`not well-formed at ${at}: ${page.slice(at, at + 80)}`);
    const [, slash, name, attributes, characters] = token;
    if (characters !== undefined) text += decode(characters);
    if (name === undefined) continue;
    if (slash) {
      const expected = open.pop();
      if (expected !== name) throw new Error(`</${name}> at ${at} closes <${expected}>`);
      if (!["span", "code", "a"].includes(name)) text += "\n";
      continue;
    }
    tags.push({ name, attributes: attributesOf(attributes ?? "") });
    if (name === "br") text += "\n";
    if (!VOID.has(name)) open.push(name);
  }
  if (open.length > 0) throw new Error(`left open: ${open.join(", ")}`);
  return { tags, text };
}

function attributesOf(written: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [, name, value] of written.matchAll(/([a-z-]+)="([^"]*)"/g)) attributes[name!] = decode(value!);
  return attributes;
}

function decode(escaped: string): string {
  return escaped.replace(/&(?:#(\d+);)?/g, (entity, code) => {
    if (code === undefined) throw new Error(`'${entity}' is not escaped in ${escaped}`);
    return String.fromCharCode(Number(code));
  });
}
