import { peerTls } from "../peer-tls.js";
import type { Peer } from "../socket.js";
import { BunSocket } from "./bun-socket.js";

/** Bun's socket, with TLS on it, as ours. */
export class BunTlsSocket extends BunSocket {
  /** With a reset: Bun's `end()` would wait for the peer to answer. */
  override destroy(): void {
    this.socket.terminate();
  }

  override peer(): Peer {
    const { socket } = this;
    const certificate = socket.authorized ? socket.getPeerCertificate() : undefined;
    const tls = peerTls({
      version: socket.getTLSVersion(),
      cipher: socket.getCipher()?.name,
      serverName: socket.getServername(),
      certificate: certificate ?? undefined,
    });
    return { ...super.peer(), tls };
  }
}
