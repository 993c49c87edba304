import type * as z from "zod";
import { isObject, type Path, unwrap, wordsOf } from "./schema-path.js";
import { Settings, SHORT_FORM } from "./settings-schema.js";

/** What every setting's variable begins with. */
export const PREFIX = "MQTTD_";

/** The path of the configuration file, from the environment. */
export const CONFIG_VARIABLE = `${PREFIX}CONFIG`;

/** What lets `mqttd ctl` in, from the environment; no setting of the broker. */
export const ADMIN_TOKEN_VARIABLE = `${PREFIX}ADMIN_TOKEN`;

/** One setting: where it is in the file, its other two names, and what help and refusals say of it. */
export interface SettingPlace {
  readonly path: Path;
  /** For example MQTTD_MQTT_MAX_QOS. */
  readonly variable: string;
  /** For example --mqtt-max-qos. */
  readonly flag: string;
  readonly group: string;
  readonly purpose: string;
  readonly takes: string;
  /** undefined where there is none. */
  readonly byDefault: unknown;
  readonly schema: z.ZodType;
}

/** Every setting, in the schema's order. */
export const SETTING_PLACES: readonly SettingPlace[] = placesIn(Settings, [], Settings.parse({}));

function placesIn(section: z.ZodObject, path: Path, defaults: unknown): SettingPlace[] {
  return Object.entries(section.shape).flatMap(([word, field]) => {
    const place = [...path, word];
    const byDefault = (defaults as Record<string, unknown>)[word];
    const schema = unwrap(field as z.ZodType);
    if (isObject(schema)) return placesIn(schema, place, byDefault);
    const { purpose, takes } = wordsOf(place)!;
    const named = schema.meta()?.namesSection === true ? path : place;
    const [variable, flag] = [variableOf(named), flagOf(named)];
    return [{ path: place, variable, flag, group: groupOf(place), purpose, takes, byDefault, schema }];
  });
}

/** `["mqtt", "maxPacketBytes"]` is MQTTD_MQTT_MAX_PACKET_BYTES. */
function variableOf(path: Path): string {
  return PREFIX + words(path).join("_").toUpperCase();
}

/** `["mqtt", "maxPacketBytes"]` is --mqtt-max-packet-bytes. */
function flagOf(path: Path): string {
  return `--${words(path).join("-").toLowerCase()}`;
}

function words(path: Path): string[] {
  return path.flatMap((word) => word.split(/(?=[A-Z])/));
}

function groupOf([first = ""]: Path): string {
  if (first === "mqtt") return "MQTT";
  if (first === "log") return "Log";
  if (first === "limits") return "Limits";
  if (first === "nats") return "Cluster";
  if (first === "admin") return "Admin port";
  if (first === "metrics") return "Metrics";
  if (["passwordFile", "authentication", "passwordHashing"].includes(first)) return "Authentication";
  if (first === "aclFile" || first.startsWith("authorization")) return "Authorization";
  return first === "listeners" || (SHORT_FORM as readonly string[]).includes(first) ? "Listeners" : "Process";
}
