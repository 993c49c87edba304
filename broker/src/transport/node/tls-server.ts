import type { Socket as NetSocket } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import type { TlsOptions } from "../listener.js";
import { hasCertificate } from "../peer-tls.js";
import { ProxiedSocket } from "../proxy/proxied-socket.js";
import type { RuntimeListenerOptions } from "../runtime-listener.js";
import type { Peer } from "../socket.js";
import { NodeTlsSocket } from "./node-tls-socket.js";

export interface TlsServer {
  /** Does TLS on a connection that another server accepted, for the client that a proxy told of, if one did. */
  adopt(socket: NetSocket, peer?: Peer): void;
}

/** A server of Node's that opens sockets when their handshake is done. It listens nowhere. */
export function createTlsServer(tls: TlsOptions, { open, ending, handshakeTimeoutMs, failed }: RuntimeListenerOptions): TlsServer {
  /** Who is behind a connection whose handshake is under way, by the connection's own remote end, which the two sockets share. */
  const proxied = new Map<string, Peer>();
  const { cert, key, ca, ciphers, minVersion, clientCertificate } = tls;
  const server = createServer({
    cert,
    key,
    minVersion,
    ...(ca !== undefined && { ca }),
    ...(ciphers !== undefined && { ciphers }),
    requestCert: clientCertificate !== "none",
    rejectUnauthorized: clientCertificate === "require",
    handshakeTimeout: handshakeTimeoutMs,
    noDelay: true,
  });

  server.on("tlsClientError", (error, socket) => {
    // Node closes a connection with an invalid certificate before it tells, and then only that it was closed.
    const reason = socket.authorizationError ? refusalOf(socket) : `TLS handshake failed: ${error.message}`;
    failed(reason, socket.remoteAddress ?? "");
    socket.destroy();
  });
  server.on("secureConnection", (socket) => {
    if (clientCertificate === "request" && !socket.authorized && hasCertificate(socket.getPeerCertificate())) {
      failed(refusalOf(socket), socket.remoteAddress ?? "");
      socket.destroy();
      return;
    }
    const peer = proxied.get(endOf(socket));
    proxied.delete(endOf(socket));
    const raw = new NodeTlsSocket(socket, ending);
    raw.receiver = open(peer === undefined ? raw : new ProxiedSocket(raw, peer));
  });

  return {
    adopt(socket, peer) {
      if (peer !== undefined) {
        const end = endOf(socket);
        proxied.set(end, peer);
        socket.once("close", () => {
          if (proxied.get(end) === peer) proxied.delete(end);
        });
      }
      server.emit("connection", socket);
    },
  };
}

function endOf({ remoteAddress, remotePort }: NetSocket): string {
  return `${remoteAddress} ${remotePort}`;
}

/** With a code such as DEPTH_ZERO_SELF_SIGNED_CERT, which Node's types take for an Error. */
function refusalOf(socket: TLSSocket): string {
  return `client certificate refused: ${socket.authorizationError}`;
}
