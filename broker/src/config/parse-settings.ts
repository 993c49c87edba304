import { type Path, settingPath } from "./schema-path.js";
import { problemWith, unknownSetting } from "./setting-problem.js";
import { Settings } from "./settings-schema.js";
import { merged, type Sources } from "./sources.js";

type Issue = NonNullable<ReturnType<typeof Settings.safeParse>["error"]>["issues"][number];

/** What could be read, and what not. */
export interface ParsedSettings {
  /** Whole: a default stands in where something was left out. */
  readonly settings: Settings;
  /** What had to be left out. */
  readonly left: Omitted;
  readonly problems: readonly string[];
}

/** Checks each setting by itself. Wrong ones are left out, so that rules between the others can still be checked. */
export function parseSettings(sources: Sources): ParsedSettings {
  const tree = merged(sources);
  const parsed = Settings.safeParse(tree);
  if (parsed.success) return { settings: parsed.data, left: new Omitted([]), problems: [] };

  const { issues } = parsed.error;
  const paths = issues.flatMap(pathsOf).map(whole);
  return {
    settings: Settings.parse(paths.reduce(without, tree)),
    left: new Omitted(paths),
    problems: issues.flatMap((issue) => describe(issue, sources)),
  };
}

/** Settings, sections and listeners that were left out. */
export class Omitted {
  readonly #paths: readonly string[];

  constructor(paths: readonly Path[]) {
    this.#paths = paths.map((path) => path.join("."));
  }

  /** Whether a setting, or what it is part of, was left out. */
  has(path: Path): boolean {
    const wanted = path.join(".");
    return this.#paths.some((left) => left === "" || left === wanted || wanted.startsWith(`${left}.`));
  }
}

function describe(issue: Issue, sources: Sources): string[] {
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownSetting(issue.path.map(String), key, sources));
  return pathsOf(issue).map((path) => problemWith(path, sources));
}

function pathsOf(issue: Issue): Path[] {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => [...path, key]);
  return [settingPath(path)];
}

/** A listener with a mistake is left out as a whole, and so is a list in which the order counts. */
function whole(path: Path): Path {
  if (path[0] === "authentication" || path[0] === "authorization") return path.slice(0, 1);
  return path[0] === "listeners" ? path.slice(0, 2) : path;
}

/** Stands where a listener was left out, so that the others keep their numbers. */
const NO_LISTENER = { port: 0 };

function without(tree: unknown, [word, ...rest]: Path): unknown {
  if (word === undefined) return {};
  if (Array.isArray(tree)) return tree.with(Number(word), NO_LISTENER);
  return Object.fromEntries(
    Object.entries(tree as Record<string, unknown>).flatMap(([key, value]) =>
      key !== word ? [[key, value]] : rest.length === 0 ? [] : [[key, without(value, rest)]],
    ),
  );
}
