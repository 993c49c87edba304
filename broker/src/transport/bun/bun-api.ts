import type { PeerCertificate } from "node:tls";

/*
 * The part of Bun's socket interface that is used here. Its own types (package bun-types) are global and contradict those of Node,
 * which the rest of the broker is checked with; and they leave out `fd`, `minVersion`, `isServer` and `initialData`, which Bun 1.4.5 has
 * (its own node:tls is built on them).
 */

export interface BunTcpSocket<Data> {
  data: Data;
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  /** How many bytes were taken; -1 on a socket that is closed or shut down. */
  write(bytes: Uint8Array, offset?: number, length?: number): number;
  /** Sends FIN, over TLS after close_notify. */
  shutdown(): void;
  /** Closes the descriptor; what the kernel has is still sent. Over TLS the peer's close_notify is waited for. */
  end(): void;
  /** Closes with a reset. */
  terminate(): void;
  pause(): void;
  resume(): void;
  setNoDelay(noDelay: boolean): boolean;

  /** These over TLS only. */
  readonly authorized: boolean;
  getTLSVersion(): string | null;
  getCipher(): { readonly name: string | null } | null | undefined;
  getServername(): string | undefined;
  getPeerCertificate(): PeerCertificate | null | undefined;
  /** The second of the two is the TLS socket; the first goes on to show what passes on the wire. */
  upgradeTLS<D>(options: BunUpgradeOptions<D>): [raw: BunTcpSocket<Data>, tls: BunTcpSocket<D>];
}

export interface BunUpgradeOptions<Data> {
  readonly data: Data;
  readonly isServer: true;
  readonly tls: BunTlsOptions;
  /** What has been read of the handshake already. */
  readonly initialData: Uint8Array;
  readonly socket: BunSocketHandler<Data>;
}

export interface BunTlsOptions {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
  readonly ciphers?: string;
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
  /** As TLS numbers it: 0x0303 is 1.2. */
  readonly minVersion: number;
  /** Frees OpenSSL's buffers of a connection while they are empty. */
  readonly lowMemoryMode: boolean;
}

export interface BunSocketHandler<Data> {
  open(socket: BunTcpSocket<Data>): void;
  /** Present: `open` comes before the TLS handshake, this after it. */
  handshake?(socket: BunTcpSocket<Data>, success: boolean, error: Error | null): void;
  data(socket: BunTcpSocket<Data>, bytes: Uint8Array): void;
  drain(socket: BunTcpSocket<Data>): void;
  /** The peer has sent FIN. */
  end(socket: BunTcpSocket<Data>): void;
  close(socket: BunTcpSocket<Data>, error?: Error): void;
  /** A handler threw, or TLS failed after its handshake. */
  error(socket: BunTcpSocket<Data>, error: Error): void;
  readonly binaryType: "uint8array";
}

export interface BunListenOptions<Data> {
  readonly hostname: string;
  readonly port: number;
  readonly tls?: BunTlsOptions;
  readonly allowHalfOpen: boolean;
  readonly socket: BunSocketHandler<Data>;
}

export interface BunListener {
  readonly hostname: string;
  readonly port: number;
  readonly fd: number;
  stop(closeActiveConnections: boolean): void;
}

export interface BunRuntime {
  listen<Data>(options: BunListenOptions<Data>): BunListener;
}

/** Bun, if that is what runs this. */
export function bunRuntime(): BunRuntime | undefined {
  return (globalThis as { Bun?: BunRuntime }).Bun;
}
