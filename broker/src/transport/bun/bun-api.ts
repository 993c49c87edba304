/*
 * The part of Bun's socket interface that is used here. Its own types (package bun-types) are global and contradict those of Node,
 * which the rest of the broker is checked with.
 */

export interface BunTcpSocket<Data> {
  data: Data;
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  /** How many bytes were taken; -1 on a socket that is closed or shut down. */
  write(bytes: Uint8Array, offset?: number): number;
  /** Sends FIN. */
  shutdown(): void;
  /** Closes the descriptor; what the kernel has is still sent. */
  end(): void;
  /** Closes with a reset. */
  terminate(): void;
  pause(): void;
  resume(): void;
  setNoDelay(noDelay: boolean): boolean;
}

export interface BunSocketHandler<Data> {
  open(socket: BunTcpSocket<Data>): void;
  data(socket: BunTcpSocket<Data>, bytes: Uint8Array): void;
  drain(socket: BunTcpSocket<Data>): void;
  close(socket: BunTcpSocket<Data>, error?: Error): void;
  /** A handler threw, or TLS failed after its handshake. */
  error(socket: BunTcpSocket<Data>, error: Error): void;
  readonly binaryType: "uint8array";
}

export interface BunListener {
  readonly hostname: string;
  readonly port: number;
  stop(closeActiveConnections: boolean): void;
}

export interface BunRuntime {
  listen<Data>(options: { hostname: string; port: number; socket: BunSocketHandler<Data> }): BunListener;
}

/** Bun, if that is what runs this. */
export function bunRuntime(): BunRuntime | undefined {
  return (globalThis as { Bun?: BunRuntime }).Bun;
}
