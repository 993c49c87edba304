import { type Clock, SYSTEM_CLOCK } from "../clock.js";
import { bunRuntime } from "./bun/bun-api.js";
import { listenOnBun } from "./bun/listen-bun.js";
import { runtimeOptionsOf } from "./layers.js";
import type { Accept, Admits, HandshakeFailed, Listener, ListenerOptions } from "./listener.js";
import { listenOnNode } from "./node/listen-node.js";
import type { BoundAddress } from "./runtime-listener.js";
import { checkTls } from "./tls-settings.js";

/** A listener on the runtime that runs this, with the layers that `options` ask for. Binds nothing before `start()`. */
export function createListener(
  options: ListenerOptions,
  accept: Accept,
  handshakeFailed: HandshakeFailed,
  clock: Clock = SYSTEM_CLOCK,
  admits: Admits = () => true,
): Listener {
  const runtimeOptions = runtimeOptionsOf({ options, admits, accept, handshakeFailed, clock });
  let bound: BoundAddress | undefined;

  return {
    name: options.name,
    get address() {
      return { host: bound?.host ?? options.host, port: bound?.port ?? options.port };
    },
    get backlog() {
      return bound?.backlog ?? options.backlog;
    },
    async start() {
      const bun = bunRuntime();
      try {
        if (options.tls !== undefined) checkTls(options.tls);
        bound = bun === undefined ? await listenOnNode(runtimeOptions) : await listenOnBun(bun, runtimeOptions);
      } catch (error) {
        throw withListener(error as NodeJS.ErrnoException, options);
      }
    },
    async stop() {
      await bound?.close();
      bound = undefined;
    },
    prepare({ tls, webSocket }) {
      const { options: current } = runtimeOptions;
      const wanted = {
        ...current,
        ...(tls !== undefined && current.tls !== undefined && { tls }),
        ...(webSocket !== undefined && current.webSocket !== undefined && { webSocket }),
      };
      const swapTls = wanted.tls === current.tls ? undefined : preparedTls(wanted, bound);
      return () => {
        runtimeOptions.options = wanted;
        if (runtimeOptions.webSocket !== undefined && wanted.webSocket !== undefined) runtimeOptions.webSocket.options = wanted.webSocket;
        swapTls?.();
      };
    },
  };
}

function preparedTls(options: ListenerOptions, bound: BoundAddress | undefined): (() => void) | undefined {
  const { tls } = options;
  if (tls === undefined) return undefined;
  try {
    checkTls(tls);
    return bound?.prepareTls(tls);
  } catch (error) {
    throw withListener(error as NodeJS.ErrnoException, options);
  }
}

function withListener(error: NodeJS.ErrnoException, { name, host, port }: ListenerOptions): Error {
  const located = new Error(`listener "${name}" on ${host}:${port}: ${error.message}`, { cause: error });
  return error.code === undefined ? located : Object.assign(located, { code: error.code });
}
