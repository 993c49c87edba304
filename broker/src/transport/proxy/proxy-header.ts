import type { Peer } from "../socket.js";

/** What a proxy says at the start of a connection. */
export interface ProxyHeader {
  /** Bytes of the header; what follows is the client's. */
  readonly length: number;
  /** Undefined if the proxy speaks for itself (LOCAL, a health check) or does not know: then the connection's own ends hold. */
  readonly peer: Peer | undefined;
}

/** The bytes are no PROXY header. */
export class ProxyProtocolError extends Error {
  override readonly name = "ProxyProtocolError";
}
