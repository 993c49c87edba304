import { type Command, Option } from "commander";
import { CONFIG_VARIABLE, PREFIX, SETTING_PLACES, type SettingPlace } from "../config/setting-places.js";

/**
 * Gives a command a flag for the configuration file and one for every setting, and returns how to read what was given: always text, so
 * that one schema checks the file, the environment and the command line.
 */
export function addSettingOptions(command: Command): () => ReadonlyMap<string, string> {
  const config = new Option("--config <file>", `configuration file, YAML or JSON; also ${CONFIG_VARIABLE} in the environment`);
  const options = [config.helpGroup("Configuration:"), ...SETTING_PLACES.map(optionOf)];
  for (const option of options) command.addOption(option);
  return () => {
    const given: Record<string, unknown> = command.opts();
    return new Map(options.flatMap((option) => textOf(option, given[option.attributeName()])));
  };
}

function optionOf({ flag, schema, purpose, takes, byDefault, group }: SettingPlace): Option {
  const standard = byDefault === undefined ? "" : ` (default: ${typeof byDefault === "string" ? byDefault : JSON.stringify(byDefault)})`;
  const { value, isSelfEvident } = VALUES[schema.def.type] ?? TEXT;
  return new Option(`${flag} ${value}`, `${purpose}${isSelfEvident ? "" : `: ${takes}`}${standard}`).helpGroup(`${group}:`);
}

/** How help shows what comes after a flag, by the type in the schema; what is self-evident is not told in words too. */
const VALUES: Readonly<Record<string, { value: string; isSelfEvident: boolean }>> = {
  boolean: { value: "[true|false]", isSelfEvident: true },
  number: { value: "<number>", isSelfEvident: false },
  union: { value: "<number|off>", isSelfEvident: false },
  enum: { value: "<word>", isSelfEvident: false },
  array: { value: "<json>", isSelfEvident: false },
};
const TEXT = { value: "<text>", isSelfEvident: false };

/** Without a value, a flag of a boolean means true. */
function textOf(option: Option, value: unknown): [string, string][] {
  if (value === undefined) return [];
  return [[option.long!, value === true ? "true" : String(value)]];
}

/** How the three names of a setting follow from each other, for help. */
export const NAMES_OF_SETTINGS = `Every setting has three names: mqtt.maxQos in the file (nested) is ${PREFIX}MQTT_MAX_QOS in the
environment and --mqtt-max-qos on the command line. The command line wins over the environment, the
environment over the file, the file over the defaults.`;
