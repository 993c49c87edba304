import { NO_RECEIVER, type RawSocket } from "../../src/transport/raw-socket.js";
import type { Peer, SocketReceiver } from "../../src/transport/socket.js";

/** A socket without a network: the test is the peer. */
export class PipeSocket implements RawSocket {
  receiver: SocketReceiver = NO_RECEIVER;
  readonly written: Uint8Array[] = [];
  /** Whether writes are taken at once. */
  takes = true;
  isPaused = false;
  hasEnded = false;
  isDestroyed = false;

  get bytes(): Buffer {
    return Buffer.concat(this.written);
  }

  write(bytes: Uint8Array): boolean {
    this.written.push(bytes);
    return this.takes;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  end(): void {
    this.hasEnded = true;
  }

  destroy(): void {
    this.isDestroyed = true;
  }

  peer(): Peer {
    return { address: "192.0.2.1", port: 1, localAddress: "192.0.2.2", localPort: 2 };
  }
}
