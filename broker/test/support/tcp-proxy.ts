import { once } from "node:events";
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A way to a server on loopback that a test can block, as a network does that loses everything. */
export class TcpProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;
  readonly #state: { isBlocked: boolean };

  private constructor(server: Server, sockets: Set<Socket>, state: { isBlocked: boolean }) {
    this.port = (server.address() as AddressInfo).port;
    this.#server = server;
    this.#sockets = sockets;
    this.#state = state;
  }

  /** One that ends with the test. */
  static async to(port: number): Promise<TcpProxy> {
    const proxy = await TcpProxy.open(port);
    onTestFinished(() => proxy.close());
    return proxy;
  }

  static async open(port: number): Promise<TcpProxy> {
    const sockets = new Set<Socket>();
    const state = { isBlocked: false };
    const server = createServer((near) => {
      const far = createConnection({ port, host: "127.0.0.1", noDelay: true });
      near.setNoDelay(true);
      for (const [from, to] of [[near, far] as const, [far, near] as const]) {
        sockets.add(from);
        if (state.isBlocked) from.pause();
        from.on("data", (bytes) => to.write(bytes));
        from.on("error", () => {}); // the other end is told by close
        from.on("close", () => {
          sockets.delete(from);
          to.destroy();
        });
      }
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new TcpProxy(server, sockets, state);
  }

  close(): void {
    this.#server.close();
    this.lose();
  }

  /** Ends all connections; what is on its way in them never arrives. */
  lose(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Nothing goes through any more, in connections that stay open and in new ones. */
  block(): void {
    this.#state.isBlocked = true;
    for (const socket of this.#sockets) socket.pause();
  }

  /** What was held back goes through, and all that follows. */
  unblock(): void {
    this.#state.isBlocked = false;
    for (const socket of this.#sockets) socket.resume();
  }
}
