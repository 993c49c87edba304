/** Of the slots, those that may lead to an entry: more, and looking takes longer. */
const MOST_USED = 0.75;

/** One table of a ClientMap: entries in the order of their coming, and slots that lead to them by hash. Removed entries stay as holes. */
export class ClientTable<Value> {
  readonly keys: (string | undefined)[] = [];
  readonly values: (Value | undefined)[] = [];
  /** What took its place, for whoever is walking through this one. */
  successor: ClientTable<Value> | undefined;
  /** Number of an entry and one; 0 for none. */
  readonly #slots: Int32Array;
  readonly #hashes: Int32Array;

  /** A power of two. */
  constructor(slots: number) {
    this.#slots = new Int32Array(slots);
    this.#hashes = new Int32Array(slots * MOST_USED);
  }

  get isFull(): boolean {
    return this.keys.length === this.#hashes.length;
  }

  /** The number of its entry, negative if there is none. */
  find(key: string, hash: number): number {
    for (let slot = hash; ; slot++) {
      const entry = this.#slots[slot & (this.#slots.length - 1)]! - 1;
      if (entry < 0 || (this.#hashes[entry] === hash && this.keys[entry] === key)) return entry;
    }
  }

  /** Of a key that is not there, to a table that is not full. */
  add(key: string, hash: number, value: Value): void {
    let slot = hash;
    while (this.#slots[slot & (this.#slots.length - 1)] !== 0) slot++;
    this.#hashes[this.keys.length] = hash;
    this.keys.push(key);
    this.values.push(value);
    this.#slots[slot & (this.#slots.length - 1)] = this.keys.length;
  }

  remove(entry: number): void {
    this.keys[entry] = this.values[entry] = undefined;
  }

  /** The same without holes, with room for more; `size` is how many entries there are. */
  renewed(size: number): ClientTable<Value> {
    const isCrowded = size > this.#hashes.length / 2;
    const table = new ClientTable<Value>(this.#slots.length * (isCrowded ? 2 : 1));
    for (let entry = 0; entry < this.keys.length; entry++) {
      const key = this.keys[entry];
      if (key !== undefined) table.add(key, this.#hashes[entry]!, this.values[entry]!);
    }
    return table;
  }

  /** Entries before that one that are no holes. */
  countBefore(entry: number): number {
    let count = 0;
    for (let at = 0; at < entry; at++) if (this.keys[at] !== undefined) count++;
    return count;
  }
}
