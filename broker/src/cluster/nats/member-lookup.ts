import type { Membership } from "./membership.js";

/** Names of brokers of former times that are remembered. */
const MAX_LOOKED_FOR = 1_000;

/** Says whether a name that was found somewhere is that of a member. */
export class MemberLookup {
  readonly #membership: Pick<Membership, "isMember">;
  readonly #readAll: () => Promise<void>;
  /** A name that is no member's once all has been read will never be one. */
  readonly #lookedFor = new Map<string, Promise<boolean>>();

  /** `readAll` resolves when all that is in the route log now has been read. */
  constructor(membership: Pick<Membership, "isMember">, readAll: () => Promise<void>) {
    this.#membership = membership;
    this.#readAll = readAll;
  }

  isMember(broker: string): boolean | Promise<boolean> {
    const membership = this.#membership;
    if (membership.isMember(broker)) return true;
    let found = this.#lookedFor.get(broker);
    if (found === undefined) {
      // It joined before it claimed: if it is not there once all has been read, it has left.
      found = this.#readAll().then(() => membership.isMember(broker));
      if (this.#lookedFor.size >= MAX_LOOKED_FOR) this.#lookedFor.clear();
      this.#lookedFor.set(broker, found);
    }
    return found.then((isMember) => isMember && membership.isMember(broker));
  }
}
