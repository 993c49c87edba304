/** Marks a slot whose subscriber left during a match; it keeps the other slots where the match expects them. */
const VACANT = Symbol("vacant");

/** With more subscribers than this, their slots are indexed by key instead of searched. */
const MAX_SEARCHED = 16;

/**
 * The subscribers of one filter that has several, in numbered slots.
 *
 * A match notes `slotCount` and visits the slots below it. While it does, subscribers leave through `vacate`, which moves nobody, and who
 * comes takes a slot at the end: so each subscriber is visited once, those who left are not visited, and newcomers wait for the next match.
 */
export class Subscribers<S, K> {
  readonly #keys: (K | typeof VACANT)[];
  readonly #values: (S | typeof VACANT)[];
  #slotOf: Map<K, number> | undefined;
  #vacancies = 0;

  constructor(key: K, value: S) {
    this.#keys = [key];
    this.#values = [value];
    this.#slotOf = undefined;
  }

  get size(): number {
    return this.#keys.length - this.#vacancies;
  }

  get slotCount(): number {
    return this.#keys.length;
  }

  /** The subscriber of one slot; only while nobody has vacated it. */
  at(slot: number): { readonly key: K; readonly value: S } {
    return { key: this.#keys[slot] as K, value: this.#values[slot] as S };
  }

  /** Gives the subscribers in the first slots to `visit`; returns how many there still are. */
  visitSlots<C>(slots: number, visit: (value: S, context: C) => void, context: C): number {
    let visited = 0;
    for (let slot = 0; slot < slots; slot++) {
      const value = this.#values[slot]!;
      if (value === VACANT) continue;
      visit(value as S, context);
      visited++;
    }
    return visited;
  }

  /** Adds a subscriber, or replaces it in its slot and returns what was there. */
  put(key: K, value: S): S | undefined {
    const slot = this.#find(key);
    if (slot >= 0) {
      const previous = this.#values[slot] as S;
      this.#values[slot] = value;
      return previous;
    }

    this.#keys.push(key);
    this.#values.push(value);
    if (this.#slotOf !== undefined) this.#slotOf.set(key, this.#keys.length - 1);
    else if (this.#keys.length > MAX_SEARCHED) this.#index();
    return undefined;
  }

  /** Takes a subscriber out during a match: its slot stays, empty, until `compact`. */
  vacate(key: K): S | undefined {
    const slot = this.#find(key);
    if (slot < 0) return undefined;

    const left = this.#values[slot] as S;
    this.#keys[slot] = VACANT;
    this.#values[slot] = VACANT;
    this.#vacancies++;
    this.#slotOf?.delete(key);
    return left;
  }

  /** Takes a subscriber out; the last one moves into its slot. */
  remove(key: K): S | undefined {
    const slot = this.#find(key);
    if (slot < 0) return undefined;

    const removed = this.#values[slot] as S;
    const lastKey = this.#keys.pop() as K;
    const lastValue = this.#values.pop() as S;
    this.#slotOf?.delete(key);
    if (slot < this.#keys.length) {
      this.#keys[slot] = lastKey;
      this.#values[slot] = lastValue;
      this.#slotOf?.set(lastKey, slot);
    }
    return removed;
  }

  /** Closes the gaps that `vacate` left, once no match is under way. */
  compact(): void {
    if (this.#vacancies === 0) return;

    let kept = 0;
    for (let slot = 0; slot < this.#keys.length; slot++) {
      if (this.#keys[slot] === VACANT) continue;
      this.#keys[kept] = this.#keys[slot]!;
      this.#values[kept] = this.#values[slot]!;
      kept++;
    }
    this.#keys.length = kept;
    this.#values.length = kept;
    this.#vacancies = 0;
    if (this.#slotOf !== undefined) this.#index();
  }

  #find(key: K): number {
    return this.#slotOf === undefined ? this.#keys.indexOf(key) : (this.#slotOf.get(key) ?? -1);
  }

  #index(): void {
    this.#slotOf = new Map();
    for (let slot = 0; slot < this.#keys.length; slot++) {
      const key = this.#keys[slot]!;
      if (key !== VACANT) this.#slotOf.set(key, slot);
    }
  }
}
