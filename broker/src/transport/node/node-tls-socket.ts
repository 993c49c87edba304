import type { TLSSocket } from "node:tls";
import type { Deadlines } from "../deadlines.js";
import { peerTls } from "../peer-tls.js";
import type { RawSocket } from "../raw-socket.js";
import type { Peer } from "../socket.js";
import { NodeSocket } from "./node-socket.js";

/** False without SNI; Node's types leave it out. */
type ServerSide = TLSSocket & { readonly servername?: string | false };

/**
 * `node:tls`'s socket as ours. It takes nothing at once, and has no `highWaterMark: 0`, so that "drain" would come for large writes only:
 * it is asked to call back instead.
 */
export class NodeTlsSocket extends NodeSocket {
  readonly #socket: TLSSocket;
  readonly #onWritten = (error?: Error | null): void => {
    if (!error) this.drained();
  };

  constructor(socket: TLSSocket, ending: Deadlines<RawSocket>) {
    super(socket, ending);
    this.#socket = socket;
    this.endWithPeer();
  }

  override write(bytes: Uint8Array): boolean {
    if (!this.isWritable) return true;
    this.#socket.write(bytes, this.#onWritten);
    return false;
  }

  override peer(): Peer {
    const socket = this.#socket;
    const tls = peerTls({
      version: socket.getProtocol(),
      cipher: socket.destroyed ? undefined : socket.getCipher().name,
      serverName: (socket as ServerSide).servername,
      certificate: socket.authorized ? socket.getPeerCertificate() : undefined,
    });
    return { ...super.peer(), tls };
  }
}
