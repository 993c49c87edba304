import { ConfigError } from "../../src/config/config-error.js";
import { type ConfigSources, loadConfig } from "../../src/config/load-config.js";

/** Files by path; every other path is not there. */
export function files(texts: Readonly<Record<string, string>>): (path: string) => string {
  return (path) => {
    const text = texts[path];
    if (text === undefined) throw Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), { code: "ENOENT" });
    return text;
  };
}

export interface Given {
  readonly flags?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Text of mqttd.yaml, which --config then names. */
  readonly file?: string;
  readonly others?: Readonly<Record<string, string>>;
}

/** The sources that a user has written. */
export function sources({ flags = {}, env = {}, file, others = {} }: Given): ConfigSources {
  const config = file === undefined ? {} : { "--config": "mqttd.yaml" };
  const texts = file === undefined ? others : { ...others, "mqttd.yaml": file };
  return { flags: new Map(Object.entries({ ...config, ...flags })), env, readFile: files(texts) };
}

/** Every problem of settings that cannot be taken. */
export function problemsOf(given: Given): readonly string[] {
  try {
    loadConfig(sources(given));
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  throw new Error("the settings were taken");
}
