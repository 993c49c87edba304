import { CommanderError } from "commander";
import type { BenchRequest } from "../bench/bench.js";
import { localAdmin } from "../config/admin-address.js";
import type { Config } from "../config/config.js";
import { ConfigError } from "../config/config-error.js";
import { loadSettings } from "../config/load-config.js";
import { ADMIN_TOKEN_VARIABLE } from "../config/setting-places.js";
import type { AdminAddress } from "../ctl/api-client.js";
import { ctl } from "../ctl/ctl.js";
import { type Log, openLog } from "../log.js";
import { ChangedFiles } from "./changed-files.js";
import { settingsText, summaryText } from "./config-text.js";
import type { CtlAsked } from "./ctl-command.js";
import { doctor } from "./doctor.js";
import type { DoctorRequest } from "./doctor-command.js";
import { passwd } from "./passwd.js";
import type { PasswdRequest } from "./passwd-command.js";
import { program } from "./program.js";
import { store } from "./store.js";
import type { StoreRequest } from "./store-command.js";
import { EXIT, type Terminal } from "./terminal.js";

/** Where the settings of a running broker came from. */
export interface SettingsSource {
  /** Reads them again. Throws ConfigError. */
  readonly load: () => Config;
  /** Whether a file has changed that they came from. */
  readonly hasChanged: () => boolean;
}

/** Runs a broker and resolves with the exit code. */
export type Serve = (config: Config, log: Log, source: SettingsSource) => Promise<number>;

/** Runs a load and resolves with the exit code. */
export type Bench = (request: BenchRequest) => Promise<number>;

/** Runs a command line (`["start", "--port", "1884"]`) and resolves with the exit code. */
export async function run(argv: readonly string[], terminal: Terminal, serve: Serve, bench: Bench): Promise<number> {
  const { env, readFile, out, err, isScreen } = terminal;
  const load = (flags: ReadonlyMap<string, string>) => loadSettings({ flags, env, readFile });
  let code: number = EXIT.ok;
  const actions = {
    start: async (flags: ReadonlyMap<string, string>) => {
      const files = new ChangedFiles(readFile);
      const again = () => loadSettings({ flags, env, readFile: files.read }).config;
      const config = again();
      const { level, format } = config.log;
      const chosen = format === "auto" ? (isScreen ? "pretty" : "json") : format;
      const log = openLog({ level, format: chosen, colour: isScreen && !env.NO_COLOR });
      code = await serve(config, log, { load: again, hasChanged: () => files.any });
    },
    check: (flags: ReadonlyMap<string, string>) => out(summaryText(load(flags).config)),
    print: (flags: ReadonlyMap<string, string>) => out(settingsText(load(flags).settings)),
    passwd: async (request: PasswdRequest) => {
      code = await passwd(request, terminal);
    },
    store: async (request: StoreRequest) => {
      code = await store(request, load(request.flags).config.dataDir, terminal);
    },
    doctor: async (request: DoctorRequest) => {
      code = await doctor(request, load, terminal);
    },
    ctl: async (asked: CtlAsked) => {
      code = await ctl(asked, addressOf(asked, terminal), terminal);
    },
    bench: async (request: BenchRequest) => {
      code = await bench(request);
    },
  };
  try {
    await program(actions, terminal).parseAsync([...argv], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (!(error instanceof ConfigError)) throw error;
    err(`mqttd: ${error.message}\n`);
    return EXIT.failure;
  }
}

/** Where the broker that is meant serves operators. */
function addressOf({ admin, tokenFile, node, flags }: CtlAsked, { env, readFile }: Terminal): AdminAddress {
  const given = tokenFile === undefined ? undefined : tokenIn(tokenFile, readFile);
  if (admin !== undefined) return { url: admin, token: given ?? env[ADMIN_TOKEN_VARIABLE], node };
  const { url, token } = localAdmin({ flags, env, readFile });
  return { url, token: given ?? token, node };
}

function tokenIn(path: string, readFile: Terminal["readFile"]): string {
  try {
    return readFile(path).trim();
  } catch (error) {
    throw new ConfigError([`--token-file is ${JSON.stringify(path)}; it cannot be read: ${(error as Error).message}`]);
  }
}
