import { readFileSync } from "node:fs";
import { Argument, Command, InvalidArgumentError, Option } from "commander";
import { ScenarioError } from "../errors";
import { benchArguments, checkScenario, podsOf, type Scenario } from "../load-test/scenario";

interface Flags {
  readonly host: string;
  readonly port: number;
  readonly pod?: number;
}

/** `broker-pools scenario`: the command line that a scenario is. */
export function scenarioCommand(print: (text: string) => void): Command {
  return new Command("scenario")
    .description("the `mqttd bench` command line of a scenario, as LoadTestFleet runs it")
    .addArgument(new Argument("<file>", "scenario as JSON"))
    .addOption(new Option("--host <host>", "name or address of the broker").default("127.0.0.1"))
    .addOption(new Option("--port <port>", "port of the broker").default(1883).argParser(whole))
    .addOption(new Option("--pod <number>", "only what this pod of the fleet does, from 0").argParser(whole))
    .action((file: string, { pod, ...target }: Flags) => {
      const scenario = readScenario(file);
      const pods = podsOf(scenario);
      if (pod !== undefined && pod >= pods)
        throw new ScenarioError(`scenario '${scenario.name}'`, [`has ${pods} pods; write --pod 0 to ${pods - 1}`]);
      const share = pod === undefined ? undefined : `${pod}/${pods}`;
      print(["mqttd", ...benchArguments(scenario, target, share)].map(quoted).join(" "));
    });
}

/** @throws ScenarioError for a file that cannot be read, is not JSON, or is no scenario */
function readScenario(file: string): Scenario {
  try {
    return checkScenario(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    if (error instanceof ScenarioError) throw error;
    throw new ScenarioError(`scenario file '${file}'`, [error instanceof Error ? error.message : String(error)]);
  }
}

function whole(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new InvalidArgumentError("Write a whole number.");
  return number;
}

/** As a shell takes it. */
function quoted(word: string): string {
  return /^[\w./:@%=,+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
