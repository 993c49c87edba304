import { problemWith, type Sources, settingAt, unknownSetting } from "./setting-problem";
import { Settings } from "./settings-schema";

type Issue = NonNullable<ReturnType<typeof Settings.safeParse>["error"]>["issues"][number];

/** What could be read, and what not. */
export interface ParsedSettings {
  /** Whole: a default stands in where something was left out. */
  readonly settings: Settings;
  /** What had to be left out, such as `eks.spot` or `eks`. */
  readonly left: Omitted;
  readonly problems: readonly string[];
}

/** Checks each setting by itself. Wrong ones are left out, so that rules between the others can still be checked. */
export function parseSettings(sources: Sources): ParsedSettings {
  const parsed = Settings.safeParse(sources.merged);
  if (parsed.success) return { settings: parsed.data, left: new Omitted([]), problems: [] };

  const { issues } = parsed.error;
  const paths = issues.flatMap(pathsOf);
  return {
    settings: Settings.parse(paths.reduce(without, sources.merged)),
    left: new Omitted(paths.map((path) => path.join("."))),
    problems: issues.flatMap((issue) => describe(issue, sources)),
  };
}

/** Settings and sections that were left out. */
export class Omitted {
  constructor(private readonly paths: readonly string[]) {}

  /** Whether a setting, or the section around it, was left out. */
  has(path: string): boolean {
    return this.paths.some((omitted) => omitted === "" || omitted === path || path.startsWith(`${omitted}.`));
  }
}

function describe(issue: Issue, sources: Sources): string[] {
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownSetting(issue.path.map(String), key));
  return pathsOf(issue).map((path) => problemWith(path, sources));
}

/** A wrong entry leaves the whole list out, but of a table only itself. */
function pathsOf(issue: Issue): string[][] {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => [...path, key]);
  const place = settingAt(path);
  return [place ? path.slice(0, place.path.length + (place.schema.def.type === "record" ? 1 : 0)) : path];
}

function without(tree: unknown, [word, ...rest]: readonly string[]): unknown {
  if (word === undefined) return {};
  const section = tree as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(section).flatMap(([key, value]) =>
      key !== word ? [[key, value]] : rest.length === 0 ? [] : [[key, without(value, rest)]],
    ),
  );
}
