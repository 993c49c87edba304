/** One open byte stream to a client, whatever carries it: TCP, TLS, WebSocket, on Node or Bun. */
export interface Socket {
  /**
   * Sends bytes. True: the kernel has them, and `bytes` may be changed at once. False: the socket keeps `bytes`, which must stay as
   * they are, and calls `onDrain` once they have gone; nothing may be written before that. Does nothing on a socket that has closed.
   */
  write(bytes: Uint8Array): boolean;

  /** Stops `onData`, so that the kernel's buffer fills and the peer has to wait. At most what was read already still comes. */
  pause(): void;
  resume(): void;

  /** Sends what has been written, then closes. The peer's bytes are read no more; `onClose` comes at the latest after a short grace. */
  end(): void;

  /** Closes at once; what the kernel does not have yet is lost. `onClose` follows. */
  destroy(): void;

  /** Who is at the other end. Made up anew on each call, so that idle connections do not pay for it. */
  peer(): Peer;
}

/** What a socket tells, in a fixed order: `onData` and `onDrain` any number of times, then `onClose` once. */
export interface SocketReceiver {
  /** `bytes` belong to the socket and are valid during the call only. */
  onData(bytes: Uint8Array): void;
  onDrain(): void;
  /** `error` is what broke the connection, undefined if either side closed it. */
  onClose(error: Error | undefined): void;
}

/** The other end of a connection; behind a proxy that speaks the PROXY protocol, the client that the proxy serves. */
export interface Peer {
  /** IP address without port; empty if the proxy did not say, and it may be once the connection has closed. */
  readonly address: string;
  readonly port: number;
  readonly localAddress: string;
  readonly localPort: number;
  /** Present on connections that TLS protects, here or, as the proxy says, in front of it. */
  readonly tls?: PeerTls;
}

export interface PeerTls {
  /** For example "TLSv1.3"; empty if the proxy did not say. */
  readonly version: string;
  readonly cipher: string;
  /** The name the client asked for by SNI. */
  readonly serverName?: string;
  /** Present only if the client sent a certificate and it was verified. */
  readonly certificate?: PeerCertificate;
}

export interface PeerCertificate {
  /** The subject's common name, empty if it has none. */
  readonly commonName: string;
  /** As Node prints them: "DNS:a.example, IP Address:10.0.0.1". Empty if there are none, or if a proxy told the name only. */
  readonly subjectAltNames: string;
}
