const SLASH = 0x2f;
const INITIAL_SLOTS = 64;
const MAX_LOAD = 0.5;

/** Numbers a slot: the text's hash and its number. */
const STRIDE = 2;

/** Numbers no text. */
export const NO_TEXT = 0;

/** Where the level that starts at `start` ends: at the next slash, or at the end of the text. */
export function levelEnd(text: string, start: number): number {
  let end = start;
  while (end < text.length && text.charCodeAt(end) !== SLASH) end++;
  return end;
}

/**
 * Numbers for texts, the same text always the same number while anyone holds it: for whole topics, and for the levels of filters.
 *
 * A match turns each level of a topic into its number once, without cutting it out of the topic, and compares numbers from there on. A
 * Map would want the level as a string of its own. For whole topics, among 500,000, a Map took 0.68 µs to say that one is not there and
 * this 0.27 µs, as V8's follows a pointer to every key it has to tell apart; on a hit they are equal (0.85 and 0.99 µs, cold caches).
 */
export class TextTable {
  readonly #seed: number;
  #slots = new Int32Array(INITIAL_SLOTS * STRIDE);
  #mask = INITIAL_SLOTS - 1;
  #size = 0;
  readonly #texts: string[] = [""];
  readonly #holders: number[] = [0];
  readonly #free: number[] = [];

  constructor(seed: number) {
    this.#seed = seed;
  }

  get size(): number {
    return this.#size;
  }

  /** The number of `text[start, end)`, or NO_TEXT if nobody holds it. */
  find(text: string, start: number, end: number): number {
    const slots = this.#slots;
    const hash = this.#hash(text, start, end);
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const entry = slots[slot * STRIDE + 1]!;
      if (entry === NO_TEXT) return NO_TEXT;
      if (slots[slot * STRIDE] === hash && isAt(this.#texts[entry]!, text, start, end)) return entry;
    }
  }

  /** The number of `text[start, end)`, a new one if need be, held until `release`. */
  hold(text: string, start: number, end: number): number {
    const known = this.find(text, start, end);
    if (known !== NO_TEXT) {
      this.#holders[known]!++;
      return known;
    }

    const entry = this.#free.pop() ?? this.#texts.length;
    this.#texts[entry] = text.slice(start, end);
    this.#holders[entry] = 1;
    if (++this.#size > (this.#mask + 1) * MAX_LOAD) this.#grow();
    this.#place(this.#hash(text, start, end), entry);
    return entry;
  }

  release(entry: number): void {
    if (--this.#holders[entry]! > 0) return;

    const text = this.#texts[entry]!;
    this.#remove(this.#hash(text, 0, text.length), entry);
    this.#texts[entry] = "";
    this.#free.push(entry);
    this.#size--;
  }

  /** Not cryptographic: the seed keeps clients from preparing texts that collide. */
  #hash(text: string, start: number, end: number): number {
    let hash = this.#seed;
    for (let i = start; i < end; i++) {
      hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
      hash ^= hash >>> 15; // brings the seed's high bits down, where the next character meets them
    }
    return hash;
  }

  #place(hash: number, entry: number): void {
    let slot = hash & this.#mask;
    while (this.#slots[slot * STRIDE + 1] !== NO_TEXT) slot = (slot + 1) & this.#mask;
    this.#slots[slot * STRIDE] = hash;
    this.#slots[slot * STRIDE + 1] = entry;
  }

  /** Empties a slot and closes the gap, so that the table never fills with marks. */
  #remove(hash: number, entry: number): void {
    const slots = this.#slots;
    let gap = hash & this.#mask;
    while (slots[gap * STRIDE + 1] !== entry) gap = (gap + 1) & this.#mask;

    for (let slot = (gap + 1) & this.#mask; slots[slot * STRIDE + 1] !== NO_TEXT; slot = (slot + 1) & this.#mask) {
      const home = slots[slot * STRIDE]! & this.#mask;
      // An entry may move back unless its home lies behind the gap, in the cyclic order of probing.
      if (((slot - home) & this.#mask) < ((slot - gap) & this.#mask)) continue;
      slots.copyWithin(gap * STRIDE, slot * STRIDE, (slot + 1) * STRIDE);
      gap = slot;
    }
    slots.fill(0, gap * STRIDE, (gap + 1) * STRIDE);
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(old.length * 2);
    this.#mask = this.#mask * 2 + 1;
    for (let at = 0; at < old.length; at += STRIDE) {
      if (old[at + 1] !== NO_TEXT) this.#place(old[at]!, old[at + 1]!);
    }
  }
}

/** Whether `text[start, end)` is that text. A loop, because `startsWith` is a call that costs more than comparing a short level. */
function isAt(known: string, text: string, start: number, end: number): boolean {
  if (known.length !== end - start) return false;
  for (let i = 0; i < known.length; i++) {
    if (known.charCodeAt(i) !== text.charCodeAt(start + i)) return false;
  }
  return true;
}
