import { TextArena } from "./text-arena.js";

const INITIAL_SLOTS = 64;
const MAX_LOAD = 0.5;

/** Numbers a slot: parent, hash of the text, child, and where the text lies. 16 bytes never lie across two cache lines. */
const STRIDE = 4;
const HASH = 1;
const CHILD = 2;
const TEXT = 3;

/** Leads nowhere; no edge leads to 0. */
export const NOWHERE = 0;

/**
 * The edges of all nodes of a trie in one hash table: (parent, text) → child, nodes being numbers.
 *
 * One table instead of a Map in each node, which takes some 200 bytes even with one entry, and which would want each level of a topic cut
 * out as a string of its own. The caller has made the hash of the text; texts whose hashes are equal are told apart by their characters.
 * Open addressing with linear probing.
 */
export class EdgeTable {
  #slots = new Int32Array(INITIAL_SLOTS * STRIDE);
  #mask = INITIAL_SLOTS - 1;
  #size = 0;
  #texts = new TextArena();

  get size(): number {
    return this.#size;
  }

  /** Where `text[start, end)` leads from a node, or NOWHERE. */
  find(parent: number, hash: number, text: string, start: number, end: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    for (let slot = homeOf(parent, hash) & mask; ; slot = (slot + 1) & mask) {
      const at = slot * STRIDE;
      const child = slots[at + CHILD]!;
      if (child === NOWHERE) return NOWHERE;
      if (slots[at + HASH] === hash && slots[at] === parent && this.#texts.equals(slots[at + TEXT]!, text, start, end)) return child;
    }
  }

  /** Fetches what `find` will look at first into the cache; what it returns says nothing. */
  touch(parent: number, hash: number): number {
    return this.#slots[(homeOf(parent, hash) & this.#mask) * STRIDE]!;
  }

  /** Adds an edge that is not there. */
  add(parent: number, hash: number, text: string, start: number, end: number, child: number): void {
    if (++this.#size > (this.#mask + 1) * MAX_LOAD) this.#grow();
    this.#place(parent, hash, child, this.#texts.add(text, start, end));
  }

  /** Removes an edge that is there, and closes the gap, so that the table never fills with marks. */
  remove(parent: number, hash: number, child: number): void {
    const slots = this.#slots;
    const mask = this.#mask;
    let gap = homeOf(parent, hash) & mask;
    while (slots[gap * STRIDE + CHILD] !== child || slots[gap * STRIDE] !== parent) gap = (gap + 1) & mask;
    this.#texts.drop(slots[gap * STRIDE + TEXT]!);

    for (let slot = (gap + 1) & mask; slots[slot * STRIDE + CHILD] !== NOWHERE; slot = (slot + 1) & mask) {
      const home = homeOf(slots[slot * STRIDE]!, slots[slot * STRIDE + HASH]!) & mask;
      // An edge may move back unless its home lies behind the gap, in the cyclic order of probing.
      if (((slot - home) & mask) < ((slot - gap) & mask)) continue;
      slots.copyWithin(gap * STRIDE, slot * STRIDE, (slot + 1) * STRIDE);
      gap = slot;
    }
    slots.fill(0, gap * STRIDE, (gap + 1) * STRIDE);

    if (--this.#size === 0) this.#releaseCapacity();
    else if (this.#texts.isMostlyGarbage) this.#repackTexts();
  }

  #place(parent: number, hash: number, child: number, textAt: number): void {
    const slots = this.#slots;
    let slot = homeOf(parent, hash) & this.#mask;
    while (slots[slot * STRIDE + CHILD] !== NOWHERE) slot = (slot + 1) & this.#mask;
    slots[slot * STRIDE] = parent;
    slots[slot * STRIDE + HASH] = hash;
    slots[slot * STRIDE + CHILD] = child;
    slots[slot * STRIDE + TEXT] = textAt;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(old.length * 2);
    this.#mask = this.#mask * 2 + 1;
    for (let at = 0; at < old.length; at += STRIDE) {
      if (old[at + CHILD] !== NOWHERE) this.#place(old[at]!, old[at + HASH]!, old[at + CHILD]!, old[at + TEXT]!);
    }
  }

  #repackTexts(): void {
    const slots = this.#slots;
    const texts = new TextArena();
    for (let at = 0; at < slots.length; at += STRIDE) {
      if (slots[at + CHILD] !== NOWHERE) slots[at + TEXT] = texts.addFrom(this.#texts, slots[at + TEXT]!);
    }
    this.#texts = texts;
  }

  #releaseCapacity(): void {
    if (this.#mask >= INITIAL_SLOTS) this.#slots = new Int32Array(INITIAL_SLOTS * STRIDE);
    this.#mask = INITIAL_SLOTS - 1;
    this.#texts = new TextArena();
  }
}

function homeOf(parent: number, hash: number): number {
  const mixed = Math.imul(parent, 0x9e3779b1) ^ hash;
  return mixed ^ (mixed >>> 15);
}
