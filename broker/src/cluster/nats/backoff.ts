const SHORTEST_MS = 100;
const LONGEST_MS = 2_000;
/** The library asks twice for each attempt. */
const GROWTH = 1.4;

/** How long to wait before the next attempt, the longer the more have failed; by chance between half of that and all, so that brokers spread. */
export class Backoff {
  readonly #random: () => number;
  #failures = 0;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  reset(): void {
    this.#failures = 0;
  }

  nextMs(): number {
    const longest = Math.min(LONGEST_MS, SHORTEST_MS * GROWTH ** this.#failures++);
    return Math.round(longest * (0.5 + this.#random() / 2));
  }
}
