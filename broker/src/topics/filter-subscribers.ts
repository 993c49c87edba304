import { Subscribers } from "./subscribers.js";

/** Numbers no filter. */
export const NO_FILTER = 0;

/**
 * The subscribers of all filters, each filter a number.
 *
 * Most filters have one subscriber. It lies in the array itself, without an object around it that a match would have to fetch from
 * memory; `Subscribers` is for filters with several, and for as long as a match needs slots that stay (`pin`).
 */
export class FilterSubscribers<S, K> {
  readonly #values: (S | Subscribers<S, K> | undefined)[] = [undefined];
  /** The key of a lone subscriber. */
  readonly #keys: (K | undefined)[] = [undefined];
  readonly #free: number[] = [];

  /** Filters with subscribers. */
  get size(): number {
    return this.#values.length - 1 - this.#free.length;
  }

  /** A number for a filter, with its first subscriber. */
  add(key: K, value: S): number {
    const filter = this.#free.pop() ?? this.#values.length;
    this.#values[filter] = value;
    this.#keys[filter] = key;
    return filter;
  }

  /** Gives the number of a filter whose last subscriber has left back. */
  delete(filter: number): void {
    this.#values[filter] = undefined;
    this.#keys[filter] = undefined;
    this.#free.push(filter);
    if (this.size === 0) this.#releaseCapacity();
  }

  /** Adds a subscriber, or replaces it and returns what was there. */
  put(filter: number, key: K, value: S): S | undefined {
    const found = this.#values[filter]!;
    if (found instanceof Subscribers) return found.put(key, value);
    if (this.#keys[filter] !== key) return this.pin(filter).put(key, value);
    this.#values[filter] = value;
    return found;
  }

  /** Takes a subscriber out; if it was the last, `delete` has to follow. */
  remove(filter: number, key: K): S | undefined {
    const found = this.#values[filter]!;
    if (found instanceof Subscribers) {
      const removed = found.remove(key);
      this.settle(filter);
      return removed;
    }
    if (this.#keys[filter] !== key) return undefined;
    this.#values[filter] = undefined;
    return found;
  }

  /** Subscribers of a filter. */
  count(filter: number): number {
    const found = this.#values[filter];
    return found instanceof Subscribers ? found.size : found === undefined ? 0 : 1;
  }

  /** Any of them, the same until it leaves. */
  first(filter: number): S | undefined {
    const found = this.#values[filter];
    return found instanceof Subscribers ? found.at(0).value : found;
  }

  isEmpty(filter: number): boolean {
    return this.count(filter) === 0;
  }

  /** The subscribers in slots that stay where they are, until `settle`. */
  pin(filter: number): Subscribers<S, K> {
    const found = this.#values[filter]!;
    if (found instanceof Subscribers) return found;

    const subscribers = new Subscribers(this.#keys[filter] as K, found);
    this.#values[filter] = subscribers;
    this.#keys[filter] = undefined;
    return subscribers;
  }

  /** Closes the gaps between slots; a lone subscriber returns to the array. Does nothing to a filter that has gone. */
  settle(filter: number): void {
    const found = this.#values[filter];
    if (!(found instanceof Subscribers)) return;

    found.compact();
    if (found.size !== 1) return;
    const { key, value } = found.at(0);
    this.#values[filter] = value;
    this.#keys[filter] = key;
  }

  /** Gives all subscribers of a filter to `visit`; returns how many. */
  visit<C>(filter: number, visit: (value: S, context: C) => void, context: C): number {
    const found = this.#values[filter]!;
    if (found instanceof Subscribers) return found.visitSlots(found.slotCount, visit, context);
    visit(found, context);
    return 1;
  }

  #releaseCapacity(): void {
    this.#values.length = 1;
    this.#keys.length = 1;
    this.#free.length = 0;
  }
}
