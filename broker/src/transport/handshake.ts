import type { Deadlines } from "./deadlines.js";

/** A connection that is not ready yet. */
export interface Handshake {
  /** Its time is over. */
  expire(): void;
}

/** What the handshakes of one layer of a listener share. */
export interface HandshakeContext {
  /** Those under way. */
  readonly pending: Deadlines<Handshake>;
  readonly failed: (reason: string, remoteAddress: string) => void;
}
