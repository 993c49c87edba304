import { PREFIX, SETTING_PLACES } from "./environment";

/** Where the settings are in cdktf.json's `context`. */
export const CONTEXT_KEY = "brokerPools";

/** The settings as they were written. */
export interface Sources {
  /** From everywhere, the environment's over the context's. */
  readonly merged: unknown;
  /** From the environment alone. */
  readonly environment: unknown;
  /** With defaults, once they are known. */
  readonly parsed?: unknown;
}

/** One line about a value: setting, value, what is wrong or what it takes instead, and the place to mend it. */
export function problemWith(path: readonly string[], sources: Sources, why?: string): string {
  return `${nameOf(path)} is ${show(path, sources)}; ${why ?? `it takes ${remedyOf(path)}`} (${placeOf(path, sources)})`;
}

/** One line about a setting in the context that does not exist. */
export function unknownSetting(section: readonly string[], key: string): string {
  const siblings = childrenOf(section);
  const near = nearest(key, siblings).map((name) => nameOf([...section, name]));
  const elsewhere = SETTING_PLACES.filter(({ path }) => path.at(-1) === key).map(({ path }) => nameOf(path));
  const remedy = didYouMean([...near, ...elsewhere]) ?? `the settings here are ${siblings.join(", ")}`;
  return `${nameOf([...section, key])} is no setting; ${remedy} (mend ${inContext([...section, key])})`;
}

/** One line about a variable that looks like a setting's and is none. */
export function unknownVariable(name: string): string {
  const variables = SETTING_PLACES.map(({ variable }) => variable);
  const elsewhere = SETTING_PLACES.filter(
    ({ variable, path }) => path.length > 1 && name === PREFIX + variable.split("_").slice(3).join("_"),
  );
  const near = [...nearest(name, variables), ...elsewhere.map(({ variable }) => variable)];
  const remedy = didYouMean(near) ?? "README.md lists those there are";
  return `${name} is no setting; ${remedy} (unset or rename it in the environment)`;
}

/** What is at a path of a tree. Only what the tree itself has: JSON may name `constructor`. */
function valueAt(tree: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (node, word) => (typeof node === "object" && node !== null && Object.hasOwn(node, word) ? Reflect.get(node, word) : undefined),
    tree,
  );
}

/** The setting that a path is, or is a part of. */
export function settingAt(path: readonly string[]) {
  return SETTING_PLACES.find((place) => place.path.every((word, index) => word === path[index]));
}

function remedyOf(path: readonly string[]): string {
  return settingAt(path)?.remedy ?? `a section of settings: {${childrenOf(path).join(", ")}}`;
}

/** A value from the environment hides what the context says, so it has to be mended there. */
function placeOf(path: readonly string[], sources: Sources): string {
  const variable = settingAt(path)?.variable;
  if (variable && valueAt(sources.environment, path) !== undefined) return `mend ${variable} in the environment`;
  return `set ${inContext(path)}${variable ? `, or ${variable} in the environment` : ""}`;
}

function inContext(path: readonly string[]): string {
  return `${[CONTEXT_KEY, ...path].join(".")} in cdktf.json's context`;
}

function nameOf(path: readonly string[]): string {
  return path.join(".") || CONTEXT_KEY;
}

/** Names of the settings and sections directly below a section. */
function childrenOf(section: readonly string[]): string[] {
  const below = SETTING_PLACES.filter(({ path }) => section.every((word, index) => word === path[index]));
  return [...new Set(below.map(({ path }) => path[section.length]!))];
}

/** The name that shares nearly all letters, in whatever order and case; none where there is none. */
function nearest(name: string, known: readonly string[]): string[] {
  const most = Math.min(3, name.replace(PREFIX, "").length / 4);
  const slips = (candidate: string) => lettersApart(name.toLowerCase(), candidate.toLowerCase());
  return [...known]
    .filter((candidate) => slips(candidate) <= most)
    .sort((one, other) => slips(one) - slips(other))
    .slice(0, 1);
}

/** How many letters are in one of the two words only. */
function lettersApart(one: string, other: string): number {
  const left = [...one].reduce((letters, letter) => letters.replace(letter, ""), other);
  return 2 * left.length + one.length - other.length;
}

function didYouMean(names: readonly string[]): string | undefined {
  return names.length > 0 ? `did you mean ${names.join(" or ")}?` : undefined;
}

function show(path: readonly string[], { merged, parsed }: Sources): string {
  const [written, byDefault] = [valueAt(merged, path), valueAt(parsed, path)];
  if (written !== undefined) return JSON.stringify(written);
  return byDefault === undefined ? "not set" : `${JSON.stringify(byDefault)} by default`;
}
