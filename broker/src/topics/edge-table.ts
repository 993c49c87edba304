const INITIAL_SLOTS = 64;
const MAX_LOAD = 0.5;

/** Numbers a slot: parent, level, child. */
const STRIDE = 3;
const LEVEL = 1;
const CHILD = 2;

/** Leads nowhere; no edge leads to node 0, which is a root. */
export const NO_NODE = 0;

/**
 * The edges of all nodes of a trie in one hash table: (parent, level) → child, all of them numbers.
 *
 * One table instead of a Map in each node, which takes some 200 bytes even with one entry. Open addressing with linear probing.
 */
export class EdgeTable {
  #slots = new Int32Array(INITIAL_SLOTS * STRIDE);
  #mask = INITIAL_SLOTS - 1;
  #size = 0;

  /** The child of a node by a level, or NO_NODE. */
  get(parent: number, level: number): number {
    const slots = this.#slots;
    for (let slot = hashOf(parent, level) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const at = slot * STRIDE;
      const child = slots[at + CHILD]!;
      if (child === NO_NODE || (slots[at] === parent && slots[at + LEVEL] === level)) return child;
    }
  }

  add(parent: number, level: number, child: number): void {
    if (++this.#size > (this.#mask + 1) * MAX_LOAD) this.#grow();
    this.#place(parent, level, child);
  }

  /** Removes an edge that is there, and closes the gap, so that the table never fills with marks. */
  remove(parent: number, level: number): void {
    const slots = this.#slots;
    let gap = hashOf(parent, level) & this.#mask;
    while (slots[gap * STRIDE] !== parent || slots[gap * STRIDE + LEVEL] !== level) gap = (gap + 1) & this.#mask;

    for (let slot = (gap + 1) & this.#mask; slots[slot * STRIDE + CHILD] !== NO_NODE; slot = (slot + 1) & this.#mask) {
      const home = hashOf(slots[slot * STRIDE]!, slots[slot * STRIDE + LEVEL]!) & this.#mask;
      // An edge may move back unless its home lies behind the gap, in the cyclic order of probing.
      if (((slot - home) & this.#mask) < ((slot - gap) & this.#mask)) continue;
      slots.copyWithin(gap * STRIDE, slot * STRIDE, (slot + 1) * STRIDE);
      gap = slot;
    }
    slots.fill(0, gap * STRIDE, (gap + 1) * STRIDE);
    this.#size--;
  }

  #place(parent: number, level: number, child: number): void {
    let slot = hashOf(parent, level) & this.#mask;
    while (this.#slots[slot * STRIDE + CHILD] !== NO_NODE) slot = (slot + 1) & this.#mask;
    this.#slots[slot * STRIDE] = parent;
    this.#slots[slot * STRIDE + LEVEL] = level;
    this.#slots[slot * STRIDE + CHILD] = child;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(old.length * 2);
    this.#mask = this.#mask * 2 + 1;
    for (let at = 0; at < old.length; at += STRIDE) {
      if (old[at + CHILD] !== NO_NODE) this.#place(old[at]!, old[at + LEVEL]!, old[at + CHILD]!);
    }
  }
}

function hashOf(parent: number, level: number): number {
  const mixed = Math.imul(parent, 0x9e3779b1) ^ Math.imul(level, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}
