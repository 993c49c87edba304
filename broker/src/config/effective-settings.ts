import type { Config } from "./config.js";
import { withoutSecrets } from "./secrets.js";

/** Fields that hold what was in a file: secrets, and what would be too much to show. */
const HIDDEN = new Set(["ca", "cert", "key", "pem", "secret", "text", "headers", "password", "token", "seed", "digest", "user"]);

/** The configuration in force, fit to be shown: *** stands for what may be a secret, and lists of users are only counted. */
export function effectiveSettings(config: Config): unknown {
  return shown(config);
}

function shown(value: unknown): unknown {
  if (value === Number.POSITIVE_INFINITY) return "off";
  if (typeof value !== "object" || value === null) return withoutSecrets(value);
  if (Array.isArray(value)) return value.map(shown);
  if (value instanceof Map || value instanceof Set) return { count: value.size };
  const kind = Object.getPrototypeOf(value);
  if (kind !== Object.prototype && kind !== null) return "***";
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, below]) => (below === undefined ? [] : [[name, HIDDEN.has(name) ? "***" : shown(below)]])),
  );
}
