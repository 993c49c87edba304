import type { Socket, SocketReceiver } from "./socket.js";

export interface ListenerOptions {
  /** How logs and counters name it, for example "tcp:default". */
  readonly name: string;
  /** Address or host name to bind. */
  readonly host: string;
  /** 0 takes any free port; `address` then has it. */
  readonly port: number;
  /** Connections that the kernel completes before we accept them; the kernel cuts it to `net.core.somaxconn`. */
  readonly backlog: number;
  /** Present: TLS 1.2 or newer. */
  readonly tls?: TlsOptions;
  /** Present: MQTT inside WebSocket messages, sub-protocol `mqtt`. */
  readonly webSocket?: WebSocketOptions;
  /**
   * Present: every connection starts with a PROXY protocol header, v1 or v2, and what does not is closed.
   * A trusted proxy is the only one that may reach such a listener, because the header is believed.
   */
  readonly proxyProtocol?: ProxyProtocolOptions;
  /** How long the TLS handshake may take, and how long the WebSocket handshake after it. By default 10,000. */
  readonly handshakeTimeoutMs?: number;
}

export interface TlsOptions {
  /** PEM text. */
  readonly cert: string;
  readonly key: string;
  /** PEM text of the authorities that client certificates are checked against; must be there if they are asked for. */
  readonly ca?: string;
  /** "none" asks for no client certificate; "request" refuses an invalid one, but lets in without; "require" wants a valid one. */
  readonly clientCertificate: "none" | "request" | "require";
  readonly minVersion: "TLSv1.2" | "TLSv1.3";
  /** OpenSSL's list; undefined for the runtime's own. */
  readonly ciphers?: string;
}

export interface WebSocketOptions {
  /** Path that upgrades; others are answered with 404. */
  readonly path: string;
  /** Longest message of one client, over all its fragments; a longer one closes the connection with status 1009. */
  readonly maxMessageBytes: number;
  /** Origins that browsers may connect from, as they send them, for example "https://app.example"; undefined for any. */
  readonly allowedOrigins?: readonly string[];
}

export interface ProxyProtocolOptions {
  /** How long the header may take. */
  readonly timeoutMs: number;
}

/** A bound address that gives away sockets. */
export interface Listener {
  readonly name: string;
  /** Where it really listens, once started. */
  readonly address: { readonly host: string; readonly port: number };
  /** What the kernel was asked for, once started: on Bun the listener's setting only where the C library could be reached, else 512. */
  readonly backlog: number;
  /** Binds. Rejects with the system's error (EADDRINUSE, EACCES, …) when it cannot, with the name and address in the message. */
  start(): Promise<void>;
  /** Accepts no more connections; those that are open stay open. */
  stop(): Promise<void>;
  /**
   * Takes other `tls` and `webSocket` options for the next connections, where the listener has them: what else differs, and whether they
   * are there at all, does not change. Throws if they cannot be used; else nothing changes before what it returns is called, which
   * cannot fail. Connections that are open stay as they are.
   */
  prepare(options: ListenerOptions): () => void;
}

/**
 * Asked about each connection before anything else is done with it, behind a proxy as soon as its PROXY header tells of the client; one
 * that is not admitted is closed at once. The address is looked up when it is read, which costs a system call.
 */
export type Admits = (remote: { readonly remoteAddress?: string | undefined }) => boolean;

/** Called for each connection that is ready for MQTT bytes: after PROXY header, TLS and WebSocket handshakes. */
export type Accept = (socket: Socket) => SocketReceiver;

/**
 * What a transport reports of connections that never became ready, or that it had to refuse. The address is the connection's own, not
 * what a proxy says, and empty if it is not known any more.
 */
export type HandshakeFailed = (listener: string, reason: string, remoteAddress: string) => void;
