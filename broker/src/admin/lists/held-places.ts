/** Lists that somebody may go on with, at most, and for how long. */
const MOST_PLACES = 64;
const KEPT_MS = 60_000;

/** How far a list was read. */
export interface Place {
  readonly rest: Iterator<unknown>;
  /** Things looked at before. */
  readonly offset: number;
}

/** Keeps the places where pages ended, each under a number, so that the next page need not begin at the start again. */
export class HeldPlaces {
  readonly #now: () => number;
  readonly #places = new Map<number, Place & { readonly atMs: number }>();
  #next = 1;

  constructor(now: () => number) {
    this.#now = now;
  }

  get size(): number {
    return this.#places.size;
  }

  keep(place: Place): number {
    const atMs = this.#now();
    for (const [number, { atMs: keptAtMs }] of this.#places) {
      if (this.#places.size < MOST_PLACES && atMs - keptAtMs < KEPT_MS) break;
      this.#places.delete(number);
    }
    const number = this.#next++;
    this.#places.set(number, { ...place, atMs });
    return number;
  }

  /** Once each: who reads on moves it. */
  take(number: number): Place | undefined {
    const place = this.#places.get(number);
    this.#places.delete(number);
    return place;
  }
}
