import { type AddressInfo, createServer, type Server } from "node:net";
import type { BoundAddress, RuntimeListenerOptions } from "../runtime-listener.js";
import { leanSockets } from "./lean-sockets.js";
import { NodeSocket } from "./node-socket.js";
import { createTlsServer } from "./tls-server.js";

/** `highWaterMark`: see NodeSocket. */
const SOCKET_OPTIONS: SocketOptions = { noDelay: true, highWaterMark: 0 };
const TLS_SOCKET_OPTIONS: SocketOptions = { noDelay: true };

interface SocketOptions {
  readonly noDelay: true;
  readonly highWaterMark?: number;
}

/** Binds a listener of Node's. */
export async function listenOnNode(runtimeOptions: RuntimeListenerOptions): Promise<BoundAddress> {
  const { host, port, backlog } = runtimeOptions.options;
  const { server, socketOptions, prepareTls } = serverOf(runtimeOptions);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, backlog }, () => {
      server.off("error", reject);
      resolve();
    });
  });
  // Such as EMFILE; without a listener Node would end the process.
  server.on("error", ({ message }) => runtimeOptions.failed(`connection was not accepted: ${message}`, ""));
  leanSockets(server, socketOptions.highWaterMark);

  const bound = server.address() as AddressInfo;
  return { host: bound.address, port: bound.port, backlog, prepareTls, close: async () => void server.close() };
}

interface NodeServer extends Pick<BoundAddress, "prepareTls"> {
  readonly server: Server;
  readonly socketOptions: SocketOptions;
}

function serverOf(runtimeOptions: RuntimeListenerOptions): NodeServer {
  const { options, admits, open, ending, readProxyHeader } = runtimeOptions;
  if (options.tls === undefined) {
    const server = createServer(SOCKET_OPTIONS, (socket) => {
      if (!admits(socket)) {
        socket.destroy();
        return;
      }
      const raw = new NodeSocket(socket, ending);
      raw.receiver = open(raw);
    });
    return { server, socketOptions: SOCKET_OPTIONS, prepareTls: () => () => {} };
  }

  // Connections are given to the server that does TLS, so that another one can take its place.
  let tlsServer = createTlsServer(options.tls, runtimeOptions);
  const prepareTls: BoundAddress["prepareTls"] = (tls) => {
    const next = createTlsServer(tls, runtimeOptions);
    return () => {
      tlsServer = next;
    };
  };
  if (readProxyHeader === undefined) {
    const server = createServer(TLS_SOCKET_OPTIONS, (socket) => {
      if (admits(socket)) tlsServer.adopt(socket);
      else socket.destroy();
    });
    return { server, socketOptions: TLS_SOCKET_OPTIONS, prepareTls };
  }
  const server = createServer(SOCKET_OPTIONS, (socket) => {
    const raw = new NodeSocket(socket, ending);
    raw.receiver = readProxyHeader(raw, ({ peer }, rest) => tlsServer.adopt(raw.release(rest), peer));
  });
  return { server, socketOptions: SOCKET_OPTIONS, prepareTls };
}
