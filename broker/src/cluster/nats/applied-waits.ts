import { Deferred } from "../../journal/deferred.js";

interface Wait extends Deferred {
  readonly sequence: number;
}

/** Who of the members has applied the route log up to where, and who waits for all of them. This broker is a member like others. */
export class AppliedWaits {
  readonly #applied = new Map<string, number>();
  /** By sequence, the first first. */
  readonly #waits: Wait[] = [];

  /** A member that has joined at `sequence`: what came before need not be waited for, as it publishes to all until it has read that. */
  join(member: string, sequence: number): void {
    if (!this.#applied.has(member)) this.#applied.set(member, sequence - 1);
  }

  /** Nobody waits for it any more. */
  leave(member: string): void {
    if (this.#applied.delete(member)) this.#settle();
  }

  applied(member: string, sequence: number): void {
    const before = this.#applied.get(member);
    if (before === undefined || before >= sequence) return;
    this.#applied.set(member, sequence);
    if (this.#waits.length > 0 && before < this.#waits[0]!.sequence) this.#settle();
  }

  /** Resolves when every member has applied the record of that sequence. */
  wait(sequence: number): Promise<void> {
    const wait = Object.assign(new Deferred(), { sequence });
    let at = this.#waits.length;
    while (at > 0 && this.#waits[at - 1]!.sequence > sequence) at--;
    this.#waits.splice(at, 0, wait);
    this.#settle();
    return wait.promise;
  }

  /** Nobody is going to say so any more. */
  fail(error: Error): void {
    for (const wait of this.#waits.splice(0)) wait.reject(error);
  }

  /** Forgets all members, for a broker that joins anew. */
  clear(error: Error): void {
    this.#applied.clear();
    this.fail(error);
  }

  #settle(): void {
    let least = Number.POSITIVE_INFINITY;
    for (const sequence of this.#applied.values()) if (sequence < least) least = sequence;
    let count = 0;
    while (count < this.#waits.length && this.#waits[count]!.sequence <= least) count++;
    for (const wait of this.#waits.splice(0, count)) wait.resolve();
  }
}
