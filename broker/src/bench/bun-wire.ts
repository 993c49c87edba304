import type { ClientTls, Network, Wire, WireReceiver } from "./wire.js";

/** The few parts of Bun's socket API that are used here. */
interface BunSocket {
  data: BunWire;
  write(bytes: Uint8Array, offset?: number, length?: number): number;
  end(): void;
  terminate(): void;
}

interface BunHandlers {
  binaryType: "uint8array";
  open(socket: BunSocket): void;
  data(socket: BunSocket, bytes: Uint8Array): void;
  drain(socket: BunSocket): void;
  close(socket: BunSocket, error?: NodeJS.ErrnoException): void;
  connectError(socket: BunSocket, error: NodeJS.ErrnoException): void;
  /** With this `open` comes before TLS. `error` is what is wrong with the peer's certificate, or with the handshake. */
  handshake?(socket: BunSocket, isDone: boolean, error: NodeJS.ErrnoException | null): void;
}

interface BunTls extends Omit<ClientTls, "minVersion" | "maxVersion"> {
  readonly minVersion?: number;
  readonly maxVersion?: number;
  readonly rejectUnauthorized: boolean;
  readonly lowMemoryMode: boolean;
}

interface BunTcp {
  readonly version: string;
  connect(options: {
    hostname: string;
    port: number;
    tls?: BunTls;
    localAddress?: string;
    localPort?: number;
    data: BunWire;
    socket: BunHandlers;
  }): Promise<unknown>;
  listen(options: { hostname: string; port: number; socket: BunHandlers }): unknown;
}

const Bun = (globalThis as unknown as { Bun: BunTcp }).Bun;

/** One object a connection besides Bun's own. */
class BunWire implements Wire {
  readonly receiver: WireReceiver;
  /** Whether the peer's certificate has to be right. */
  readonly isChecking: boolean;
  #socket: BunSocket | undefined;
  #rest: Uint8Array | undefined;
  #isEnding = false;
  #closed = false;

  constructor(receiver: WireReceiver, isChecking = false) {
    this.receiver = receiver;
    this.isChecking = isChecking;
  }

  get isFull(): boolean {
    return this.#rest !== undefined;
  }

  write(bytes: Uint8Array): void {
    if (this.#closed || this.#isEnding) return;
    if (this.#rest !== undefined) {
      this.#rest = Buffer.concat([this.#rest, bytes]);
      return;
    }
    const written = this.#socket!.write(bytes);
    if (written < bytes.length) this.#rest = bytes.slice(Math.max(written, 0));
  }

  end(): void {
    this.#isEnding = true;
    if (this.#rest === undefined) this.#socket?.end();
  }

  close(): void {
    this.#socket?.terminate();
  }

  opened(socket: BunSocket): void {
    this.#socket = socket;
    this.receiver.onOpen(this);
  }

  drained(): void {
    const rest = this.#rest;
    if (rest === undefined) return;
    const written = Math.max(0, this.#socket!.write(rest));
    this.#rest = written < rest.length ? rest.subarray(written) : undefined;
    if (this.#rest !== undefined) return;
    if (this.#isEnding) this.#socket!.end();
    else this.receiver.onDrain?.(this);
  }

  closed(error: NodeJS.ErrnoException | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#rest = undefined;
    this.receiver.onClose(error?.message ?? "closed by the peer", error?.code ?? "");
  }
}

const HANDLERS: BunHandlers = {
  binaryType: "uint8array",
  open: (socket) => socket.data.opened(socket),
  data: (socket, bytes) => socket.data.receiver.onData(socket.data, bytes),
  drain: (socket) => socket.data.drained(),
  close: (socket, error) => socket.data.closed(error),
  connectError: (socket, error) => socket.data.closed(error),
};

const TLS_HANDLERS: BunHandlers = {
  ...HANDLERS,
  open: () => {},
  handshake: (socket, isDone, error) => {
    // Bun calls a handshake failed for a certificate alone, also where nobody asked for it to be checked.
    if (!socket.data.isChecking || (isDone && error === null)) socket.data.opened(socket);
    else {
      socket.data.closed(error ?? undefined);
      socket.terminate();
    }
  },
};

/** As they are on the wire (RFC 8446, 4.2.1). */
const VERSIONS = { "TLSv1.2": 0x0303, "TLSv1.3": 0x0304 } as const;

/** One for all connections with the same options, which have one TLS context then: 9.4 KB a connection, and 17.6 without. */
const OPTIONS = new WeakMap<ClientTls, BunTls>();

function optionsOf(tls: ClientTls): BunTls {
  let options = OPTIONS.get(tls);
  if (options === undefined) {
    const { minVersion, maxVersion, ...rest } = tls;
    options = {
      ...{ ...rest, rejectUnauthorized: tls.ca !== undefined, lowMemoryMode: true },
      ...(minVersion && { minVersion: VERSIONS[minVersion] }),
      ...(maxVersion && { maxVersion: VERSIONS[maxVersion] }),
    };
    OPTIONS.set(tls, options);
  }
  return options;
}

export const BUN_NETWORK: Network = {
  runtime: "bun",
  dial({ host, port, tls }, receiver, source) {
    const wire = new BunWire(receiver, tls?.ca !== undefined);
    const connecting = Bun.connect({
      hostname: host,
      port,
      data: wire,
      socket: tls ? TLS_HANDLERS : HANDLERS,
      ...(tls && { tls: optionsOf(tls) }),
      ...(source && { localAddress: source.address }),
      ...(source?.port !== undefined && { localPort: source.port }),
    });
    connecting.catch((error: NodeJS.ErrnoException) => wire.closed(error));
  },
  listen(host, port, accept) {
    const open = (socket: BunSocket) => {
      socket.data = new BunWire(accept());
      socket.data.opened(socket);
    };
    Bun.listen({ hostname: host, port, socket: { ...HANDLERS, open } });
  },
};
