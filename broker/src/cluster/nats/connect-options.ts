import {
  type Authenticator,
  credsAuthenticator,
  type NodeConnectionOptions,
  nkeyAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from "@nats-io/transport-node";
import type { NatsConnectionOptions, NatsCredentials } from "./engine-options.js";

/** Pings that may be without answer; the next one that would be sent ends the connection instead. */
const PINGS_OUT = 2;

export interface ConnectTuning {
  /** What the server calls this client. */
  readonly name: string;
  /** Begins the subjects of answers. */
  readonly inboxPrefix: string;
  /** How long a server may be silent before the connection counts as lost. */
  readonly silentMs: number;
  /** How long the handshake with one server may take. */
  readonly handshakeMs: number;
  /** Milliseconds until the next attempt to reconnect. */
  readonly reconnectDelay: () => number;
}

/** The options of the library: once connected, it reconnects for ever. */
export function connectOptions(options: NatsConnectionOptions, tuning: ConnectTuning): NodeConnectionOptions {
  const { servers, credentials } = options;
  const tls = tlsOptions(options);
  return {
    servers: [...servers],
    name: tuning.name,
    inboxPrefix: tuning.inboxPrefix,
    timeout: tuning.handshakeMs,
    pingInterval: Math.ceil(tuning.silentMs / (PINGS_OUT + 1)),
    maxPingOut: PINGS_OUT,
    maxReconnectAttempts: -1,
    reconnectDelayHandler: tuning.reconnectDelay,
    // A server that is being given new users must not end the broker.
    ignoreAuthErrorAbort: true,
    noAsyncTraces: true,
    ...(credentials && { authenticator: authenticator(credentials) }),
    ...(tls && { tls }),
  };
}

function tlsOptions({ servers, tls }: NatsConnectionOptions): NodeConnectionOptions["tls"] | undefined {
  if (tls === undefined) return servers.some((server) => server.startsWith("tls:")) ? {} : undefined;
  const { ca, cert, key, isHandshakeFirst = false } = tls;
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(isHandshakeFirst && { handshakeFirst: true }),
  };
}

function authenticator(credentials: NatsCredentials): Authenticator {
  switch (credentials.type) {
    case "credentials":
      return credsAuthenticator(new TextEncoder().encode(credentials.text));
    case "user":
      return usernamePasswordAuthenticator(credentials.user, credentials.password);
    case "token":
      return tokenAuthenticator(credentials.token);
    case "nkey":
      return nkeyAuthenticator(new TextEncoder().encode(credentials.seed));
  }
}
