import type { TlsOptions } from "../transport/listener.js";
import type { AuthenticatorConfig, ListenerConfig } from "./config.js";
import { isLoopback, isWebSocket, type ListenerDraft, listenerName } from "./listener-drafts.js";
import type { MqttSettings } from "./mqtt-schema.js";

const DEFAULT_PATH = "/mqtt";

/** A WebSocket message may hold several packets, small limits on packets notwithstanding [MQTT-6.0.0-2]. */
const LEAST_MESSAGE_BYTES = 1_048_576;

/** A listener as the broker needs it, from one whose settings hold together. */
export function resolveListener(
  { settings }: ListenerDraft,
  mqtt: MqttSettings,
  tls: TlsOptions | undefined,
  authentication: readonly AuthenticatorConfig[],
): ListenerConfig {
  const { transport, host, port, backlog } = settings;
  const maxPacketBytes = settings.maxPacketBytes ?? mqtt.maxPacketBytes;
  return {
    name: listenerName(settings),
    transport,
    host,
    port,
    backlog,
    ...(tls && { tls }),
    ...(isWebSocket(transport) && {
      webSocket: {
        path: settings.path ?? DEFAULT_PATH,
        maxMessageBytes: Math.max(maxPacketBytes, LEAST_MESSAGE_BYTES),
        ...(settings.allowedOrigins && { allowedOrigins: settings.allowedOrigins }),
      },
    }),
    ...(settings.proxyProtocol && { proxyProtocol: { timeoutMs: settings.proxyProtocolTimeoutSeconds * 1_000 } }),
    authentication,
    allowAnonymous: settings.allowAnonymous ?? (authentication.length === 0 && isLoopback(host)),
    maxConnections: limit(settings.maxConnections),
    maxConnectRate: limit(settings.maxConnectRate),
    allowAddresses: settings.allowAddresses,
    denyAddresses: settings.denyAddresses,
    connectTimeoutSeconds: settings.connectTimeoutSeconds ?? mqtt.connectTimeoutSeconds,
    maxPacketBytes,
    maxMessageRate: limit(settings.maxMessageRate ?? mqtt.maxMessageRate),
    maxByteRate: limit(settings.maxByteRate ?? mqtt.maxByteRate),
  };
}

/** `off` is a limit that nothing reaches. */
export function limit(value: number | "off"): number {
  return value === "off" ? Number.POSITIVE_INFINITY : value;
}
