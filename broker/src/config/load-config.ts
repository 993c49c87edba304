import type { Config } from "./config.js";
import { ConfigError } from "./config-error.js";
import { listenerDrafts } from "./listener-drafts.js";
import { listenerFindings } from "./listener-rules.js";
import { parseSettings } from "./parse-settings.js";
import { type ReadFile, readPemFiles } from "./pem-files.js";
import { readSettingsFile } from "./read-settings-file.js";
import { limit, resolveListener } from "./resolve-listener.js";
import { CONFIG_VARIABLE } from "./setting-places.js";
import { problemWith, unknownVariable } from "./setting-problem.js";
import type { Settings } from "./settings-schema.js";
import { fromEnvironment, fromFlags, type Sources } from "./sources.js";

/** Where settings come from. */
export interface ConfigSources {
  /** Texts by flag, as given: `--ws-port` has "8083", `--config` the path of the file. @default - none */
  readonly flags?: ReadonlyMap<string, string>;
  /** Only MQTTD_… is looked at. */
  readonly env: NodeJS.ProcessEnv;
  readonly readFile: ReadFile;
}

/** Settings that hold together, as they were written and as the broker needs them. */
export interface LoadedConfig {
  readonly config: Config;
  /** With defaults, before files are read: fit to be shown. */
  readonly settings: Settings;
}

/**
 * Reads the settings: the command line over the environment over the file over the defaults.
 *
 * @throws ConfigError with every mistake at once
 */
export function loadConfig(from: ConfigSources): Config {
  return loadSettings(from).config;
}

/** As `loadConfig`, with the settings that it comes from. */
export function loadSettings({ flags = new Map(), env, readFile }: ConfigSources): LoadedConfig {
  const environment = fromEnvironment(env);
  const fileName = flags.get("--config") ?? (env[CONFIG_VARIABLE]?.trim() || undefined);
  const file = fileName === undefined ? {} : readSettingsFile(fileName, readFile);
  const sources = { flags: fromFlags(flags), environment: environment.tree, file, fileName };
  return checked(sources, readFile, environment.unknown.map(unknownVariable));
}

/**
 * The configuration that a tree of settings makes, such as the file would hold.
 *
 * @throws ConfigError with every mistake at once
 */
export function configFrom(settings: unknown, readFile: ReadFile): Config {
  return checked({ flags: {}, environment: {}, file: settings, fileName: undefined }, readFile, []).config;
}

function checked(sources: Sources, readFile: ReadFile, already: readonly string[]): LoadedConfig {
  const { settings, left, problems } = parseSettings(sources);
  const drafts = left.has(["listeners"]) ? [] : listenerDrafts(settings);
  const listeners = drafts.map((draft) => ({ draft, ...readPemFiles(draft, readFile) }));
  const findings = [...listenerFindings(drafts, settings, sources), ...listeners.flatMap(({ findings }) => findings)];
  const between = findings.filter(({ path }) => !left.has(path)).map(({ path, why }) => problemWith(path, sources, why));

  const all = new Set([...problems, ...between, ...already]);
  if (all.size > 0) throw new ConfigError([...all]);
  const config = {
    listeners: listeners.map(({ draft, tls }) => resolveListener(draft, settings.mqtt, tls)),
    mqtt: settings.mqtt,
    maxConnections: limit(settings.maxConnections),
    sysIntervalSeconds: settings.sysIntervalSeconds,
    shutdownSeconds: settings.shutdownSeconds,
    log: settings.log,
  };
  return { config: frozen(config), settings };
}

function frozen<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === "object" && part !== null) frozen(part);
  return Object.freeze(value);
}
