import { Eviction, type EvictionParts } from "./eviction.js";
import { type ChannelCounts, DEFAULT_TERMS, type EvictionOrder, type EvictionStatus, type EvictionTerms } from "./eviction-order.js";
import { given } from "./given.js";
import { SessionMover } from "./session-mover.js";

/** So many sessions that no other broker takes, and it is not tried any more. */
const MOST_FAILED = 64;
const LOOK_MS = 5;

/** Cannot be done now, for what its message says. */
export class RebalanceRefused extends Error {
  override readonly name = "RebalanceRefused";
}

export interface EvacuationOptions extends Partial<EvictionTerms> {
  /** Servers that clients of 5.0 are told of, with a space between them. */
  readonly redirectTo?: string | undefined;
  /** Brokers that sessions are handed to, by name. @default - all that are ready */
  readonly migrateTo?: readonly string[] | undefined;
}

/** What a broker says of itself. */
export interface NodeStatus {
  readonly current: ChannelCounts;
  /** Undefined while it moves nobody away. */
  readonly eviction: EvictionStatus | undefined;
}

/**
 * Moves clients away from this broker, all of them so that it can go, or as many as it has too many; at a pace that the others can take, and
 * after load balancers have noticed. Known in memory only: a broker that starts again begins without.
 */
export class Rebalance {
  readonly #parts: Omit<EvictionParts, "onDone">;
  #eviction: Eviction | undefined;

  constructor(parts: Omit<EvictionParts, "onDone">) {
    this.#parts = parts;
  }

  /** Whether clients should go elsewhere. */
  get isEvicting(): boolean {
    return this.#eviction !== undefined;
  }

  get status(): NodeStatus {
    const { broker } = this.#parts;
    return { current: { connected: broker.connected, sessions: broker.sessions.size }, eviction: this.#eviction?.status };
  }

  /**
   * Has everybody leave this broker, and nobody come, until `stop`.
   *
   * @throws RebalanceRefused if clients are moved away already
   */
  evacuate({ redirectTo, migrateTo, ...terms }: EvacuationOptions = {}): void {
    this.evict({ ...DEFAULT_TERMS, ...given(terms), type: "evacuation", connectionGoal: 0, sessionGoal: 0, redirectTo, migrateTo });
  }

  /**
   * Gives away what there is above the goals.
   *
   * @throws RebalanceRefused if clients are moved away already
   */
  evict(order: EvictionOrder): void {
    if (this.#eviction !== undefined) throw new RebalanceRefused("clients are moved away from this broker already: stop that first");
    this.#eviction = new Eviction(order, {
      ...this.#parts,
      onDone: () => {
        this.#eviction = undefined;
      },
    });
  }

  /** Lets clients come again; false if there was nothing to stop. */
  stop(): boolean {
    if (this.#eviction === undefined) return false;
    this.#eviction.stop();
    this.#eviction = undefined;
    return true;
  }

  /** The broker stops: has other brokers take the sessions that are left, as far as they can in that time. What stays they take when it has gone. */
  async handOverAll(withinMs: number): Promise<void> {
    const { broker, log } = this.#parts;
    const { handOver, sessions } = broker;
    if (handOver === undefined || sessions.size === 0) return;
    const startedAtMs = Date.now();
    const count = sessions.size;
    const mover = new SessionMover({ sessions, handOver });
    while (sessions.size > 0 && mover.failed < MOST_FAILED && Date.now() - startedAtMs < withinMs) {
      mover.move(Number.POSITIVE_INFINITY);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    log.info({ sessions: count, left: sessions.size, err: mover.lastError }, "sessions were handed to other brokers");
  }
}
