import type { SharedFilter } from "./topic-filter.js";

/** Who of a group gets a message: each in turn, anyone, always the same while it is online, or who has least unacknowledged. */
export type ShareStrategy = "round-robin" | "random" | "sticky" | "least-inflight";

/** What a group has to know about its members, and where its chance comes from. */
export interface SharedGroupOptions<M> {
  /** May change at any time. */
  strategy: ShareStrategy;
  readonly isOnline: (member: M) => boolean;
  /** Whether a member that is not online gets nothing at all for a while. @default - none is so */
  readonly isPassedOver?: (member: M) => boolean;
  /** Asked by "least-inflight" only. */
  readonly inflightCount: (member: M) => number;
  /** At least 0, less than 1. */
  readonly random: () => number;
}

/** So often a random pick is repeated when it meets members that are offline, before they are counted. */
const RANDOM_TRIES = 8;

/**
 * The members of one shared subscription; `pick` says who gets the next message (MQTT 5, 4.8.2).
 *
 * Who is offline is passed over while another is online; if all are, one of them is picked, for its session to keep the message.
 * Costs no more with many members, except for "least-inflight", and while many are offline.
 */
export class SharedGroup<M> {
  /** What the group is subscribed to, where that is of interest. */
  readonly shared: SharedFilter | undefined;
  readonly #options: SharedGroupOptions<M>;
  readonly #keys: string[] = [];
  readonly #members: M[] = [];
  readonly #slotOf = new Map<string, number>();

  /** Members before this slot have had their turn in this round. */
  #turn = 0;
  #stickyKey: string | undefined;

  constructor(options: SharedGroupOptions<M>, shared?: SharedFilter) {
    this.shared = shared;
    this.#options = options;
  }

  get size(): number {
    return this.#members.length;
  }

  /** One of the members. */
  get first(): M | undefined {
    return this.#members[0];
  }

  /** Adds a member, or replaces the one of that key, which keeps its turn, and returns it. */
  join(key: string, member: M): M | undefined {
    const slot = this.#slotOf.get(key);
    if (slot !== undefined) {
      const previous = this.#members[slot];
      this.#members[slot] = member;
      return previous;
    }
    this.#slotOf.set(key, this.#members.length);
    this.#keys.push(key);
    this.#members.push(member);
    return undefined;
  }

  /** Takes a member out. Nobody else loses or repeats a turn. */
  leave(key: string): M | undefined {
    const slot = this.#slotOf.get(key);
    if (slot === undefined) return undefined;

    const left = this.#members[slot];
    let gap = slot;
    if (gap < this.#turn) {
      this.#turn--;
      this.#move(this.#turn, gap);
      gap = this.#turn;
    }
    const last = this.#members.length - 1;
    if (gap !== last) this.#move(last, gap); // the last may be gone from there already
    this.#keys.pop();
    this.#members.pop();
    this.#slotOf.delete(key);
    return left;
  }

  /** Whether there is anyone to pick. */
  get hasAnyone(): boolean {
    const { isPassedOver } = this.#options;
    return isPassedOver === undefined ? this.#members.length > 0 : this.#members.some((member) => !isPassedOver(member));
  }

  /** The member that gets the next message; undefined only if there is none, or none that gets any. */
  pick(): M | undefined {
    if (this.#members.length === 0) return undefined;
    const picked = this.#members[this.#pickSlot()]!;
    const { isPassedOver } = this.#options;
    return isPassedOver?.(picked) ? this.#members.find((member) => !isPassedOver(member)) : picked;
  }

  #pickSlot(): number {
    switch (this.#options.strategy) {
      case "round-robin":
        return this.#nextInTurn();
      case "random":
        return this.#anyone();
      case "sticky":
        return this.#sameAsBefore();
      case "least-inflight":
        return this.#leastLoaded();
    }
  }

  #nextInTurn(): number {
    const count = this.#members.length;
    for (let step = 0; step < count; step++) {
      const slot = (this.#turn + step) % count;
      if (this.#isOnline(slot)) return this.#endTurn(slot);
    }
    return this.#endTurn(this.#turn % count);
  }

  /** Each member that is online with the same chance: draws again when it meets another, and counts if that does not help. */
  #anyone(): number {
    for (let tries = 0; tries < RANDOM_TRIES; tries++) {
      const slot = this.#draw(this.#members.length);
      if (this.#isOnline(slot)) return slot;
    }

    const online: number[] = [];
    for (let slot = 0; slot < this.#members.length; slot++) {
      if (this.#isOnline(slot)) online.push(slot);
    }
    return online.length === 0 ? this.#draw(this.#members.length) : online[this.#draw(online.length)]!;
  }

  #sameAsBefore(): number {
    const before = this.#stickyKey === undefined ? undefined : this.#slotOf.get(this.#stickyKey);
    if (before !== undefined && this.#isOnline(before)) return before;

    const chosen = this.#anyone();
    if (before !== undefined && !this.#isOnline(chosen)) return before;
    this.#stickyKey = this.#keys[chosen];
    return chosen;
  }

  /** Equals get their turn one after the other, so that idle members share the work. */
  #leastLoaded(): number {
    const count = this.#members.length;
    let best = -1;
    let leastInflight = Number.POSITIVE_INFINITY;
    for (let step = 0; step < count; step++) {
      const slot = (this.#turn + step) % count;
      if (!this.#isOnline(slot)) continue;
      const inflight = this.#options.inflightCount(this.#members[slot]!);
      if (inflight < leastInflight) {
        best = slot;
        leastInflight = inflight;
      }
    }
    return this.#endTurn(best < 0 ? this.#turn % count : best);
  }

  #isOnline(slot: number): boolean {
    return this.#options.isOnline(this.#members[slot]!);
  }

  #draw(count: number): number {
    return Math.floor(this.#options.random() * count);
  }

  #endTurn(slot: number): number {
    this.#turn = (slot + 1) % this.#members.length;
    return slot;
  }

  #move(from: number, to: number): void {
    const key = this.#keys[from]!;
    this.#keys[to] = key;
    this.#members[to] = this.#members[from]!;
    this.#slotOf.set(key, to);
  }
}
