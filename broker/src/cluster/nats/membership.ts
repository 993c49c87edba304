import type { Clock } from "../../clock.js";

/** Heartbeats come every second; without our own for so long we hear nobody, and judge nobody. */
const DEAF_AFTER_MS = 2_500;

export interface MembershipOptions {
  /** This broker. */
  readonly self: string;
  readonly clock: Clock;
  /** After so much silence a member is to be declared dead. */
  readonly deadAfterMs: number;
}

/** "joining" until its own `joined` has come back by the log, "fenced" once it has read its own `left`. */
export type MembershipPhase = "joining" | "joined" | "fenced";

/**
 * Who is a member, by the log; who of them is silent, by the heartbeats.
 *
 * Nobody is declared dead by a broker that hears nothing itself: silence counts only from when our own heartbeats come back, so one that was cut
 * off or stood still begins to listen anew.
 */
export class Membership {
  readonly self: string;
  readonly #clock: Clock;
  readonly #deadAfterMs: number;
  /** Members apart from this broker, and when each was heard last. */
  readonly #heardAt = new Map<string, number>();
  /** Those that have said last that they take no sessions. */
  readonly #unready = new Set<string>();
  /** Members that were there when this broker joined. */
  readonly #older = new Set<string>();
  /** Brokers that have left. */
  readonly #gone = new Set<string>();
  /** Brokers that live and are not in the log, though it was read as far as they have: when each was heard first and last. */
  readonly #strangers = new Map<string, { readonly sinceMs: number; lastMs: number }>();
  #phase: MembershipPhase = "joining";
  #ownHeardAtMs = Number.NEGATIVE_INFINITY;
  #hearingSinceMs = Number.POSITIVE_INFINITY;

  constructor({ self, clock, deadAfterMs }: MembershipOptions) {
    this.self = self;
    this.#clock = clock;
    this.#deadAfterMs = deadAfterMs;
  }

  get phase(): MembershipPhase {
    return this.#phase;
  }

  /** Members apart from this broker. */
  get peers(): Iterable<string> {
    return this.#heardAt.keys();
  }

  get peerCount(): number {
    return this.#heardAt.size;
  }

  /** Members apart from this broker that sessions can be handed to. */
  get takers(): string[] {
    return [...this.#heardAt.keys()].filter((peer) => !this.#unready.has(peer));
  }

  /** What its heartbeat says. */
  setReady(broker: string, isReady: boolean): void {
    if (isReady) this.#unready.delete(broker);
    else if (this.#heardAt.has(broker)) this.#unready.add(broker);
  }

  isMember(broker: string): boolean {
    return broker === this.self ? this.#phase === "joined" : this.#heardAt.has(broker);
  }

  /**
   * Whether no other member has been there for longer. By the log, that is one member at a time, and the same one for as long as it lives: whoever joins takes
   * nothing out of its hands.
   */
  get isOldest(): boolean {
    return this.#phase === "joined" && this.#older.size === 0;
  }

  /** The log says that it is there; true if that is news. `hasBeen`: its record of joining has gone from the log since. */
  joined(broker: string, hasBeen = false): boolean {
    if (broker === this.self) {
      const isNews = this.#phase === "joining";
      if (isNews) this.#phase = "joined";
      return isNews;
    }
    this.#strangers.delete(broker);
    if (this.#heardAt.has(broker)) return false;
    this.#heardAt.set(broker, this.#clock.now());
    if (hasBeen || this.#phase === "joining") this.#older.add(broker);
    return true;
  }

  /** The log says that it is there no more; true if it was. */
  left(broker: string): boolean {
    this.#unready.delete(broker);
    this.#strangers.delete(broker);
    this.#older.delete(broker);
    this.#gone.add(broker);
    if (broker !== this.self) return this.#heardAt.delete(broker);
    this.#phase = "fenced";
    return true;
  }

  /** A heartbeat has come, or anything else that shows life. */
  heard(broker: string): void {
    const now = this.#clock.now();
    if (broker === this.self) {
      if (now - this.#ownHeardAtMs > DEAF_AFTER_MS) this.#hearingSinceMs = now;
      this.#ownHeardAtMs = now;
    } else if (this.#heardAt.has(broker)) this.#heardAt.set(broker, now);
  }

  /** A heartbeat of a broker says that it has joined by the log, as far as that was read here. */
  claims(broker: string): void {
    if (broker === this.self || this.#heardAt.has(broker) || this.#gone.has(broker)) return;
    const now = this.#clock.now();
    const known = this.#strangers.get(broker);
    if (known !== undefined && now - known.lastMs <= DEAF_AFTER_MS) known.lastMs = now;
    else this.#strangers.set(broker, { sinceMs: now, lastMs: now });
  }

  /** A broker that has joined, as it says again and again, and whose record was not read here: the servers have lost it, or brought it not. */
  get stranger(): string | undefined {
    for (const [broker, { sinceMs, lastMs }] of this.#strangers) if (lastMs - sinceMs >= this.#deadAfterMs) return broker;
    return undefined;
  }

  /** How long our own heartbeats have not come back: who hears as little of us may take us for dead. */
  get unheardMs(): number {
    return this.#clock.now() - this.#ownHeardAtMs;
  }

  /** Members that have been silent for too long, and that this broker may judge. */
  get dead(): string[] {
    const now = this.#clock.now();
    if (this.#phase !== "joined" || now - this.#ownHeardAtMs > DEAF_AFTER_MS) return [];
    if (now - this.#hearingSinceMs < this.#deadAfterMs) return [];
    return [...this.#heardAt].filter(([, heardAtMs]) => now - heardAtMs >= this.#deadAfterMs).map(([broker]) => broker);
  }
}
