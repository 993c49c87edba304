/** Where a watermark lies, and how long a value must stay above the high one. */
export interface WatermarkOptions {
  readonly high: number;
  /** Not above `high`. */
  readonly low: number;
  /** Samples in a row above `high` until it counts. */
  readonly samples: number;
}

/** Tells too much from enough: too much from the high mark on, enough again below the low one. */
export class Watermark {
  #options: WatermarkOptions;
  #inARow = 0;
  #isAbove = false;

  constructor(options: WatermarkOptions) {
    this.#options = options;
  }

  configure(options: WatermarkOptions): void {
    this.#options = options;
  }

  get isAbove(): boolean {
    return this.#isAbove;
  }

  /** Takes the next sample; true if `isAbove` has changed by it. */
  sample(value: number): boolean {
    const { high, low, samples } = this.#options;
    this.#inARow = value >= high ? this.#inARow + 1 : 0;
    const isAbove = this.#isAbove ? value >= low : this.#inARow >= samples;
    if (isAbove === this.#isAbove) return false;
    this.#isAbove = isAbove;
    return true;
  }
}
