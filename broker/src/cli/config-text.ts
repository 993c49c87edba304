import { stringify } from "yaml";
import type { Config, ListenerConfig } from "../config/config.js";
import type { Settings } from "../config/settings-schema.js";
import { SHORT_FORM } from "../config/settings-schema.js";

/** Every setting as it is in effect, as YAML that can be a configuration file. Files of keys are named, not shown. */
export function settingsText(settings: Settings): string {
  const replaced: readonly string[] = settings.listeners ? SHORT_FORM : [];
  return stringify(Object.fromEntries(Object.entries(settings).filter(([name]) => !replaced.includes(name))));
}

/** That the settings are right, and what they make. */
export function summaryText({ listeners, maxConnections }: Config): string {
  const limit = maxConnections === Number.POSITIVE_INFINITY ? "no limit on connections" : `at most ${maxConnections} connections`;
  return [`OK: ${listeners.length} ${listeners.length === 1 ? "listener" : "listeners"}, ${limit}`, ...listeners.map(line), ""].join("\n");
}

function line({ name, transport, host, port, tls, webSocket, proxyProtocol, allowAnonymous }: ListenerConfig): string {
  const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const traits = [
    webSocket && `path ${webSocket.path}`,
    tls && `${tls.minVersion} or newer`,
    tls && tls.clientCertificate !== "none" && `client certificate: ${tls.clientCertificate}`,
    proxyProtocol && "PROXY protocol",
    allowAnonymous && "anyone may connect",
  ].filter((trait) => typeof trait === "string");
  return `  ${[`${name}: ${transport} on ${address}`, ...traits].join(", ")}`;
}
