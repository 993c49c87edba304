import { nearest } from "./nearest.js";
import { namesBelow, type Path, settingPath, wordsOf } from "./schema-path.js";
import { withoutSecrets } from "./secrets.js";
import { PREFIX, SETTING_PLACES } from "./setting-places.js";
import { merged, type Sources, valueAt } from "./sources.js";

/** One line about a value: setting, value, what is wrong or what it takes instead, and the place to mend it. */
export function problemWith(path: Path, sources: Sources, why?: string): string {
  return `${nameOf(path)} is ${show(path, sources)}; ${why ?? `it takes ${takesOf(path)}`} (${placeOf(path, sources)})`;
}

/** One line about a name in the file that is no setting. */
export function unknownSetting(section: Path, name: string, sources: Sources): string {
  const siblings = namesBelow(section, valueAt(merged(sources), section));
  const near = nearest(name, siblings).map((sibling) => nameOf([...section, sibling]));
  const elsewhere = SETTING_PLACES.filter(({ path }) => path.at(-1) === name).map(({ path }) => nameOf(path));
  const remedy = didYouMean([...near, ...elsewhere]) ?? `the settings here are ${siblings.join(", ")}`;
  return `${nameOf([...section, name])} is no setting; ${remedy} (mend it in ${fileOf(sources)})`;
}

/** One line about a variable that looks like a setting's and is none. */
export function unknownVariable(name: string): string {
  const variables = SETTING_PLACES.map(({ variable }) => variable);
  const word = name.slice(PREFIX.length);
  const near = [...nearest(name, variables, PREFIX.length), ...variables.filter((variable) => variable.endsWith(`_${word}`))];
  const remedy = didYouMean([...new Set(near)]) ?? "mqttd start --help lists those there are";
  return `${name} is no setting; ${remedy} (unset or rename it in the environment)`;
}

/** `listeners[0].tls.certFile`. */
export function nameOf(path: Path): string {
  const name = path.map((word) => (/^\d+$/.test(word) ? `[${word}]` : `.${word}`)).join("");
  return name.replace(/^\./, "") || "the configuration";
}

/** A value from the command line or the environment hides what the file says, so it has to be mended where it is. */
function placeOf(path: Path, sources: Sources): string {
  const place = SETTING_PLACES.find((candidate) => candidate.path.every((word, index) => word === path[index]));
  if (!place) return `mend it in ${fileOf(sources)}`;
  if (valueAt(sources.flags, place.path) !== undefined) return `mend ${place.flag} on the command line`;
  if (valueAt(sources.environment, place.path) !== undefined) return `mend ${place.variable} in the environment`;
  if (valueAt(sources.file, place.path) !== undefined) return `mend it in ${fileOf(sources)}`;
  return `set ${place.flag}, ${place.variable} in the environment, or ${nameOf(path)} in ${fileOf(sources)}`;
}

function fileOf({ fileName }: Sources): string {
  return fileName ?? "the configuration file";
}

function takesOf(path: Path): string {
  return wordsOf(settingPath(path))?.takes ?? `a section of settings: {${namesBelow(path).join(", ")}}`;
}

function show(path: Path, sources: Sources): string {
  const written = valueAt(merged(sources), path);
  if (written !== undefined) return JSON.stringify(withoutSecrets(written));
  const byDefault = SETTING_PLACES.find((place) => place.path.join() === path.join())?.byDefault;
  return byDefault === undefined ? "not set" : `${JSON.stringify(byDefault)} by default`;
}

function didYouMean(names: readonly string[]): string | undefined {
  return names.length > 0 ? `did you mean ${names.join(" or ")}?` : undefined;
}
