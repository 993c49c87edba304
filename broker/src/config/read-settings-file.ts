import { parseDocument } from "yaml";
import { ConfigError } from "./config-error.js";
import type { ReadFile } from "./pem-files.js";

/**
 * What a configuration file holds: JSON if it is named so, else YAML, of which JSON is a part. An empty one holds nothing.
 *
 * @throws ConfigError if it cannot be read or understood
 */
export function readSettingsFile(path: string, readFile: ReadFile): unknown {
  const text = readText(path, readFile);
  return (path.endsWith(".json") ? parseJson(path, text) : parseYaml(path, text)) ?? {};
}

function readText(path: string, readFile: ReadFile): string {
  try {
    return readFile(path);
  } catch (error) {
    throw new ConfigError([
      `config is ${JSON.stringify(path)}; it cannot be read: ${(error as Error).message}; name a file that the broker may read`,
    ]);
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return text.trim() === "" ? undefined : JSON.parse(text);
  } catch (error) {
    throw new ConfigError([`config is ${JSON.stringify(path)}; it is not JSON: ${(error as Error).message}; mend it`]);
  }
}

function parseYaml(path: string, text: string): unknown {
  const document = parseDocument(text);
  if (document.errors.length > 0) {
    // The lines after the first show the place with a caret, which only a terminal could.
    const problems = document.errors.map(({ message }) => message.split("\n")[0]?.replace(/:$/, ""));
    throw new ConfigError(problems.map((problem) => `config is ${JSON.stringify(path)}; it is not YAML: ${problem}; mend it`));
  }
  return document.toJS();
}
