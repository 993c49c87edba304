import type { ShareStrategy } from "../../topics/shared-group.js";
import type { SharedFilter } from "../../topics/topic-filter.js";

/**
 * The brokers with members of one shared group, apart from this one, and whose turn it is. The broker that gets the message picks the member.
 *
 * A group that has members here too is asked `keeps` first, and `pick` only if that was false.
 */
export class RemoteGroup<P> {
  readonly shared: SharedFilter;
  readonly peers: P[] = [];
  /** 0 is this broker, then the peers in their order. */
  #turn = 0;
  /** Undefined: nobody yet. Null: this broker. */
  #sticky: P | null | undefined;

  constructor(shared: SharedFilter) {
    this.shared = shared;
  }

  join(peer: P): void {
    this.peers.push(peer);
  }

  leave(peer: P): void {
    const at = this.peers.indexOf(peer);
    if (at < 0) return;
    this.peers.splice(at, 1);
    if (this.#turn > at + 1) this.#turn--;
    if (this.#sticky === peer) this.#sticky = undefined;
  }

  /** Whether the next message is for a member of this broker, which has some. */
  keeps(strategy: ShareStrategy, random: () => number): boolean {
    if (this.peers.length === 0) return true;
    switch (strategy) {
      case "least-inflight":
        return true; // what others have in flight is not known here
      case "random":
        return random() * (this.peers.length + 1) < 1;
      case "sticky":
        if (this.#sticky === undefined && random() * (this.peers.length + 1) < 1) this.#sticky = null;
        return this.#sticky === null;
      case "round-robin":
        if (this.#turn !== 0) return false;
        this.#turn = 1;
        return true;
    }
  }

  /** The peer that gets it; undefined only if there is none. */
  pick(strategy: ShareStrategy, random: () => number): P | undefined {
    const count = this.peers.length;
    if (count === 0) return undefined;
    if (strategy === "sticky") {
      const before = this.#sticky;
      if (before !== undefined && before !== null) return before;
      const chosen = this.peers[Math.floor(random() * count)]!;
      this.#sticky = chosen;
      return chosen;
    }
    if (strategy === "random") return this.peers[Math.floor(random() * count)];
    const at = (Math.max(this.#turn, 1) - 1) % count;
    this.#turn = (at + 2) % (count + 1);
    return this.peers[at];
  }
}
