import { HOST, ListenerSettings } from "./listener-schema.js";
import type { Path } from "./schema-path.js";
import type { Settings } from "./settings-schema.js";

/** A listener that is asked for, and where each part of it was asked for. */
export interface ListenerDraft {
  readonly settings: ListenerSettings;
  /** The setting behind one of its fields, for example `wsPort` or `listeners[0].port` for `port`. */
  readonly placeOf: (field: keyof ListenerSettings | `tls.${keyof NonNullable<ListenerSettings["tls"]>}`) => Path;
}

const PORTS = { tcp: "port", ws: "wsPort", tls: "tlsPort", wss: "wssPort" } as const;
const SHORT_NAMES: Readonly<Record<string, string>> = {
  maxConnectRate: "maxConnectRatePerListener",
  "tls.certFile": "tlsCertFile",
  "tls.keyFile": "tlsKeyFile",
  "tls.caFile": "tlsCaFile",
  "tls.clientCertificate": "tlsClientCertificate",
};

/** Every listener that the settings ask for, by `listeners` or by the short form. */
export function listenerDrafts(settings: Settings): readonly ListenerDraft[] {
  if (settings.listeners) {
    return settings.listeners.map((listener, index) => ({
      settings: listener,
      placeOf: (field) => ["listeners", String(index), ...field.split(".")],
    }));
  }
  return (["tcp", "ws", "tls", "wss"] as const).flatMap((transport) => shortForm(transport, settings));
}

/** How logs and counters name it. */
export function listenerName({ name, transport, port }: ListenerSettings): string {
  return name ?? `${transport}:${port}`;
}

/** Whether a transport is encrypted. */
export function isSecure(transport: ListenerSettings["transport"]): boolean {
  return transport === "tls" || transport === "wss";
}

/** Whether a transport is a WebSocket. */
export function isWebSocket(transport: ListenerSettings["transport"]): boolean {
  return transport === "ws" || transport === "wss";
}

/** Whether only this machine can reach an address. A name other than localhost may mean anything. */
export function isLoopback(host: string = HOST): boolean {
  return /^(localhost|::1|(::ffff:)?127(\.\d{1,3}){3})$/i.test(host);
}

function shortForm(transport: keyof typeof PORTS, settings: Settings): ListenerDraft[] {
  const port = settings[PORTS[transport]];
  if (port === "off") return [];
  const { host, backlog, proxyProtocol, allowAnonymous, tlsCertFile, tlsKeyFile, tlsCaFile, tlsClientCertificate } = settings;
  const draft: ListenerSettings = ListenerSettings.parse({
    name: `${transport}:default`,
    transport,
    host,
    port,
    backlog,
    proxyProtocol,
    allowAnonymous,
    maxConnectRate: settings.maxConnectRatePerListener,
  });
  // Without both files it stays undefined, which a rule reports.
  const tls =
    tlsCertFile && tlsKeyFile
      ? {
          certFile: tlsCertFile,
          keyFile: tlsKeyFile,
          caFile: tlsCaFile,
          clientCertificate: tlsClientCertificate,
          minVersion: "TLSv1.2" as const,
        }
      : undefined;
  return [
    {
      settings: isSecure(transport) ? { ...draft, tls } : draft,
      placeOf: (field) => [field === "port" ? PORTS[transport] : (SHORT_NAMES[field] ?? field)],
    },
  ];
}
