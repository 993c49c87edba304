import { type Command, InvalidArgumentError, Option } from "commander";
import { CHECK_GROUPS } from "../doctor/run-doctor.js";
import { addSettingOptions } from "./setting-options.js";

/** What `mqttd doctor` was asked for. */
export interface DoctorRequest {
  /** The flags of settings, as text. */
  readonly flags: ReadonlyMap<string, string>;
  readonly json: boolean;
  /** Undefined: as the settings have it. */
  readonly connections: number | undefined;
  readonly require: readonly string[];
  readonly skip: readonly string[];
  /** Only report: what is wrong does not change the exit code. */
  readonly advisory: boolean;
}

/** Adds `mqttd doctor` to the commands. It takes the settings of a broker, so that it looks at what that broker would need. */
export function addDoctorCommand(mqttd: Command, action: (request: DoctorRequest) => Promise<void>): Command {
  const command = mqttd
    .command("doctor")
    .description("say whether kernel, limits, memory, NATS and clock are fit for the broker, and what to change");
  const flags = addSettingOptions(command);
  // They are those of `mqttd start`, and would bury the command's own.
  for (const option of command.options) if (option.long !== "--config") option.hideHelp();
  command
    .option("--plan <file>", "tuning plan of the node pool, as the chart mounts it; also the setting planFile")
    .addOption(
      new Option("--connections <number>", "connections that the broker is to hold (default: maxConnections, or 10000)").argParser(
        wholeNumber,
      ),
    )
    .addOption(
      new Option("--require <names>", `checks or keys that are a must too, with commas: ${CHECK_GROUPS.join(", ")}`).argParser(names),
    )
    .addOption(new Option("--skip <names>", "checks or keys that are left out, with commas").argParser(names))
    .option("--advisory", "only report: the exit code is 0 whatever is found")
    .option("--json", "as JSON, for machines");
  return command
    .action(() => {
      const { plan, connections, require = [], skip = [], advisory, json } = command.opts();
      const given = plan === undefined ? flags() : new Map([...flags(), ["--plan-file", plan]]);
      return action({ flags: given, connections, require, skip, advisory: advisory === true, json: json === true });
    })
    .addHelpText(
      "after",
      "\nIt takes every setting of mqttd start as well, from the same places: listeners, maxConnections and nats are looked at.",
    );
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("It takes a whole number from 1 to 999999999.");
  return Number(text);
}

/** A key of a plan has a dot in it, or is RLIMIT_NOFILE. */
function names(text: string): readonly string[] {
  const given = text.split(",").map((name) => name.trim());
  const wrong = given.filter((name) => !(CHECK_GROUPS as readonly string[]).includes(name) && !/^(RLIMIT_NOFILE|\w+\..+)$/.test(name));
  if (wrong.length > 0)
    throw new InvalidArgumentError(`${wrong.join(", ")} is no check: there are ${CHECK_GROUPS.join(", ")}, and the keys of the plan.`);
  return given;
}
