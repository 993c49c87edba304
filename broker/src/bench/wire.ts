/** A byte stream as a load generator needs it: as little as possible between a read and the next write. */
export interface Wire {
  /** Takes all of `bytes`, which may be changed at once: what the kernel does not accept is copied and sent later. */
  write(bytes: Uint8Array): void;
  /** Something waits for the kernel to accept it; `onDrain` tells when nothing does any more. */
  readonly isFull: boolean;
  /** Sends what waits, and then closes. */
  end(): void;
  /** Closes at once. */
  close(): void;
}

export interface WireReceiver {
  /** Over TLS after its handshake. */
  onOpen(wire: Wire): void;
  /** `bytes` are valid during the call only. */
  onData(wire: Wire, bytes: Uint8Array): void;
  onDrain?(wire: Wire): void;
  /** Once, also when the connection could not be opened; `code` as Node names system errors, "" for none. */
  onClose(reason: string, code: string): void;
}

export interface Target {
  readonly host: string;
  readonly port: number;
  /** Undefined: plain TCP. */
  readonly tls?: ClientTls | undefined;
}

/** TLS of a client; all of it as PEM text. */
export interface ClientTls {
  /** Authorities; without them any certificate will do. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** As OpenSSL names them. */
  readonly ciphers?: string | undefined;
  readonly minVersion?: "TLSv1.2" | "TLSv1.3" | undefined;
  readonly maxVersion?: "TLSv1.2" | "TLSv1.3" | undefined;
}

/** Where a connection comes from, for those who open more than the kernel likes to find ports for. */
export interface Source {
  readonly address: string;
  /** The kernel chooses, unless given. */
  readonly port?: number | undefined;
}

/** What a runtime gives: connections out, and for the null broker of the bench connections in. */
export interface Network {
  readonly runtime: string;
  dial(target: Target, receiver: WireReceiver, source?: Source): void;
  /** Each accepted connection gets a receiver of its own. */
  listen(host: string, port: number, accept: () => WireReceiver): void;
}

/** The network of the runtime that this is. */
export async function nativeNetwork(): Promise<Network> {
  if ("Bun" in globalThis) return (await import("./bun-wire.js")).BUN_NETWORK;
  return (await import("./node-wire.js")).NODE_NETWORK;
}
