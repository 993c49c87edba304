import { stringify } from "yaml";
import type { Config, ListenerConfig } from "../config/config.js";
import { withoutSecrets } from "../config/secrets.js";
import type { Settings } from "../config/settings-schema.js";
import { SHORT_FORM } from "../config/settings-schema.js";

/** Every setting as it is in effect, as YAML that can be a configuration file. Files of keys are named, not shown. */
export function settingsText(settings: Settings): string {
  const replaced: readonly string[] = settings.listeners ? SHORT_FORM : [];
  const shown = Object.entries(settings).filter(([name]) => !replaced.includes(name));
  return stringify(withoutSecrets(Object.fromEntries(shown)));
}

/** That the settings are right, and what they make. */
export function summaryText({ listeners, maxConnections }: Config): string {
  const limit = maxConnections === Number.POSITIVE_INFINITY ? "no limit on connections" : `at most ${maxConnections} connections`;
  return [`OK: ${listeners.length} ${listeners.length === 1 ? "listener" : "listeners"}, ${limit}`, ...listeners.map(line), ""].join("\n");
}

function line({ name, transport, host, port, tls, webSocket, proxyProtocol, authentication, allowAnonymous }: ListenerConfig): string {
  const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const traits = [
    webSocket && `path ${webSocket.path}`,
    tls && `${tls.minVersion} or newer`,
    tls && tls.clientCertificate !== "none" && `client certificate: ${tls.clientCertificate}`,
    proxyProtocol && "PROXY protocol",
    authentication.length > 0 && `authentication: ${authentication.map(({ type }) => type).join(", ")}`,
    allowAnonymous && (authentication.length > 0 ? "or no user name" : "anyone may connect"),
  ].filter((trait) => typeof trait === "string");
  return `  ${[`${name}: ${transport} on ${address}`, ...traits].join(", ")}`;
}
