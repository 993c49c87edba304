import { type Clock, SYSTEM_CLOCK } from "../clock.js";
import { bunRuntime } from "./bun/bun-api.js";
import { listenOnBun } from "./bun/listen-bun.js";
import { Deadlines } from "./deadlines.js";
import type { Accept, HandshakeFailed, Listener, ListenerOptions } from "./listener.js";
import { listenOnNode } from "./node/listen-node.js";
import type { RawSocket } from "./raw-socket.js";
import type { BoundAddress } from "./runtime-listener.js";

/** How long a peer may take to close its side after we closed ours. */
const END_GRACE_MS = 2_000;

/** A listener on the runtime that runs this, with the layers that `options` ask for. Binds nothing before `start()`. */
export function createListener(
  options: ListenerOptions,
  accept: Accept,
  handshakeFailed: HandshakeFailed,
  clock: Clock = SYSTEM_CLOCK,
): Listener {
  const ending = new Deadlines<RawSocket>(clock, END_GRACE_MS, (socket) => socket.destroy());
  const runtimeOptions = { options, open: accept, handshakeFailed, ending };
  const bun = bunRuntime();
  let bound: BoundAddress | undefined;

  return {
    name: options.name,
    get address() {
      return bound ?? { host: options.host, port: options.port };
    },
    async start() {
      try {
        bound = bun === undefined ? await listenOnNode(runtimeOptions) : await listenOnBun(bun, runtimeOptions);
      } catch (error) {
        throw Object.assign(
          new Error(`listener "${options.name}" on ${options.host}:${options.port}: ${(error as Error).message}`, { cause: error }),
          {
            code: (error as NodeJS.ErrnoException).code,
          },
        );
      }
    },
    async stop() {
      await bound?.close();
      bound = undefined;
    },
  };
}
