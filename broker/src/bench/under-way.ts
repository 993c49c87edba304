const FIRST_CAPACITY = 16;
const FREE = -1;

/** The messages of a client that are not acknowledged. Packet identifiers are used again as soon as they are free, so that arrays do. */
export class UnderWay {
  /** When each was sent, by packet identifier less 1. */
  #sentMs = new Float64Array(FIRST_CAPACITY).fill(FREE);
  /** Identifiers that have been used and are free. */
  #free: number[] = [];
  #used = 0;

  get size(): number {
    return this.#used - this.#free.length;
  }

  /** Returns its packet identifier. To be called for at most 65,535 at a time. */
  add(nowMs: number): number {
    const packetId = this.#free.pop() ?? ++this.#used;
    if (packetId > this.#sentMs.length) this.#grow();
    this.#sentMs[packetId - 1] = nowMs;
    return packetId;
  }

  /** When it was sent; undefined if there is none by that identifier. */
  complete(packetId: number): number | undefined {
    const sentMs = this.#sentMs[packetId - 1];
    if (sentMs === undefined || sentMs === FREE) return undefined;
    this.#sentMs[packetId - 1] = FREE;
    this.#free.push(packetId);
    return sentMs;
  }

  clear(): void {
    this.#sentMs.fill(FREE);
    this.#free = [];
    this.#used = 0;
  }

  #grow(): void {
    const larger = new Float64Array(this.#sentMs.length * 2).fill(FREE);
    larger.set(this.#sentMs);
    this.#sentMs = larger;
  }
}
