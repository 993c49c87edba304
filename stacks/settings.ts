import { type SysctlName, SysctlProfile, type SysctlValues } from "../lib";
import { settingsFromEnvironment } from "./environment";
import { parseSettings } from "./parse-settings";
import { problemWith, type Sources, unknownVariable } from "./setting-problem";
import { RULES } from "./settings-rules";
import type { Settings } from "./settings-schema";

/** Where the settings are in cdktf.json's `context`. */
export { CONTEXT_KEY } from "./setting-problem";

/** Settings that hold together, with the profile made of them. */
export type CheckedSettings = Omit<Settings, "profile" | "sysctls" | "without" | "advised" | "openFiles"> & {
  readonly profile: SysctlProfile;
};

/** Everything that is wrong with the settings, a line each with setting, value, remedy and the place to mend it. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";

  constructor(readonly problems: readonly string[]) {
    super(
      [
        `${problems.length} ${problems.length === 1 ? "setting is" : "settings are"} wrong:`,
        ...problems.map((problem) => `  - ${problem}`),
      ].join("\n"),
    );
  }
}

/**
 * Reads the settings: `context` first, then the environment over it.
 *
 * @throws SettingsError with every mistake at once
 */
export function readSettings(context: unknown, environment: NodeJS.ProcessEnv): CheckedSettings {
  const fromEnvironment = settingsFromEnvironment(environment);
  const sources: Sources = { merged: merge(context ?? {}, fromEnvironment.tree), environment: fromEnvironment.tree };

  const { settings, left, problems } = parseSettings(sources);
  const { profile, problems: sysctlProblems } = profileOf(settings, sources);
  const broken = RULES.filter(({ of, reads = [] }) => ![of, ...reads].some((path) => left.has(path))).flatMap(({ of, broken }) => {
    const why = broken(settings);
    return why === undefined ? [] : [problemWith(of.split("."), { ...sources, parsed: settings }, why)];
  });

  const all = new Set([...problems, ...sysctlProblems, ...broken, ...fromEnvironment.unknown.map(unknownVariable)]);
  if (all.size > 0) throw new SettingsError([...all]);
  const { profile: _profile, sysctls: _sysctls, without: _without, advised: _advised, openFiles: _openFiles, ...rest } = settings;
  return { ...rest, profile };
}

/** The profile of the settings, changed as far as the changes are without a mistake. */
function profileOf(settings: Settings, sources: Sources): { profile: SysctlProfile; problems: string[] } {
  const problems: string[] = [];
  let made = baseProfile(settings.profile);
  for (const [name, value] of Object.entries(settings.sysctls))
    change(["sysctls", name], () => made.with({ [name]: value } as SysctlValues));
  for (const name of settings.without) change(["without"], () => made.without(name as SysctlName));
  for (const name of settings.advised) change(["advised"], () => made.advising(name as SysctlName));
  const { openFiles } = settings;
  if (openFiles !== undefined) change(["openFiles"], () => made.withOpenFiles(openFiles));
  return { profile: made, problems };

  function change(path: string[], changed: () => SysctlProfile): void {
    try {
      made = changed();
    } catch (error) {
      problems.push(problemWith(path, sources, error instanceof Error ? error.message : String(error)));
    }
  }
}

function baseProfile(profile: Settings["profile"]): SysctlProfile {
  if (profile === "million") return SysctlProfile.MILLION;
  if (profile === "load-generator") return SysctlProfile.LOAD_GENERATOR;
  return SysctlProfile.forConnections(profile);
}

/** `over` wins value by value. What is no section in `base` though it should be stays, to be reported. */
function merge(base: unknown, over: Record<string, unknown>): unknown {
  if (!isSection(base)) return base;
  const wins = Object.entries(over).map(([key, value]) =>
    isSection(value) && Object.hasOwn(base, key) ? [key, merge(base[key], value)] : [key, value],
  );
  return { ...base, ...Object.fromEntries(wins) };
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
