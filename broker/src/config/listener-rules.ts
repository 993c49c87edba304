import type { AuthenticationEntry } from "./authentication-schema.js";
import { isLoopback, isSecure, isWebSocket, type ListenerDraft, listenerName } from "./listener-drafts.js";
import type { Path } from "./schema-path.js";
import { nameOf } from "./setting-problem.js";
import type { Settings } from "./settings-schema.js";
import { SHORT_FORM } from "./settings-schema.js";
import { merged, type Sources, valueAt } from "./sources.js";

/** What is wrong with one setting in view of others. */
export interface Finding {
  readonly path: Path;
  readonly why: string;
}

/** Everything that is wrong between the settings of the listeners. */
export function listenerFindings(
  drafts: readonly ListenerDraft[],
  settings: Settings,
  sources: Sources,
  entriesOf: (draft: ListenerDraft) => readonly AuthenticationEntry[] | undefined,
): readonly Finding[] {
  return [
    ...(settings.listeners ? mixedForms(sources) : unusedTls(drafts, settings)),
    ...drafts.flatMap((draft) => [...accessFindings(draft, entriesOf(draft)), ...tlsFindings(draft, sources), ...webSocketFindings(draft)]),
    ...doubles(drafts),
  ];
}

function mixedForms(sources: Sources): Finding[] {
  const tree = merged(sources);
  return SHORT_FORM.filter((name) => valueAt(tree, [name]) !== undefined).map((name) => ({
    path: [name],
    why: "listeners replaces it: leave it out, or say it in each entry of listeners",
  }));
}

/** Who may come in: whom an authenticator knows, or anyone where that is said. */
function accessFindings({ settings, placeOf }: ListenerDraft, entries: readonly AuthenticationEntry[] | undefined): Finding[] {
  const { host, allowAnonymous, tls, proxyProtocol } = settings;
  const path = placeOf("allowAnonymous");
  if (entries === undefined) return [];
  if (entries.length > 0) {
    const showsCertificates = proxyProtocol || (tls !== undefined && tls.clientCertificate !== "none");
    if (allowAnonymous || showsCertificates || entries.some(({ type }) => type !== "certificate")) return [];
    const why = "no client can show a certificate here, and nothing else is asked for: make it request or require";
    return [{ path: placeOf("tls.clientCertificate"), why }];
  }
  const remedy = "set passwordFile or authentication";
  if (isLoopback(host)) {
    return allowAnonymous === false ? [{ path, why: `without authentication nobody could connect: ${remedy}, or leave it out` }] : [];
  }
  if (allowAnonymous) return [];
  const beyond = `${nameOf(placeOf("host"))} ${JSON.stringify(host)} can be reached from other machines`;
  return [
    { path, why: `${beyond}, and there is no authentication: ${remedy}, make it true to let anyone connect, or listen on 127.0.0.1` },
  ];
}

function tlsFindings({ settings, placeOf }: ListenerDraft, sources: Sources): Finding[] {
  const { transport, tls } = settings;
  if (!isSecure(transport))
    return tls ? [{ path: placeOf("tls"), why: `transport ${transport} has no TLS: leave it out, or make transport tls or wss` }] : [];
  if (!tls) {
    const needed = [placeOf("tls.certFile"), placeOf("tls.keyFile")].filter((path) => valueAt(merged(sources), path) === undefined);
    return needed.map((path) => ({ path, why: "a listener with TLS needs it: the path of a PEM file" }));
  }
  if (tls.clientCertificate !== "none" && tls.caFile === undefined) {
    return [{ path: placeOf("tls.caFile"), why: "clients' certificates are checked against it: name the PEM file of the authorities" }];
  }
  if (tls.clientCertificate === "none" && tls.caFile !== undefined) {
    return [
      {
        path: placeOf("tls.clientCertificate"),
        why: "so no certificate would be checked against the authorities that are given: make it request or require",
      },
    ];
  }
  return [];
}

function webSocketFindings({ settings, placeOf }: ListenerDraft): Finding[] {
  if (isWebSocket(settings.transport)) return [];
  return (["path", "allowedOrigins"] as const)
    .filter((field) => settings[field] !== undefined)
    .map((field) => ({
      path: placeOf(field),
      why: `transport ${settings.transport} is no WebSocket: leave it out, or make transport ws or wss`,
    }));
}

/** Settings of TLS that nothing listens with. */
function unusedTls(drafts: readonly ListenerDraft[], settings: Settings): Finding[] {
  if (drafts.some((draft) => isSecure(draft.settings.transport))) return [];
  const { tlsCertFile, tlsKeyFile, tlsCaFile, tlsClientCertificate } = settings;
  const given = { tlsCertFile, tlsKeyFile, tlsCaFile, tlsClientCertificate: tlsClientCertificate !== "none" || undefined };
  return Object.entries(given)
    .filter(([, value]) => value !== undefined)
    .map(([name]) => ({ path: [name], why: "nothing listens with TLS: set tlsPort or wssPort, or leave it out" }));
}

/** Two listeners cannot have the same address or the same name. */
function doubles(drafts: readonly ListenerDraft[]): Finding[] {
  return drafts.flatMap(({ settings, placeOf }, index) => {
    const before = drafts.slice(0, index).map((draft) => draft.settings);
    const findings: Finding[] = [];
    if (settings.port !== 0 && before.some(({ host, port }) => port === settings.port && host === settings.host)) {
      findings.push({ path: placeOf("port"), why: `another listener is on ${settings.host} with this port: choose another` });
    }
    if (before.some((other) => listenerName(other) === listenerName(settings))) {
      findings.push({ path: placeOf("name"), why: `another listener is named ${listenerName(settings)} too: choose another name` });
    }
    return findings;
  });
}
