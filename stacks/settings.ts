import { parseKubernetesVersion, SysctlProfile, type SysctlValues } from "../lib";
import { SETTING_PLACES, settingsFromEnvironment } from "./environment";
import { Settings } from "./settings-schema";

/** Where the settings are in cdktf.json's `context`. */
export const CONTEXT_KEY = "brokerPools";

/** Settings that hold together, with the profile made of them. */
export type CheckedSettings = Omit<Settings, "profile" | "sysctls"> & { readonly profile: SysctlProfile };

/** Everything that is wrong with the settings, a line each with setting, value and remedy. */
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
  const merged = merge(context ?? {}, fromEnvironment.tree);
  const unknown = fromEnvironment.unknown.map((name) => `${name} is no setting; see the README for those there are`);

  const parsed = Settings.safeParse(merged);
  if (!parsed.success)
    throw new SettingsError([...new Set([...parsed.error.issues.flatMap((issue) => describe(issue, merged)), ...unknown])]);

  const { profile: _, sysctls: __, ...rest } = parsed.data;
  const { profile, problems } = profileOf(parsed.data);
  const all = [...problems, ...consistency(parsed.data), ...unknown];
  if (all.length > 0 || !profile) throw new SettingsError(all);
  return { ...rest, profile };
}

type Issue = NonNullable<ReturnType<typeof Settings.safeParse>["error"]>["issues"][number];

/** One line per mistake: setting, value, what to write, and where. */
function describe(issue: Issue, settings: unknown): string[] {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    const section = [CONTEXT_KEY, ...path].join(".");
    return issue.keys.map((key) => `${section}.${key} is no setting; see the README for those there are`);
  }
  const place = SETTING_PLACES.find((candidate) => candidate.path.every((word, index) => word === path[index]));
  if (!place) return [`${[CONTEXT_KEY, ...path].join(".")} is ${show(valueAt(settings, path))}; ${issue.message}`];
  return [problem(place.path, valueAt(settings, place.path))];
}

function problem(path: readonly string[], value: unknown, why?: string): string {
  const place = SETTING_PLACES.find((candidate) => candidate.path.join(".") === path.join("."));
  const where = `set ${[CONTEXT_KEY, ...path].join(".")} in cdktf.json's context or ${place?.variable}`;
  return `${path.join(".")} is ${show(value)}; ${why ?? `it takes ${place?.remedy}`} (${where})`;
}

/** The profile of the settings, or what keeps it from being made. */
function profileOf({ profile, sysctls }: Settings): { profile?: SysctlProfile; problems: string[] } {
  const base =
    profile === "million"
      ? SysctlProfile.MILLION
      : profile === "load-generator"
        ? SysctlProfile.LOAD_GENERATOR
        : SysctlProfile.forConnections(profile);
  const problems: string[] = [];
  let made = base;
  for (const [name, value] of Object.entries(sysctls)) {
    try {
      made = made.with({ [name]: value } as SysctlValues);
    } catch (error) {
      problems.push(problem(["sysctls"], { [name]: value }, message(error)));
    }
  }
  return { profile: made, problems };
}

/** Rules between settings. */
function consistency(settings: Settings): string[] {
  const { minNodes, maxNodes, desiredNodes = minNodes, backend, aks } = settings;
  const problems: string[] = [];
  try {
    parseKubernetesVersion(settings.kubernetesVersion);
  } catch (error) {
    problems.push(problem(["kubernetesVersion"], settings.kubernetesVersion, message(error)));
  }
  if (maxNodes < Math.max(1, minNodes))
    problems.push(problem(["maxNodes"], maxNodes, `it must be at least 1 and at least minNodes (${minNodes})`));
  if (desiredNodes < minNodes || desiredNodes > Math.max(minNodes, maxNodes)) {
    problems.push(problem(["desiredNodes"], desiredNodes, `it must be between minNodes (${minNodes}) and maxNodes (${maxNodes})`));
  }
  for (const field of BACKEND_NEEDS[backend.type]) {
    if (backend[field] === undefined) problems.push(problem(["backend", field], undefined, `backend.type ${backend.type} needs it`));
  }
  if (aks.existingCluster && aks.resourceGroup === undefined) {
    problems.push(problem(["aks", "resourceGroup"], undefined, "an existing cluster is found by its name and resource group"));
  }
  return problems;
}

const BACKEND_NEEDS = {
  local: [],
  s3: ["bucket", "region"],
  azurerm: ["resourceGroup", "storageAccount", "container"],
  gcs: ["bucket"],
} as const;

function merge(base: unknown, over: Record<string, unknown>): unknown {
  if (!isSection(base)) return base;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) merged[key] = isSection(value) && isSection(base[key]) ? merge(base[key], value) : value;
  return merged;
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function valueAt(tree: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (node, word) => (isSection(node) || Array.isArray(node) ? (node as Record<string, unknown>)[word] : undefined),
    tree,
  );
}

function show(value: unknown): string {
  return value === undefined ? "not set" : JSON.stringify(value);
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
