import type { Clock } from "../clock.js";
import { Deadlines } from "./deadlines.js";
import type { Handshake, HandshakeContext } from "./handshake.js";
import type { Accept, Admits, HandshakeFailed, ListenerOptions } from "./listener.js";
import { ProxiedSocket } from "./proxy/proxied-socket.js";
import { type AfterHeader, ProxyHandshake } from "./proxy/proxy-handshake.js";
import type { Open, RawSocket } from "./raw-socket.js";
import type { RuntimeListenerOptions } from "./runtime-listener.js";
import type { SocketReceiver } from "./socket.js";
import { WebSocketHandshake } from "./websocket/websocket-handshake.js";

/** How long a peer may take to close its side after we closed ours. */
const END_GRACE_MS = 2_000;

const HANDSHAKE_TIMEOUT_MS = 10_000;

/**
 * Handshakes of one kind under way on a listener. Beyond it the one that began first is given up, as a peer that means to finish does so
 * within a few round trips. On Node those of TLS are bounded by their time alone.
 */
export const MAX_HANDSHAKES = 16_384;

export interface LayerOptions {
  readonly options: ListenerOptions;
  readonly admits: Admits;
  readonly accept: Accept;
  readonly handshakeFailed: HandshakeFailed;
  readonly clock: Clock;
}

/** Puts the layers that a listener asks for between the runtime and `accept`: PROXY header, TLS (the runtime's), WebSocket. */
export function runtimeOptionsOf({ options, admits, accept, handshakeFailed, clock }: LayerOptions): RuntimeListenerOptions {
  const { name, tls, webSocket, proxyProtocol, handshakeTimeoutMs = HANDSHAKE_TIMEOUT_MS } = options;
  const failed = (reason: string, remoteAddress: string) => handshakeFailed(name, reason, remoteAddress);
  const contextOf = (limitMs: number): HandshakeContext => ({
    pending: new Deadlines<Handshake>(clock, limitMs, expire, MAX_HANDSHAKES),
    failed,
  });
  const ending = new Deadlines<RawSocket>(clock, END_GRACE_MS, destroy);
  const handshaking = contextOf(handshakeTimeoutMs);

  let open: Open = accept;
  const webSocketContext = webSocket && { ...handshaking, options: webSocket, open: accept, ending };
  if (webSocketContext !== undefined) open = (socket) => new WebSocketHandshake(socket, webSocketContext);

  const proxyContext = proxyProtocol && contextOf(proxyProtocol.timeoutMs);
  const readProxyHeader =
    proxyContext &&
    ((socket: RawSocket, proceed: AfterHeader) => new ProxyHandshake(socket, proxyContext, ifAdmitted(admits, socket, proceed)));
  return {
    options,
    webSocket: webSocketContext,
    handshakeTimeoutMs,
    admits: proxyContext === undefined ? admits : admitAll,
    open: readProxyHeader !== undefined && tls === undefined ? openProxied(readProxyHeader, open) : open,
    readProxyHeader: tls && readProxyHeader,
    failed,
    handshaking: handshaking.pending,
    ending,
  };
}

function openProxied(readProxyHeader: (socket: RawSocket, proceed: AfterHeader) => SocketReceiver, open: Open): Open {
  return (inner) =>
    readProxyHeader(inner, ({ peer }, rest) => {
      inner.receiver = open(peer === undefined ? inner : new ProxiedSocket(inner, peer));
      if (rest.length > 0) inner.receiver.onData(rest);
    });
}

/** The client that the proxy serves is asked about; the proxy itself if it speaks for none. */
function ifAdmitted(admits: Admits, socket: RawSocket, proceed: AfterHeader): AfterHeader {
  return (header, rest) => {
    const { address } = header.peer ?? socket.peer();
    if (admits({ remoteAddress: address })) proceed(header, rest);
    else socket.destroy();
  };
}

function admitAll(): boolean {
  return true;
}

function expire(handshake: Handshake): void {
  handshake.expire();
}

function destroy(socket: RawSocket): void {
  socket.destroy();
}
