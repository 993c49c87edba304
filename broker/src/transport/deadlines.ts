import type { Clock } from "../clock.js";
import { PassingMap } from "../passing-map.js";

/** Ticks in the time limit: nothing expires early, and at most a quarter of the limit late. */
const TICKS = 4;

/** This part of the most there may be expires together: finding a map's first costs more the more have been taken from its front. */
const SHARE_AT_ONCE = 1 / 64;

/**
 * Things that have to be done within one time limit; what is still here when it ends is taken out and expires.
 *
 * One timer for all of them, and none while there are none, so that idle connections pay nothing. Counts ticks rather than
 * comparing times, so that a clock that is set changes no limit.
 */
export class Deadlines<T> {
  readonly #clock: Clock;
  readonly #periodMs: number;
  readonly #expire: (item: T) => void;
  readonly #max: number;
  /** Tick at which each expires; first in, first out, because all have the same limit. */
  readonly #due = new PassingMap<T, number>();
  #tick = 0;
  #stopClock: (() => void) | undefined;

  /** `max`: the most there may be, beyond which those that came first expire early. */
  constructor(clock: Clock, limitMs: number, expire: (item: T) => void, max = Number.POSITIVE_INFINITY) {
    this.#clock = clock;
    this.#periodMs = Math.max(1, Math.ceil(limitMs / TICKS));
    this.#expire = expire;
    this.#max = max;
  }

  /** What is here already keeps its time. */
  add(item: T): void {
    if (this.#due.has(item)) return;
    if (this.#due.size >= this.#max) this.#expireFirst(Math.ceil(this.#max * SHARE_AT_ONCE));
    this.#due.set(item, this.#tick + TICKS + 1);
    this.#stopClock ??= this.#clock.every(this.#periodMs, () => this.#expireDue());
  }

  delete(item: T): void {
    this.#due.delete(item);
  }

  get size(): number {
    return this.#due.size;
  }

  #expireFirst(count: number): void {
    let left = count;
    for (const [item] of this.#due) {
      if (!this.#due.delete(item)) continue;
      this.#expire(item);
      if (--left === 0) return;
    }
  }

  #expireDue(): void {
    this.#tick++;
    for (const [item, due] of this.#due) {
      if (due > this.#tick) break;
      if (this.#due.delete(item)) this.#expire(item);
    }
    if (this.#due.size === 0) {
      this.#stopClock?.();
      this.#stopClock = undefined;
    }
  }
}
