import { type AddressInfo, createServer } from "node:net";
import type { BoundAddress, RuntimeListenerOptions } from "../runtime-listener.js";
import { NodeSocket } from "./node-socket.js";

/** Binds a listener of Node's. */
export async function listenOnNode({ options, open, ending }: RuntimeListenerOptions): Promise<BoundAddress> {
  const server = createServer({ noDelay: true, highWaterMark: 0 }, (socket) => {
    const raw = new NodeSocket(socket, ending);
    raw.receiver = open(raw);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: options.host, port: options.port, backlog: options.backlog }, resolve);
  });
  const { address, port } = server.address() as AddressInfo;
  return {
    host: address,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close();
        // Its callback waits for the connections, which stay open; the descriptor is closed by the next turn.
        setImmediate(resolve);
      }),
  };
}
