/** A bounded set that forgets what has not been asked for longest. */
export class RecentlyRight {
  readonly #maxEntries: number;
  readonly #marks = new Set<string>();

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  get size(): number {
    return this.#marks.size;
  }

  has(mark: string): boolean {
    if (!this.#marks.delete(mark)) return false;
    this.#marks.add(mark); // to the end, where what was asked for last is
    return true;
  }

  add(mark: string): void {
    if (this.#maxEntries === 0) return;
    this.#marks.add(mark);
    if (this.#marks.size <= this.#maxEntries) return;
    for (const oldest of this.#marks) {
      this.#marks.delete(oldest);
      return;
    }
  }
}
