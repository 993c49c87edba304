import { isAbsolute, join, resolve } from "node:path";
import type { Settings } from "./settings-schema.js";

/** Where services of the system keep their state, by the Filesystem Hierarchy Standard. */
const SYSTEM_FOLDER = "/var/lib/mqttd";

/**
 * Full path of the folder of the store, undefined for none. As the setting says, else the place that systemd (`StateDirectory=`) or the XDG
 * Base Directory Specification has for state that outlives a restart, whatever folder the broker is started from. Without an environment
 * there is no store.
 */
export function dataDirOf({ dataDir }: Settings, env: NodeJS.ProcessEnv | undefined): string | undefined {
  if (dataDir !== undefined) return dataDir === "off" ? undefined : resolve(dataDir);
  return env && stateFolder(env);
}

function stateFolder({ STATE_DIRECTORY = "", XDG_STATE_HOME = "", HOME = "" }: NodeJS.ProcessEnv): string {
  const [given = ""] = STATE_DIRECTORY.split(":");
  if (isAbsolute(given)) return given;
  if (isAbsolute(XDG_STATE_HOME)) return join(XDG_STATE_HOME, "mqttd");
  return isAbsolute(HOME) ? join(HOME, ".local/state/mqttd") : SYSTEM_FOLDER;
}
