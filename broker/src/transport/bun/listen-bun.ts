import type { Deadlines } from "../deadlines.js";
import type { TlsOptions } from "../listener.js";
import type { RawSocket } from "../raw-socket.js";
import type { BoundAddress, RuntimeListenerOptions } from "../runtime-listener.js";
import type { Peer } from "../socket.js";
import type { BunRuntime, BunSocketHandler, BunTcpSocket, BunTlsOptions } from "./bun-api.js";
import { BUN_SOCKET_EVENTS, BunSocket } from "./bun-socket.js";
import { BunTlsSocket } from "./bun-tls-socket.js";
import { setBacklog } from "./set-backlog.js";
import { tlsSwapping } from "./swap-tls.js";
import { TlsHandshake } from "./tls-handshake.js";

/** As they stand in handshakes. */
const TLS_VERSION_NUMBERS = { "TLSv1.2": 0x0303, "TLSv1.3": 0x0304 } as const;

/** Bun 1.4.5 asks for it whatever is wanted. */
const BUN_BACKLOG = 512;

/** Binds a listener of Bun's. */
export async function listenOnBun(bun: BunRuntime, runtimeOptions: RuntimeListenerOptions): Promise<BoundAddress> {
  const { host, port, backlog, tls } = runtimeOptions.options;
  const isProxied = runtimeOptions.readProxyHeader !== undefined;
  const swapperOf = await tlsSwapping();
  const listener = bun.listen({
    hostname: host,
    port,
    allowHalfOpen: true,
    // A listener that refuses by itself who is not authorised would go on to when its options no longer ask for that.
    ...(tls && !isProxied && { tls: { ...bunTls(tls), rejectUnauthorized: false } }),
    socket: handlerOf(runtimeOptions),
  });
  // Behind a PROXY header TLS begins for each connection by the options in force.
  const prepareTls = tls === undefined || isProxied ? () => () => {} : swapperOf(listener);
  if (tls?.clientCertificate === "require") prepareTls(tls)();
  const isSet = await setBacklog(listener.fd, backlog);
  return {
    host: listener.hostname,
    port: listener.port,
    backlog: isSet ? backlog : BUN_BACKLOG,
    close: async () => listener.stop(false),
    prepareTls,
  };
}

function handlerOf(runtimeOptions: RuntimeListenerOptions): BunSocketHandler<BunSocket> {
  const { tls } = runtimeOptions.options;
  if (tls === undefined) return tcpHandler(runtimeOptions);
  if (runtimeOptions.readProxyHeader === undefined) return tlsHandler(runtimeOptions, () => undefined);
  return proxiedTlsHandler(runtimeOptions);
}

function tcpHandler({ admits, open, ending }: RuntimeListenerOptions): BunSocketHandler<BunSocket> {
  return {
    ...BUN_SOCKET_EVENTS,
    open(socket) {
      if (!admits(socket)) {
        refuse(socket, ending);
        return;
      }
      const raw = adopt(socket, new BunSocket(socket, ending));
      raw.receiver = open(raw);
    },
  };
}

function tlsHandler(runtimeOptions: RuntimeListenerOptions, proxied: () => Peer | undefined): BunSocketHandler<BunSocket> {
  return {
    ...BUN_SOCKET_EVENTS,
    open(socket) {
      if (!runtimeOptions.admits(socket)) {
        refuse(socket, runtimeOptions.ending);
        return;
      }
      const raw = adopt(socket, new BunTlsSocket(socket, runtimeOptions.ending));
      raw.receiver = new TlsHandshake(raw, runtimeOptions, proxied());
    },
    handshake(socket, success, error) {
      const { receiver } = socket.data;
      if (receiver instanceof TlsHandshake) receiver.finished(socket, success, error);
    },
  };
}

/** TCP for the PROXY header, then TLS on the same connection. */
function proxiedTlsHandler(runtimeOptions: RuntimeListenerOptions): BunSocketHandler<BunSocket> {
  let options: TlsOptions | undefined;
  let tls: BunTlsOptions | undefined;
  /** Whose connection `upgradeTLS` is about to open, which it does before it returns. */
  let upcoming: Peer | undefined;
  const handler = tlsHandler(runtimeOptions, () => upcoming);

  return {
    ...BUN_SOCKET_EVENTS,
    open(socket) {
      const raw = adopt(socket, new BunSocket(socket, runtimeOptions.ending));
      const receiver = runtimeOptions.readProxyHeader?.(raw, ({ peer }, rest) => {
        if (options !== runtimeOptions.options.tls || tls === undefined) {
          options = runtimeOptions.options.tls;
          tls = bunTls(options!);
        }
        upcoming = peer;
        raw.release();
        socket.upgradeTLS({ data: raw, isServer: true, tls, initialData: rest, socket: handler });
      });
      if (receiver !== undefined) raw.receiver = receiver;
    },
  };
}

function adopt<S extends BunSocket>(socket: BunTcpSocket<BunSocket>, raw: S): S {
  socket.setNoDelay(true);
  socket.data = raw;
  return raw;
}

/** Bun tells of its end too, so that something has to be there to hear it. */
function refuse(socket: BunTcpSocket<BunSocket>, ending: Deadlines<RawSocket>): void {
  socket.data = new BunSocket(socket, ending);
  socket.terminate();
}

function bunTls({ cert, key, ca, ciphers, minVersion, clientCertificate }: TlsOptions): BunTlsOptions {
  return {
    cert,
    key,
    ...(ca !== undefined && { ca }),
    ...(ciphers !== undefined && { ciphers }),
    requestCert: clientCertificate !== "none",
    rejectUnauthorized: clientCertificate === "require",
    minVersion: TLS_VERSION_NUMBERS[minVersion],
    lowMemoryMode: true,
  };
}
