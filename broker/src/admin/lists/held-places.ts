/** Lists that somebody may go on with, at most, and for how long. */
const MOST_PLACES = 64;
const KEPT_MS = 60_000;

/** How far a list was read. */
export interface Place<T> {
  readonly rest: Iterator<T | undefined>;
  /** Things looked at before. */
  readonly offset: number;
}

/**
 * Keeps the places where pages of one list ended, each under a number, so that the next page need not begin at the start again. One that nobody
 * comes back for is let go of: it holds on to what the list is read from.
 */
export class HeldPlaces<T> {
  /** What list it is; stands in its cursors. */
  readonly list: string;
  readonly #places = new Map<number, { readonly place: Place<T>; readonly timer: NodeJS.Timeout }>();
  #next = 1;

  constructor(list: string) {
    this.list = list;
  }

  keep(place: Place<T>): number {
    const [oldest] = this.#places.keys();
    if (oldest !== undefined && this.#places.size >= MOST_PLACES) this.take(oldest);
    const number = this.#next++;
    const timer = setTimeout(() => this.#places.delete(number), KEPT_MS);
    timer.unref();
    this.#places.set(number, { place, timer });
    return number;
  }

  /** Once each: who reads on moves it. */
  take(number: number): Place<T> | undefined {
    const held = this.#places.get(number);
    clearTimeout(held?.timer);
    this.#places.delete(number);
    return held?.place;
  }
}
