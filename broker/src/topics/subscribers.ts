/** Marks a slot whose subscriber left during a match; it keeps the other slots where the match expects them. */
const VACANT = Symbol("vacant");

/** With more subscribers than this, their slots are indexed by key instead of searched. */
const MAX_SEARCHED = 16;

/** What several subscribers need; most filters have one and go without. */
interface Shelf<S, K> {
  readonly keys: (K | typeof VACANT)[];
  readonly values: (S | typeof VACANT)[];
  slotOf: Map<K, number> | undefined;
}

/**
 * The subscribers of one filter, in numbered slots.
 *
 * A match notes `slotCount` and visits the slots below it. While it does, subscribers leave through `vacate`, which moves nobody, and who
 * comes takes a slot at the end: so each subscriber is visited once, those who left are not visited, and newcomers wait for the next match.
 */
export class Subscribers<S, K> {
  #key: K | typeof VACANT;
  #value: S | typeof VACANT;
  #shelf: Shelf<S, K> | undefined;
  #vacancies = 0;

  constructor(key: K, value: S) {
    this.#key = key;
    this.#value = value;
    this.#shelf = undefined;
  }

  get size(): number {
    return this.slotCount - this.#vacancies;
  }

  get slotCount(): number {
    return this.#shelf === undefined ? 1 : this.#shelf.keys.length;
  }

  /** Gives the subscriber in a slot to `visit`; false if it has left. */
  visitSlot<C>(slot: number, visit: (value: S, context: C) => void, context: C): boolean {
    const value = this.#shelf === undefined ? this.#value : this.#shelf.values[slot]!;
    if (value === VACANT) return false;
    visit(value as S, context);
    return true;
  }

  /** Adds a subscriber, or replaces it in its slot and returns what was there. */
  put(key: K, value: S): S | undefined {
    const slot = this.#find(key);
    if (slot >= 0) return this.#replace(slot, key, value) as S;

    this.#shelf ??= { keys: [this.#key], values: [this.#value], slotOf: undefined };
    const { keys, values } = this.#shelf;
    keys.push(key);
    values.push(value);
    if (this.#shelf.slotOf !== undefined) this.#shelf.slotOf.set(key, keys.length - 1);
    else if (keys.length > MAX_SEARCHED) this.#index(this.#shelf);
    return undefined;
  }

  /** Takes a subscriber out during a match: its slot stays, empty, until `compact`. */
  vacate(key: K): S | undefined {
    const slot = this.#find(key);
    if (slot < 0) return undefined;

    this.#vacancies++;
    this.#shelf?.slotOf?.delete(key);
    return this.#replace(slot, VACANT, VACANT) as S;
  }

  /** Takes a subscriber out; the last one moves into its slot. */
  remove(key: K): S | undefined {
    const slot = this.#find(key);
    if (slot < 0) return undefined;
    if (this.#shelf === undefined) return this.vacate(key);

    const { keys, values, slotOf } = this.#shelf;
    const removed = values[slot] as S;
    const lastKey = keys.pop() as K;
    const lastValue = values.pop() as S;
    slotOf?.delete(key);
    if (slot < keys.length) {
      keys[slot] = lastKey;
      values[slot] = lastValue;
      slotOf?.set(lastKey, slot);
    }
    this.#shrink();
    return removed;
  }

  /** Closes the gaps that `vacate` left, once no match is under way. */
  compact(): void {
    const shelf = this.#shelf;
    if (this.#vacancies === 0 || shelf === undefined) return;

    let kept = 0;
    for (let slot = 0; slot < shelf.keys.length; slot++) {
      if (shelf.keys[slot] === VACANT) continue;
      shelf.keys[kept] = shelf.keys[slot]!;
      shelf.values[kept] = shelf.values[slot]!;
      kept++;
    }
    shelf.keys.length = kept;
    shelf.values.length = kept;
    this.#vacancies = 0;
    if (shelf.slotOf !== undefined) this.#index(shelf);
    this.#shrink();
  }

  #find(key: K): number {
    if (this.#shelf === undefined) return this.#key === key ? 0 : -1;
    return this.#shelf.slotOf === undefined ? this.#shelf.keys.indexOf(key) : (this.#shelf.slotOf.get(key) ?? -1);
  }

  #replace(slot: number, key: K | typeof VACANT, value: S | typeof VACANT): S | typeof VACANT {
    const previous = this.#shelf === undefined ? this.#value : this.#shelf.values[slot]!;
    if (this.#shelf === undefined) {
      this.#key = key;
      this.#value = value;
    } else {
      this.#shelf.keys[slot] = key;
      this.#shelf.values[slot] = value;
    }
    return previous;
  }

  #index(shelf: Shelf<S, K>): void {
    shelf.slotOf = new Map();
    for (let slot = 0; slot < shelf.keys.length; slot++) {
      const key = shelf.keys[slot]!;
      if (key !== VACANT) shelf.slotOf.set(key, slot);
    }
  }

  /** Returns to the small form when one subscriber is left. */
  #shrink(): void {
    if (this.#shelf?.keys.length !== 1) return;
    this.#key = this.#shelf.keys[0]!;
    this.#value = this.#shelf.values[0]!;
    this.#shelf = undefined;
  }
}
