/** As in PassingMap. */
const REMOVALS = 64;

/** A Set for members that come and go by the thousand a second; for the reasons see PassingMap. */
export class PassingSet<Member> implements Iterable<Member> {
  #members = new Set<Member>();
  #removals = 0;

  get size(): number {
    return this.#members.size;
  }

  /** In the order of their coming. */
  [Symbol.iterator](): IterableIterator<Member> {
    return this.#members[Symbol.iterator]();
  }

  add(member: Member): void {
    if (this.#removals > REMOVALS + this.#members.size) {
      this.#members = new Set(this.#members);
      this.#removals = 0;
    }
    this.#members.add(member);
  }

  /** Whether it was there. */
  delete(member: Member): boolean {
    if (!this.#members.delete(member)) return false;
    this.#removals++;
    return true;
  }
}
