import type { Deadlines } from "./deadlines.js";
import type { Handshake } from "./handshake.js";
import type { Admits, ListenerOptions, TlsOptions, WebSocketOptions } from "./listener.js";
import type { AfterHeader } from "./proxy/proxy-handshake.js";
import type { Open, RawSocket } from "./raw-socket.js";
import type { SocketReceiver } from "./socket.js";

/** What a runtime needs to listen. */
export interface RuntimeListenerOptions {
  /** In force now; `reload` replaces them. */
  options: ListenerOptions;
  /** What WebSocket handshakes go by; undefined without WebSocket. */
  readonly webSocket: { options: WebSocketOptions } | undefined;
  readonly handshakeTimeoutMs: number;
  /** Asked about each connection first. Behind a proxy all are admitted, as `readProxyHeader` asks. */
  readonly admits: Admits;
  /** For each connection, after TLS if there is any. */
  readonly open: Open;
  /** Present if a PROXY header comes before TLS, which makes reading it the runtime's task. */
  readonly readProxyHeader: ((socket: RawSocket, proceed: AfterHeader) => SocketReceiver) | undefined;
  /** Reports a connection that was not accepted, or whose TLS handshake failed. */
  readonly failed: (reason: string, remoteAddress: string) => void;
  /** TLS handshakes under way, where the runtime has no time limit of its own. */
  readonly handshaking: Deadlines<Handshake>;
  /** Sockets that have ended and wait for the peer to do so. */
  readonly ending: Deadlines<RawSocket>;
}

/** An address that a runtime has bound. */
export interface BoundAddress {
  readonly host: string;
  readonly port: number;
  readonly backlog: number;
  /** Stops listening; connections stay open. */
  close(): Promise<void>;
  /** Makes what other TLS settings need, or throws; what it returns does TLS by them from the next connection on, and cannot fail. */
  prepareTls(tls: TlsOptions): () => void;
}
