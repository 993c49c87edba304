import { createServer, type Socket, connect as tcpConnect } from "node:net";
import { connect as tlsConnect } from "node:tls";
import type { Network, Wire, WireReceiver } from "./wire.js";

class NodeWire implements Wire {
  readonly #socket: Socket;

  constructor(socket: Socket, receiver: WireReceiver) {
    this.#socket = socket;
    let reason = "closed by the peer";
    socket.on("data", (bytes) => receiver.onData(this, bytes));
    socket.on("error", (error) => {
      reason = error.message;
    });
    socket.on("close", () => receiver.onClose(reason));
  }

  write(bytes: Uint8Array): void {
    // Node keeps what the kernel does not take, hence a copy; Bun is where speed counts.
    this.#socket.write(Buffer.from(bytes));
  }

  close(): void {
    this.#socket.destroy();
  }
}

export const NODE_NETWORK: Network = {
  runtime: "node",
  dial({ host, port, tls }, receiver, source) {
    const from = source === undefined ? {} : { localAddress: source.address, localPort: source.port };
    const tcp = tcpConnect({ host, port, noDelay: true, ...from });
    const socket = tls ? tlsConnect({ socket: tcp, rejectUnauthorized: false }) : tcp;
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
