import { createServer, type Socket, connect as tcpConnect } from "node:net";
import { createSecureContext, type SecureContext, connect as tlsConnect } from "node:tls";
import type { ClientTls, Network, Wire, WireReceiver } from "./wire.js";

class NodeWire implements Wire {
  readonly #socket: Socket;

  constructor(socket: Socket, receiver: WireReceiver) {
    this.#socket = socket;
    let failure: NodeJS.ErrnoException | undefined;
    socket.on("data", (bytes) => receiver.onData(this, bytes));
    socket.on("drain", () => receiver.onDrain?.(this));
    socket.on("error", (error) => {
      failure = error;
    });
    socket.on("close", () => receiver.onClose(failure?.message ?? "closed by the peer", failure?.code ?? ""));
  }

  get isFull(): boolean {
    return this.#socket.writableNeedDrain;
  }

  write(bytes: Uint8Array): void {
    // Node keeps what the kernel does not take, hence a copy; Bun is where speed counts.
    if (!this.#socket.writableEnded) this.#socket.write(Buffer.from(bytes));
  }

  end(): void {
    this.#socket.end();
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** One for all connections with the same options, as each takes tens of kilobytes. */
const CONTEXTS = new WeakMap<ClientTls, SecureContext>();

function contextOf(tls: ClientTls): SecureContext {
  let context = CONTEXTS.get(tls);
  if (context === undefined) {
    context = createSecureContext({ ...tls });
    CONTEXTS.set(tls, context);
  }
  return context;
}

export const NODE_NETWORK: Network = {
  runtime: "node",
  dial({ host, port, tls }, receiver, source) {
    const from = source && { localAddress: source.address, ...(source.port !== undefined && { localPort: source.port }) };
    const tcp = tcpConnect({ host, port, noDelay: true, ...from });
    if (tls !== undefined) {
      // An error before TLS begins comes on the inner socket only.
      tcp.on("error", (error) => socket.destroy(error));
    }
    const socket = tls
      ? tlsConnect({ socket: tcp, secureContext: contextOf(tls), servername: serverName(host), rejectUnauthorized: tls.ca !== undefined })
      : tcp;
    const wire = new NodeWire(socket, receiver);
    socket.once(tls ? "secureConnect" : "connect", () => receiver.onOpen(wire));
  },
  listen(host, port, accept) {
    createServer({ noDelay: true }, (socket) => {
      const receiver = accept();
      receiver.onOpen(new NodeWire(socket, receiver));
    }).listen({ host, port, backlog: 4096 });
  },
};

/** An address is none (RFC 6066, 3). */
function serverName(host: string): string {
  return /^[\d.]+$|:/.test(host) ? "" : host;
}
