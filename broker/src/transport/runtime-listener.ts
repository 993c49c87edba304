import type { Deadlines } from "./deadlines.js";
import type { HandshakeFailed, ListenerOptions } from "./listener.js";
import type { Open, RawSocket } from "./raw-socket.js";

/** What a runtime's listener needs to make sockets and to tell of those that never became one. */
export interface RuntimeListenerOptions {
  readonly options: ListenerOptions;
  readonly open: Open;
  readonly handshakeFailed: HandshakeFailed;
  /** Sockets that have ended and wait for the peer to do so. */
  readonly ending: Deadlines<RawSocket>;
}

/** An address bound by a runtime. */
export interface BoundAddress {
  readonly host: string;
  readonly port: number;
  /** Stops listening. */
  close(): Promise<void>;
}
