const SLASH = 0x2f;
const INITIAL_LEVELS = 16;

/**
 * A topic or filter taken apart in one pass: where its levels end, the hash of each, and the hash of the whole made of those.
 *
 * Kept and read again for the next text, so that a match allocates nothing. Not cryptographic: the seed keeps clients from preparing
 * texts whose hashes are equal, and whoever looks a hash up compares the text.
 */
export class LevelScan {
  readonly #seed: number;
  /** Levels of the text read last; the arrays are longer. */
  count = 0;
  /** Where each level ends; the next starts after the slash there. */
  ends = new Int32Array(INITIAL_LEVELS);
  hashes = new Int32Array(INITIAL_LEVELS);
  whole = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  read(text: string): void {
    const seed = this.#seed;
    const length = text.length;
    let hash = seed;
    let whole = seed;
    let count = 0;
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit !== SLASH) {
        hash = mixed(hash, unit);
        continue;
      }
      if (count + 1 === this.ends.length) this.#grow();
      this.ends[count] = i;
      this.hashes[count++] = hash;
      whole = mixed(whole, hash);
      hash = seed;
    }
    this.ends[count] = length;
    this.hashes[count++] = hash;
    this.count = count;
    this.whole = mixed(whole, hash);
  }

  #grow(): void {
    const { ends, hashes } = this;
    this.ends = new Int32Array(ends.length * 2);
    this.hashes = new Int32Array(hashes.length * 2);
    this.ends.set(ends);
    this.hashes.set(hashes);
  }
}

function mixed(hash: number, value: number): number {
  const product = Math.imul(hash ^ value, 0x01000193);
  return product ^ (product >>> 15); // brings the seed's high bits down, where the next value meets them
}
