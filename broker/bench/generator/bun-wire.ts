import type { Network, Wire, WireReceiver } from "./wire.js";

/** The few parts of Bun's socket API that are used here. */
interface BunSocket {
  data: BunWire;
  write(bytes: Uint8Array, offset?: number, length?: number): number;
  terminate(): void;
}

interface BunHandlers {
  binaryType: "uint8array";
  open(socket: BunSocket): void;
  data(socket: BunSocket, bytes: Uint8Array): void;
  drain(socket: BunSocket): void;
  close(socket: BunSocket, error?: Error): void;
  connectError(socket: BunSocket, error: Error): void;
}

interface BunTcp {
  readonly version: string;
  connect(options: {
    hostname: string;
    port: number;
    tls?: { rejectUnauthorized: boolean };
    localAddress?: string;
    localPort?: number;
    data: BunWire;
    socket: BunHandlers;
  }): Promise<unknown>;
  listen(options: { hostname: string; port: number; socket: BunHandlers }): unknown;
}

const Bun = (globalThis as unknown as { Bun: BunTcp }).Bun;

class BunWire implements Wire {
  readonly receiver: WireReceiver;
  #socket: BunSocket | undefined;
  #rest: Uint8Array | undefined;
  #closed = false;

  constructor(receiver: WireReceiver) {
    this.receiver = receiver;
  }

  write(bytes: Uint8Array): void {
    if (this.#closed) return;
    if (this.#rest !== undefined) {
      this.#rest = Buffer.concat([this.#rest, bytes]);
      return;
    }
    const written = this.#socket!.write(bytes);
    if (written < bytes.length) this.#rest = bytes.slice(Math.max(written, 0));
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
    this.#rest = undefined;
    this.write(rest);
  }

  closed(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#rest = undefined;
    this.receiver.onClose(reason);
  }
}

const HANDLERS: BunHandlers = {
  binaryType: "uint8array",
  open: (socket) => socket.data.opened(socket),
  data: (socket, bytes) => socket.data.receiver.onData(socket.data, bytes),
  drain: (socket) => socket.data.drained(),
  close: (socket, error) => socket.data.closed(error?.message ?? "closed by the peer"),
  connectError: (socket, error) => socket.data.closed(error.message),
};

export const BUN_NETWORK: Network = {
  runtime: "bun",
  dial({ host, port, tls }, receiver, source) {
    const wire = new BunWire(receiver);
    const connecting = Bun.connect({
      hostname: host,
      port,
      data: wire,
      socket: HANDLERS,
      ...(tls ? { tls: { rejectUnauthorized: false } } : {}),
      ...(source === undefined ? {} : { localAddress: source.address, localPort: source.port }),
    });
    connecting.catch((error: Error) => wire.closed(error.message));
  },
  listen(host, port, accept) {
    const open = (socket: BunSocket) => {
      socket.data = new BunWire(accept());
      socket.data.opened(socket);
    };
    Bun.listen({ hostname: host, port, socket: { ...HANDLERS, open } });
  },
};
