import type { Socket, SocketReceiver } from "./socket.js";

/** A socket whose receiver can be replaced: layers take that place while they wait for their handshake, and give it away afterwards. */
export interface RawSocket extends Socket {
  receiver: SocketReceiver;
}

/** Called for each new connection of a layer; what it returns receives the connection's bytes. */
export type Open = (socket: RawSocket) => SocketReceiver;

/** Stands in until `Open` has returned. Nothing arrives before. */
export const NO_RECEIVER: SocketReceiver = { onData() {}, onDrain() {}, onClose() {} };
