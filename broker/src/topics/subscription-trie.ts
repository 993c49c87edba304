import { FilterSubscribers, NO_FILTER } from "./filter-subscribers.js";
import { FilterTrie } from "./filter-trie.js";
import { LevelScan } from "./level-scan.js";
import type { Subscribers } from "./subscribers.js";

export interface SubscriptionTrieOptions {
  /** Any integer; a secret one keeps clients from preparing levels whose hashes collide. */
  readonly hashSeed: number;
}

/** The subscribers a match still has to visit, in slots that stay, since the trie was changed during that match. */
interface PinnedFilter<S, K> {
  readonly subscribers: Subscribers<S, K>;
  /** Those that were there when the match began. */
  readonly slots: number;
}

/**
 * Who subscribed to what: at most one subscription `S` per filter and subscriber key `K`.
 *
 * Filters without wildcards are found by the whole topic in one look-up; only those with wildcards pay for a walk.
 * Filters are taken as valid (`topicFilterProblem`), `$share/…` as parsed (`parseSharedFilter`).
 */
export class SubscriptionTrie<S extends NonNullable<unknown>, K = string> {
  readonly #scan: LevelScan;
  readonly #filters = new FilterTrie();
  readonly #subscribers = new FilterSubscribers<S, K>();
  #size = 0;
  #generation = 0;

  /** The filters that the matches under way have found: a stack, because a visitor may match again. */
  readonly #found: number[] = [];
  #foundCount = 0;
  #matchesUnderWay = 0;
  /** The lower part of that stack, up to its top when a visitor last changed the trie; empty while none does. */
  readonly #pinned: PinnedFilter<S, K>[] = [];
  readonly #unsettled: number[] = [];

  constructor({ hashSeed }: SubscriptionTrieOptions) {
    this.#scan = new LevelScan(hashSeed | 0);
  }

  /** Subscriptions, over all filters. */
  get size(): number {
    return this.#size;
  }

  get filterCount(): number {
    return this.#subscribers.size;
  }

  /** Nodes and exact filters held; 0 when all subscriptions with more than `#` have gone. */
  get nodeCount(): number {
    return this.#filters.nodeCount;
  }

  /** Another number whenever a match may find other subscriptions than before: whoever keeps what a match found compares it. */
  get generation(): number {
    return this.#generation;
  }

  /** Subscriptions to this very filter. */
  countOf(filter: string): number {
    this.#scan.read(filter);
    const number = this.#filters.get(filter, this.#scan);
    return number === NO_FILTER ? 0 : this.#subscribers.count(number);
  }

  /** One of the subscriptions to this very filter, the same until it goes; undefined if there is none. Not during a match. */
  firstOf(filter: string): S | undefined {
    this.#scan.read(filter);
    const number = this.#filters.get(filter, this.#scan);
    return number === NO_FILTER ? undefined : this.#subscribers.first(number);
  }

  /** Adds a subscription, or replaces that of the same key to the same filter and returns the former one [MQTT-3.8.4-3]. */
  subscribe(filter: string, key: K, subscription: S): S | undefined {
    this.#pinFound();
    this.#scan.read(filter);
    const number = this.#filters.get(filter, this.#scan);
    const previous = number === NO_FILTER ? undefined : this.#subscribers.put(number, key, subscription);
    if (previous !== subscription) this.#generation++;
    if (previous !== undefined) return previous;

    this.#size++;
    if (number === NO_FILTER) this.#filters.add(filter, this.#scan, this.#subscribers.add(key, subscription));
    return undefined;
  }

  unsubscribe(filter: string, key: K): S | undefined {
    this.#pinFound();
    this.#scan.read(filter);
    const number = this.#filters.get(filter, this.#scan);
    if (number === NO_FILTER) return undefined;

    const removed = this.#matchesUnderWay === 0 ? this.#subscribers.remove(number, key) : this.#vacate(number, key);
    if (removed === undefined) return undefined;

    this.#size--;
    this.#generation++;
    if (this.#subscribers.isEmpty(number)) {
      this.#subscribers.delete(number);
      this.#filters.delete(filter, this.#scan, number);
    }
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
    this.#scan.read(topic);
    const end = this.#filters.collect(topic, this.#scan, this.#found, base);
    if (end === base) return 0;

    this.#foundCount = end;
    this.#matchesUnderWay++;
    try {
      return this.#visit(base, end, visit, context);
    } finally {
      this.#foundCount = base;
      if (this.#pinned.length > base) this.#pinned.length = base;
      if (--this.#matchesUnderWay === 0 && this.#unsettled.length > 0) this.#settle();
    }
  }

  #visit<C>(base: number, end: number, visit: (subscription: S, context: C) => void, context: C): number {
    let visited = 0;
    for (let i = base; i < end; i++) {
      if (i < this.#pinned.length) {
        const { subscribers, slots } = this.#pinned[i]!;
        visited += subscribers.visitSlots(slots, visit, context);
      } else visited += this.#subscribers.visit(this.#found[i]!, visit, context);
    }
    return visited;
  }

  /** Before a change: pins down what the matches under way have found, so that the change moves nobody they still have to visit. */
  #pinFound(): void {
    for (let i = this.#pinned.length; i < this.#foundCount; i++) {
      const number = this.#found[i]!;
      const subscribers = this.#subscribers.pin(number);
      this.#pinned.push({ subscribers, slots: subscribers.slotCount });
      this.#unsettled.push(number);
    }
  }

  #vacate(number: number, key: K): S | undefined {
    this.#unsettled.push(number);
    return this.#subscribers.pin(number).vacate(key);
  }

  #settle(): void {
    for (const number of this.#unsettled) this.#subscribers.settle(number);
    this.#unsettled.length = 0;
  }
}
