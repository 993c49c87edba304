import { SysctlProfile, type SysctlValues } from "../lib";
import { settingsFromEnvironment } from "./environment";
import { parseSettings } from "./parse-settings";
import { problemWith, type Sources, unknownVariable } from "./setting-problem";
import { RULES } from "./settings-rules";
import type { Settings } from "./settings-schema";

/** Where the settings are in cdktf.json's `context`. */
export { CONTEXT_KEY } from "./setting-problem";

/** Settings that hold together, with the profile made of them. */
export type CheckedSettings = Omit<Settings, "profile" | "sysctls"> & { readonly profile: SysctlProfile };

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
  const { profile: _, sysctls: __, ...rest } = settings;
  return { ...rest, profile };
}

/** The profile of the settings, with as many of their sysctls as there are without a mistake. */
function profileOf({ profile, sysctls }: Settings, sources: Sources): { profile: SysctlProfile; problems: string[] } {
  const problems: string[] = [];
  let made = baseProfile(profile);
  for (const [name, value] of Object.entries(sysctls)) {
    try {
      made = made.with({ [name]: value } as SysctlValues);
    } catch (error) {
      problems.push(problemWith(["sysctls", name], sources, error instanceof Error ? error.message : String(error)));
    }
  }
  return { profile: made, problems };
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
