import { ConfigError } from "../config/config-error.js";
import type { LoadedConfig } from "../config/load-config.js";
import { reportText } from "../doctor/report-text.js";
import { runDoctor } from "../doctor/run-doctor.js";
import { thisMachine } from "../doctor/this-machine.js";
import type { DoctorRequest } from "./doctor-command.js";
import { EXIT, type Terminal } from "./terminal.js";

/** Does what `mqttd doctor` was asked for, and resolves with the exit code. */
export async function doctor(
  request: DoctorRequest,
  load: (flags: ReadonlyMap<string, string>) => LoadedConfig,
  { out, err, isScreen, env }: Pick<Terminal, "out" | "err" | "isScreen" | "env">,
): Promise<number> {
  try {
    const { config } = load(request.flags);
    const report = await runDoctor({ ...request, config }, thisMachine());
    out(request.json ? `${JSON.stringify(report, undefined, 2)}\n` : reportText(report, { colour: isScreen && !env.NO_COLOR }));
    return report.ok || request.advisory ? EXIT.ok : EXIT.failure;
  } catch (error) {
    // Not what it is about: 1 says that this machine was looked at, and is not fit.
    if (!(error instanceof ConfigError)) throw error;
    err(`mqttd: ${error.message}\n`);
    return EXIT.usage;
  }
}
