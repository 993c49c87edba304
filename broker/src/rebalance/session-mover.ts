import type { Session } from "../session/session.js";

/** Handed over at the same time. */
const MOST_UNDER_WAY = 64;

export interface SessionMoverOptions {
  readonly sessions: Iterable<Session>;
  /** Has another broker take the session of a client that is away; resolves when it has it. */
  readonly handOver: (clientId: string) => Promise<void>;
}

/** Hands sessions whose clients are away to other brokers. */
export class SessionMover {
  readonly #options: SessionMoverOptions;
  /** Where the next is looked for; it stays valid while sessions come and go. */
  #rest: Iterator<Session>;
  readonly #underWay = new Set<string>();
  #failed = 0;
  lastError: unknown;

  constructor(options: SessionMoverOptions) {
    this.#options = options;
    this.#rest = options.sessions[Symbol.iterator]();
  }

  /** Attempts that have failed. */
  get failed(): number {
    return this.#failed;
  }

  get underWay(): number {
    return this.#underWay.size;
  }

  /** Begins with up to so many; returns with how many. */
  move(most: number): number {
    let begun = 0;
    while (begun < most && this.#underWay.size < MOST_UNDER_WAY) {
      const session = this.#next();
      if (session === undefined) break;
      this.#begin(session.clientId);
      begun++;
    }
    return begun;
  }

  /** Undefined after the last one; then it begins anew, with those that could not be handed over before. */
  #next(): Session | undefined {
    for (let next = this.#rest.next(); next.done !== true; next = this.#rest.next()) {
      const { link, clientId } = next.value;
      if (link === null && !this.#underWay.has(clientId)) return next.value;
    }
    this.#rest = this.#options.sessions[Symbol.iterator]();
    return undefined;
  }

  #begin(clientId: string): void {
    this.#underWay.add(clientId);
    this.#options.handOver(clientId).then(
      () => this.#underWay.delete(clientId),
      (error: unknown) => {
        this.#underWay.delete(clientId);
        this.#failed++;
        this.lastError = error;
      },
    );
  }
}
