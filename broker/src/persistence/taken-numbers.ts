/** Which broker has taken a QoS 2 message, and its number there: so a session knows whether it has had it, by whatever way it comes. */
export interface Source {
  readonly origin: string;
  readonly number: number;
  /** All messages of that broker with lower numbers are where they have to be, and never come again. */
  readonly floor: number;
}

/** Where a message is among those of one broker; 0 where that is not known. */
export type Place = Pick<Source, "origin" | "number">;

/** Numbers of one broker's messages that have been had: all below the floor, and some above, which may come in any order. */
export class TakenNumbers {
  #floor: number;
  readonly #numbers: Set<number>;

  constructor(floor = 0, numbers: Iterable<number> = []) {
    this.#floor = floor;
    this.#numbers = new Set(numbers);
  }

  get floor(): number {
    return this.#floor;
  }

  get numbers(): ReadonlySet<number> {
    return this.#numbers;
  }

  has(number: number): boolean {
    return number < this.#floor || this.#numbers.has(number);
  }

  hasAbove(number: number): boolean {
    for (const each of this.#numbers) if (each > number) return true;
    return false;
  }

  /** Notes a message; false if it has been had before. */
  take(number: number, floor: number): boolean {
    if (this.has(number)) return false;
    this.#numbers.add(number);
    this.#raise(floor);
    return true;
  }

  /** Notes all that another knows of. */
  add(other: TakenNumbers): void {
    for (const number of other.#numbers) if (!this.has(number)) this.#numbers.add(number);
    this.#raise(other.#floor);
  }

  copy(): TakenNumbers {
    return new TakenNumbers(this.#floor, this.#numbers);
  }

  #raise(floor: number): void {
    if (floor <= this.#floor) return;
    this.#floor = floor;
    for (const number of this.#numbers) if (number < floor) this.#numbers.delete(number);
  }
}

/** As a record has it: what was taken need not be known any more. */
export const NOTHING_TAKEN: Pick<TakenNumbers, "floor" | "numbers"> = { floor: 0, numbers: new Set<number>() };
