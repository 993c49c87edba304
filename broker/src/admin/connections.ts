import type { Socket } from "node:net";

/**
 * The sockets of a server, of which there may be only so many. Beyond that the one that has been idle for longest is closed, so that nobody
 * can keep others out by holding connections.
 */
export class Connections {
  readonly #most: number;
  /** In the order in which they became idle. */
  readonly #idle = new Set<Socket>();
  readonly #busy = new Set<Socket>();

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#idle.size + this.#busy.size;
  }

  opened(socket: Socket): void {
    if (this.size >= this.#most) {
      const [victim = socket] = this.#idle;
      victim.destroy();
      this.#idle.delete(victim);
      if (victim === socket) return;
    }
    this.#idle.add(socket);
    socket.once("close", () => {
      this.#idle.delete(socket);
      this.#busy.delete(socket);
    });
  }

  /** A request has come on it; `done` follows once it is answered. */
  begins(socket: Socket): void {
    if (this.#idle.delete(socket)) this.#busy.add(socket);
  }

  done(socket: Socket): void {
    if (this.#busy.delete(socket) && !socket.destroyed) this.#idle.add(socket);
  }

  closeAll(): void {
    for (const socket of [...this.#idle, ...this.#busy]) socket.destroy();
  }
}
