/** Numbers that may still come late; older ones stay lost. */
const MOST_MISSING = 10_000;

/** What a message is by its number. */
export type Arrival = "next" | "reordered" | "duplicated";

/** The numbers of one publisher's messages as a subscriber sees them: which are lost, come twice or in another order. */
export class SequenceTrack {
  #next: number;
  #missing: Set<number> | undefined;

  /** The first message that came says where the numbers begin. */
  constructor(first: number) {
    this.#next = first;
  }

  /** How many numbers were left out before this one. Call it first. */
  gapBefore(number: number): number {
    return Math.max(0, number - this.#next);
  }

  arrived(number: number): Arrival {
    if (number >= this.#next) {
      for (let lost = Math.max(this.#next, number - MOST_MISSING); lost < number; lost++) this.#miss(lost);
      this.#next = number + 1;
      return "next";
    }
    return this.#missing?.delete(number) ? "reordered" : "duplicated";
  }

  #miss(number: number): void {
    this.#missing ??= new Set();
    this.#missing.add(number);
    if (this.#missing.size > MOST_MISSING) this.#missing.delete(this.#missing.values().next().value!);
  }
}
