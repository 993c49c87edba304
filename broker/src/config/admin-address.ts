import { plainTokens } from "./admin-files.js";
import { AdminSettings } from "./admin-schema.js";
import { ConfigError } from "./config-error.js";
import type { ConfigSources } from "./load-config.js";
import { readSettingsFile } from "./read-settings-file.js";
import { ADMIN_TOKEN_VARIABLE, CONFIG_VARIABLE } from "./setting-places.js";
import { fromEnvironment, fromFlags, merged, valueAt } from "./sources.js";

/** The process that a container was made for. */
const FIRST_PROCESS = "/proc/1/cmdline";

/** Where a broker that has these settings serves operators, and what lets us in there. */
export interface LocalAdmin {
  readonly url: string;
  readonly token: string | undefined;
}

/**
 * Finds the admin port of the broker on this machine, by the settings that it has been given: those of the environment, of the file, and in a
 * container the flags of its first process. Only what is about the admin port has to be right.
 *
 * @throws ConfigError if it has none
 */
export function localAdmin({ flags = new Map(), env, readFile }: ConfigSources): LocalAdmin {
  const given = new Map([...flagsOfFirstProcess(readFile), ...flags]);
  const fileName = given.get("--config") ?? (env[CONFIG_VARIABLE]?.trim() || undefined);
  const file = fileName === undefined ? {} : readSettingsFile(fileName, readFile);
  const tree = merged({ flags: fromFlags(given), environment: fromEnvironment(env).tree, file, fileName });
  const parsed = AdminSettings.safeParse(valueAt(tree, ["admin"]) ?? {});
  if (!parsed.success) throw new ConfigError(["admin is not understood: mqttd config check says why; or name the port by --admin"]);
  const { host, port, tokensFile } = parsed.data;
  if (port === "off" || port === 0) {
    throw new ConfigError([`admin.port is ${port}: name the admin port by --admin http://127.0.0.1:PORT`]);
  }
  return { url: `http://${named(host)}:${port}`, token: env[ADMIN_TOKEN_VARIABLE] ?? tokenIn(tokensFile, readFile) };
}

function flagsOfFirstProcess(readFile: ConfigSources["readFile"]): ReadonlyMap<string, string> {
  try {
    const words = readFile(FIRST_PROCESS).split("\0");
    const start = words.indexOf("start");
    if (start < 1) return new Map();
    return new Map(
      words.flatMap((word, index): [string, string][] => {
        if (index <= start || !word.startsWith("--")) return [];
        const equals = word.indexOf("=");
        return [equals < 0 ? [word, words[index + 1] ?? ""] : [word.slice(0, equals), word.slice(equals + 1)]];
      }),
    );
  } catch {
    return new Map(); // not Linux, or somebody else's
  }
}

/** Who may read the file of tokens may use them. */
function tokenIn(tokensFile: string | undefined, readFile: ConfigSources["readFile"]): string | undefined {
  if (tokensFile === undefined) return undefined;
  try {
    const tokens = plainTokens(readFile(tokensFile));
    return (tokens.find(({ scope }) => scope === "admin") ?? tokens[0])?.token;
  } catch {
    return undefined; // the broker will say that one is needed
  }
}

/** What is to be called for an address that stands for all. */
function named(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}
