import type { BoundAddress, RuntimeListenerOptions } from "../runtime-listener.js";
import type { BunRuntime, BunSocketHandler } from "./bun-api.js";
import { BunSocket } from "./bun-socket.js";

/** Binds a listener of Bun's. */
export async function listenOnBun(bun: BunRuntime, runtimeOptions: RuntimeListenerOptions): Promise<BoundAddress> {
  const { options } = runtimeOptions;
  const listener = bun.listen({ hostname: options.host, port: options.port, socket: handlerOf(runtimeOptions) });
  return {
    host: listener.hostname,
    port: listener.port,
    async close() {
      listener.stop(false);
    },
  };
}

function handlerOf({ open, ending }: RuntimeListenerOptions): BunSocketHandler<BunSocket> {
  return {
    binaryType: "uint8array",
    open(socket) {
      socket.setNoDelay(true);
      const raw = new BunSocket(socket, ending);
      socket.data = raw;
      raw.receiver = open(raw);
    },
    data(socket, bytes) {
      socket.data.received(bytes);
    },
    drain(socket) {
      socket.data.drained();
    },
    close(socket, error) {
      const raw = socket.data;
      // Bun closes inside of end() and terminate(); ours tells of it after they have returned, as Node does.
      queueMicrotask(() => raw.closed(error));
    },
    error(socket) {
      socket.terminate();
    },
  };
}
