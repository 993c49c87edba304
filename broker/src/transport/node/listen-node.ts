import { type AddressInfo, createServer, type Server } from "node:net";
import type { BoundAddress, RuntimeListenerOptions } from "../runtime-listener.js";
import { NodeSocket } from "./node-socket.js";
import { createTlsServer } from "./tls-server.js";

/** `highWaterMark`: see NodeSocket. */
const SOCKET_OPTIONS = { noDelay: true, highWaterMark: 0 };

/** Binds a listener of Node's. */
export async function listenOnNode(runtimeOptions: RuntimeListenerOptions): Promise<BoundAddress> {
  const { host, port, backlog } = runtimeOptions.options;
  const server = serverOf(runtimeOptions);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, backlog }, () => {
      server.off("error", reject);
      resolve();
    });
  });
  // Such as EMFILE; without a listener Node would end the process.
  server.on("error", ({ message }) => runtimeOptions.failed(`connection was not accepted: ${message}`, ""));

  const bound = server.address() as AddressInfo;
  return { host: bound.address, port: bound.port, backlog, close: async () => void server.close() };
}

function serverOf(runtimeOptions: RuntimeListenerOptions): Server {
  const { options, open, ending, readProxyHeader } = runtimeOptions;
  if (options.tls === undefined) {
    return createServer(SOCKET_OPTIONS, (socket) => {
      const raw = new NodeSocket(socket, ending);
      raw.receiver = open(raw);
    });
  }

  const tlsServer = createTlsServer(options.tls, runtimeOptions);
  if (readProxyHeader === undefined) return tlsServer.listening;
  return createServer(SOCKET_OPTIONS, (socket) => {
    const raw = new NodeSocket(socket, ending);
    raw.receiver = readProxyHeader(raw, ({ peer }, rest) => tlsServer.adopt(raw.release(rest), peer));
  });
}
