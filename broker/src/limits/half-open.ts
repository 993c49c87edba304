import { PassingSet } from "../passing-set.js";

/** What can be turned out. */
export interface Newcomer {
  readonly socket: { destroy(): void };
}

/** While memory is short, this part of the bound holds. */
const SHARE_WITHOUT_MEMORY = 1 / 16;

/** This part of the bound is turned out together: finding the oldest of a set costs more the more have been taken from its front. */
const SHARE_TURNED_OUT = 1 / 64;

/**
 * Connections before their CONNACK. Beyond the bound, a new one takes the place of the one that has been silent for longest: a client
 * sends its CONNECT at once, so the oldest is the least likely to be one, and refusing the newest would let a few thousand silent sockets
 * keep everybody out. Who has sent a CONNECT and waits to be authenticated is not turned out; if only such are left, the newest is.
 */
export class HalfOpen {
  #max = Number.POSITIVE_INFINITY;
  /** In the order of their coming. */
  readonly #silent = new PassingSet<Newcomer>();
  readonly #connecting = new PassingSet<Newcomer>();

  /** Infinity is no bound. */
  configure(max: number): void {
    this.#max = max;
  }

  get size(): number {
    return this.#silent.size + this.#connecting.size;
  }

  /** Whether there is room for another, and how many had to go for it. */
  makeRoom(isMemoryShort: boolean): { readonly isFree: boolean; readonly turnedOut: number } {
    const max = isMemoryShort ? Math.max(1, Math.floor(this.#max * SHARE_WITHOUT_MEMORY)) : this.#max;
    const excess = this.size - max + 1;
    if (excess <= 0) return ROOM;
    const turnedOut = this.#turnOut(Math.max(excess, Math.floor(max * SHARE_TURNED_OUT)));
    return { isFree: turnedOut >= excess, turnedOut };
  }

  opened(newcomer: Newcomer): void {
    this.#silent.add(newcomer);
  }

  /** Its CONNECT has come. */
  connects(newcomer: Newcomer): void {
    if (this.#silent.delete(newcomer)) this.#connecting.add(newcomer);
  }

  /** It has its CONNACK, or will never have one. */
  settled(newcomer: Newcomer): void {
    if (!this.#connecting.delete(newcomer)) this.#silent.delete(newcomer);
  }

  #turnOut(most: number): number {
    let count = 0;
    for (const newcomer of this.#silent) {
      if (count === most) break;
      if (!this.#silent.delete(newcomer)) continue;
      newcomer.socket.destroy();
      count++;
    }
    return count;
  }
}

const ROOM = { isFree: true, turnedOut: 0 };
