import { ExactFilters } from "./exact-filters.js";
import { Subscribers } from "./subscribers.js";
import { WildcardTrie } from "./wildcard-trie.js";

export interface SubscriptionTrieOptions {
  /** Any integer; a secret one keeps clients from preparing levels whose hashes collide. */
  readonly hashSeed: number;
}

/**
 * Who subscribed to what: at most one subscription `S` per filter and subscriber key `K`.
 *
 * Filters without wildcards are found by the whole topic in one look-up; only those with wildcards pay for a walk.
 * Filters are taken as valid (`topicFilterProblem`), `$share/…` as parsed (`parseSharedFilter`).
 */
export class SubscriptionTrie<S extends NonNullable<unknown>, K = string> {
  readonly #exact: ExactFilters<Subscribers<S, K>>;
  readonly #wildcard: WildcardTrie<Subscribers<S, K>>;
  #size = 0;
  #filterCount = 0;

  /** What the matches under way have found: a stack, because a visitor may match again. */
  readonly #found: (Subscribers<S, K> | undefined)[] = [];
  readonly #foundSlots: number[] = [];
  #foundCount = 0;
  #matchesUnderWay = 0;
  #vacated: Subscribers<S, K>[] = [];

  constructor({ hashSeed }: SubscriptionTrieOptions) {
    this.#exact = new ExactFilters(hashSeed | 0);
    this.#wildcard = new WildcardTrie(hashSeed | 0);
  }

  /** Subscriptions, over all filters. */
  get size(): number {
    return this.#size;
  }

  get filterCount(): number {
    return this.#filterCount;
  }

  /** Nodes and exact filters held; 0 when all subscriptions with more than `#` have gone. */
  get nodeCount(): number {
    return this.#exact.size + this.#wildcard.nodeCount;
  }

  /** Adds a subscription, or replaces that of the same key to the same filter and returns the former one [MQTT-3.8.4-3]. */
  subscribe(filter: string, key: K, subscription: S): S | undefined {
    const subscribers = this.#subscribersOf(filter);
    const previous = subscribers?.put(key, subscription);
    if (previous !== undefined) return previous;

    this.#size++;
    if (subscribers === undefined) this.#addFilter(filter, new Subscribers(key, subscription));
    return undefined;
  }

  unsubscribe(filter: string, key: K): S | undefined {
    const subscribers = this.#subscribersOf(filter);
    if (subscribers === undefined) return undefined;

    const removed = this.#matchesUnderWay === 0 ? subscribers.remove(key) : subscribers.vacate(key);
    if (removed === undefined) return undefined;

    this.#size--;
    if (subscribers.size === 0) this.#deleteFilter(filter);
    else if (this.#matchesUnderWay > 0) this.#vacated.push(subscribers);
    return removed;
  }

  /**
   * Calls `visit` once for each subscription whose filter matches the topic, in no particular order; returns how many it visited.
   *
   * `context` is handed on to the visitor, so that one function can serve all messages. The visitor may subscribe, unsubscribe and match:
   * what was there when this match began is visited unless it has been removed since, with its latest value; what is new is not visited.
   * An error thrown by the visitor ends the match.
   */
  match<C>(topic: string, visit: (subscription: S, context: C) => void, context: C): number;
  match(topic: string, visit: (subscription: S) => void): number;
  match<C>(topic: string, visit: (subscription: S, context: C | undefined) => void, context?: C): number {
    const base = this.#foundCount;
    const end = this.#find(topic, base);
    if (end === base) return 0;

    this.#foundCount = end;
    this.#matchesUnderWay++;
    try {
      return this.#visit(base, end, visit, context);
    } finally {
      for (let i = base; i < end; i++) this.#found[i] = undefined; // fill() is a call, 6 % of a match
      this.#foundCount = base;
      if (--this.#matchesUnderWay === 0 && this.#vacated.length > 0) this.#compact();
    }
  }

  /** Puts the subscribers of all matching filters on the stack, with the slots they have now; returns its new end. */
  #find(topic: string, base: number): number {
    let end = base;
    const exact = this.#exact.get(topic);
    if (exact !== undefined) this.#found[end++] = exact;
    end = this.#wildcard.collect(topic, this.#found as Subscribers<S, K>[], end);
    for (let i = base; i < end; i++) this.#foundSlots[i] = this.#found[i]!.slotCount;
    return end;
  }

  #visit<C>(base: number, end: number, visit: (subscription: S, context: C) => void, context: C): number {
    let visited = 0;
    for (let i = base; i < end; i++) {
      const subscribers = this.#found[i]!;
      const slots = this.#foundSlots[i]!;
      for (let slot = 0; slot < slots; slot++) {
        if (subscribers.visitSlot(slot, visit, context)) visited++;
      }
    }
    return visited;
  }

  #compact(): void {
    const vacated = this.#vacated;
    this.#vacated = [];
    for (const subscribers of vacated) subscribers.compact();
  }

  #subscribersOf(filter: string): Subscribers<S, K> | undefined {
    return hasWildcard(filter) ? this.#wildcard.get(filter) : this.#exact.get(filter);
  }

  #addFilter(filter: string, subscribers: Subscribers<S, K>): void {
    this.#filterCount++;
    if (hasWildcard(filter)) this.#wildcard.set(filter, subscribers);
    else this.#exact.add(filter, subscribers);
  }

  #deleteFilter(filter: string): void {
    this.#filterCount--;
    if (hasWildcard(filter)) this.#wildcard.delete(filter);
    else this.#exact.delete(filter);
  }
}

function hasWildcard(filter: string): boolean {
  return filter.includes("+") || filter.includes("#");
}
