/** Buckets of one doubling; values are known to within 1/64 of themselves, and exactly below 64. */
const PER_DOUBLING = 64;
const SHIFT = 6;
/** Up to 2 ** 31 microseconds, 35 minutes; what is longer counts as that. */
const LARGEST = 0x7fffffff;
const BUCKETS = PER_DOUBLING * (32 - SHIFT);

/**
 * Counts of whole numbers from 0 in buckets that grow with the value, as HDR histograms have them. Not hdr-histogram-js: six of those take
 * 570 KB in each of a hundred processes and 20 % of the bundle, and record in 53 ns where this takes 29 (Bun 1.4.5); and here adding up
 * what several processes have measured is adding arrays.
 */
export class Histogram {
  /** Made with the first value, as most runs measure a few of all that there is. */
  #buckets: Float64Array | undefined;
  #count = 0;
  #sum = 0;
  #max = 0;

  get count(): number {
    return this.#count;
  }

  /** Exact. */
  get sum(): number {
    return this.#sum;
  }

  /** 0 without values. */
  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }

  get max(): number {
    return this.#max;
  }

  record(value: number): void {
    const whole = value < 0 ? 0 : value > LARGEST ? LARGEST : Math.round(value);
    this.#buckets ??= new Float64Array(BUCKETS);
    this.#buckets[bucketOf(whole)]!++;
    this.#count++;
    this.#sum += whole;
    if (whole > this.#max) this.#max = whole;
  }

  /** The least value that `share` of all values, 0 to 1, do not exceed; 0 without values. */
  percentile(share: number): number {
    const wanted = Math.max(1, Math.ceil(share * this.#count - 1e-9));
    return this.#countUntil((seen) => seen >= wanted);
  }

  /** How many values are at most that. */
  countUpTo(value: number): number {
    let seen = 0;
    const last = bucketOf(Math.min(LARGEST, Math.floor(value)));
    for (let bucket = 0; bucket <= last && this.#buckets !== undefined; bucket++) seen += this.#buckets[bucket]!;
    return seen;
  }

  /** Sum and maximum, then bucket and count by turns. */
  pack(): number[] {
    const packed = [this.#sum, this.#max];
    for (const [bucket, count] of this.#buckets?.entries() ?? []) if (count > 0) packed.push(bucket, count);
    return packed;
  }

  addPacked(packed: readonly number[]): void {
    this.#sum += packed[0]!;
    this.#max = Math.max(this.#max, packed[1]!);
    if (packed.length > 2) this.#buckets ??= new Float64Array(BUCKETS);
    for (let at = 2; at < packed.length; at += 2) {
      this.#buckets![packed[at]!]! += packed[at + 1]!;
      this.#count += packed[at + 1]!;
    }
  }

  #countUntil(isEnough: (seen: number) => boolean): number {
    let seen = 0;
    for (const [bucket, count] of this.#buckets?.entries() ?? []) {
      seen += count;
      if (count > 0 && isEnough(seen)) return Math.min(this.#max, highestOf(bucket));
    }
    return this.#max;
  }
}

function bucketOf(value: number): number {
  if (value < PER_DOUBLING) return value;
  const doublings = 31 - Math.clz32(value) - SHIFT;
  return doublings * PER_DOUBLING + (value >>> doublings);
}

/** The largest value of a bucket. */
function highestOf(bucket: number): number {
  if (bucket < PER_DOUBLING) return bucket;
  const doublings = Math.floor(bucket / PER_DOUBLING) - 1;
  return (bucket - doublings * PER_DOUBLING + 1) * 2 ** doublings - 1;
}
