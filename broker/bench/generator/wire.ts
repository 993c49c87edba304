/** A byte stream as the load generator needs it: as little as possible between a read and the next write. */
export interface Wire {
  /** Takes all of `bytes`, which may be changed at once: what the kernel does not accept is copied and sent later. */
  write(bytes: Uint8Array): void;
  /** Closes at once. */
  close(): void;
}

export interface WireReceiver {
  onOpen(wire: Wire): void;
  /** `bytes` are valid during the call only. */
  onData(wire: Wire, bytes: Uint8Array): void;
  /** Once, also when the connection could not be opened. */
  onClose(reason: string): void;
}

export interface Target {
  readonly host: string;
  readonly port: number;
  /** Accepts any certificate. */
  readonly tls: boolean;
}

/** Where a connection comes from, for those who open more than the kernel likes to find ports for. */
export interface Source {
  readonly address: string;
  readonly port: number;
}

/** What a runtime gives: connections out, and for the null broker connections in. */
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
