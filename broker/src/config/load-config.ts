import { isDeepStrictEqual } from "node:util";
import { resolveAdmin } from "./admin-files.js";
import type { Config } from "./config.js";
import { ConfigError } from "./config-error.js";
import { dataDirOf } from "./data-dir.js";
import { DraftAuthentication } from "./draft-authentication.js";
import { listenerDrafts } from "./listener-drafts.js";
import { type Finding, listenerFindings } from "./listener-rules.js";
import { resolveMetrics } from "./metrics-files.js";
import { resolveNats } from "./nats-files.js";
import { thisHost } from "./nats-schema.js";
import { parseSettings } from "./parse-settings.js";
import { type ReadFile, readPemFiles } from "./pem-files.js";
import { readAuthorization } from "./read-authorization.js";
import { readPlan } from "./read-plan.js";
import { readSettingsFile } from "./read-settings-file.js";
import { limitFindings, resolveLimits } from "./resolve-limits.js";
import { limit, resolveListener } from "./resolve-listener.js";
import { CONFIG_VARIABLE, SETTING_PLACES } from "./setting-places.js";
import { problemWith, unknownVariable } from "./setting-problem.js";
import type { Settings } from "./settings-schema.js";
import { fromEnvironment, fromFlags, merged, type Sources, valueAt } from "./sources.js";

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
  return checked(sources, readFile, environment.unknown.map(unknownVariable), env);
}

/**
 * The configuration that a tree of settings makes, such as the file would hold. Without dataDir it keeps everything in memory, without
 * admin.port it has none.
 *
 * @throws ConfigError with every mistake at once
 */
export function configFrom(settings: unknown, readFile: ReadFile): Config {
  const environment = valueAt(settings, ["admin", "port"]) === undefined ? { admin: { port: "off" } } : {};
  return checked({ flags: {}, environment, file: settings, fileName: undefined }, readFile, []).config;
}

function checked(sources: Sources, readFile: ReadFile, already: readonly string[], env?: NodeJS.ProcessEnv): LoadedConfig {
  const { settings, left, problems } = parseSettings(sources);
  const drafts = left.has(["listeners"]) ? [] : listenerDrafts(settings);
  const access = new DraftAuthentication(settings, { sources, left, readFile });
  const listeners = drafts.map((draft) => ({ draft, pem: readPemFiles(draft, readFile), access: access.read(draft) }));
  const rights = readAuthorization(settings, { left, readFile });
  const aboutNats: Finding[] = [];
  const nats = resolveNats(settings.nats, changedBelow("nats", sources), readFile, (field, why) =>
    aboutNats.push({ path: ["nats", ...field.split(".")], why }),
  );
  const aboutAdmin: Finding[] = [];
  const admin = resolveAdmin(settings.admin, readFile, (field, why) => aboutAdmin.push({ path: ["admin", field], why }));
  const aboutMetrics: Finding[] = [];
  const metrics = resolveMetrics(
    settings.metrics,
    { given: changedBelow("metrics", sources), instance: settings.nats.brokerName ?? thisHost(), readFile },
    (field, why) => aboutMetrics.push({ path: ["metrics", "push", field], why }),
  );
  const aboutPlan: Finding[] = [];
  const plan = readPlan(settings.planFile, readFile, (field, why) => aboutPlan.push({ path: [field], why }));
  const findings = [
    ...listenerFindings(drafts, settings, sources, (draft) => access.entriesOf(draft)),
    ...access.findings,
    ...rights.findings,
    ...limitFindings(settings.limits),
    ...aboutNats,
    ...aboutAdmin,
    ...aboutMetrics,
    ...aboutPlan,
    ...listeners.flatMap(({ pem, access }) => [...pem.findings, ...access.findings]),
  ];
  const between = findings.filter(({ path }) => !left.has(path)).map(({ path, why }) => problemWith(path, sources, why));

  const all = new Set([...problems, ...between, ...already]);
  if (all.size > 0) throw new ConfigError([...all]);
  const config = {
    listeners: listeners.map(({ draft, pem, access }) => resolveListener(draft, settings.mqtt, pem.tls, access.authentication)),
    mqtt: settings.mqtt,
    limits: resolveLimits(settings.limits),
    maxConnections: limit(settings.maxConnections),
    sysIntervalSeconds: settings.sysIntervalSeconds,
    shutdownSeconds: settings.shutdownSeconds,
    reloadSeconds: limit(settings.reloadSeconds),
    drain: { ...settings.drain, disconnectRate: limit(settings.drain.disconnectRate) },
    passwordHashing: settings.passwordHashing,
    authorization: rights.authorization,
    log: settings.log,
    admin,
    metrics,
    dataDir: dataDirOf(settings, env),
    nats,
    plan,
  };
  return { config: frozen(config), settings };
}

/** Names of the settings of a section that have been written otherwise than they are by default. */
function changedBelow(section: string, sources: Sources): readonly string[] {
  const tree = merged(sources);
  const written = SETTING_PLACES.filter(
    ({ path, byDefault }) => path[0] === section && !isDeepStrictEqual(valueAt(tree, path) ?? byDefault, byDefault),
  );
  return written.map(({ path }) => path.slice(1).join("."));
}

function frozen<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === "object" && part !== null) frozen(part);
  return Object.freeze(value);
}
