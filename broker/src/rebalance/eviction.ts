import type { Clock } from "../clock.js";
import { ReasonCode } from "../codec/reason-code.js";
import { type Departure, type DepartureSettings, departure, refusal } from "../drain/departure.js";
import type { Log } from "../log.js";
import type { Session } from "../session/session.js";
import type { ChannelCounts, EvictionOrder, EvictionState, EvictionStatus } from "./eviction-order.js";
import { SessionMover } from "./session-mover.js";

const STEP_MS = 50;

/** The broker that clients are moved away from. */
export interface EvictedBroker {
  readonly sessions: Iterable<Session> & { readonly size: number };
  /** Clients past their CONNACK. */
  readonly connected: number;
  /** Has whoever comes from now on told to go elsewhere; undefined lets them in again. */
  turnAway(departure: Departure | undefined): void;
  /** Undefined where there is no other broker that sessions could go to. */
  readonly handOver: ((clientId: string, takers?: readonly string[]) => Promise<void>) | undefined;
}

export interface EvictionParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly broker: EvictedBroker;
  /** Where clients are sent unless the order says it. */
  readonly departureSettings: () => DepartureSettings;
  /** It has come to its end by itself. */
  readonly onDone: () => void;
}

/** Moves clients, and then sessions, away from this broker, at the pace and down to the numbers of an order. */
export class Eviction {
  readonly #parts: EvictionParts;
  readonly #order: EvictionOrder;
  readonly #initial: ChannelCounts;
  readonly #mover: SessionMover | undefined;
  #state: EvictionState = "waiting_health_check";
  #stateSinceMs: number;
  /** Disconnected or handed over in this state. */
  #done = 0;
  #rest: Iterator<Session>;
  #stopClock: (() => void) | undefined;

  constructor(order: EvictionOrder, parts: EvictionParts) {
    const { clock, broker } = parts;
    this.#parts = parts;
    this.#order = order;
    this.#initial = { connected: broker.connected, sessions: broker.sessions.size };
    this.#stateSinceMs = clock.now();
    this.#rest = broker.sessions[Symbol.iterator]();
    const { handOver } = broker;
    this.#mover = handOver && new SessionMover({ sessions: broker.sessions, handOver: (clientId) => handOver(clientId, order.migrateTo) });
    parts.log.info({ ...order }, "clients are moved away from this broker");
    this.#stopClock = clock.every(STEP_MS, () => this.#step());
  }

  get status(): EvictionStatus {
    return { order: this.#order, state: this.#state, initial: this.#initial, handOversFailed: this.#mover?.failed ?? 0 };
  }

  /** Lets clients come again. */
  stop(): void {
    this.#stopClock?.();
    this.#stopClock = undefined;
    this.#parts.broker.turnAway(undefined);
  }

  #step(): void {
    const { waitHealthCheckSeconds, waitTakeoverSeconds } = this.#order;
    if (this.#state === "waiting_health_check" && this.#hasPassed(waitHealthCheckSeconds)) {
      this.#enter("evicting_conns");
      this.#parts.broker.turnAway(this.#told(refusal));
    }
    if (this.#state === "evicting_conns" && this.#haveClientsGone()) this.#enter("waiting_takeover");
    if (this.#state === "waiting_takeover" && this.#hasPassed(waitTakeoverSeconds)) this.#enter("evicting_sessions");
    if (this.#state === "evicting_sessions" && this.#haveSessionsGone()) this.#finish();
  }

  #haveClientsGone(): boolean {
    const { broker } = this.#parts;
    const { connEvictRate, connectionGoal } = this.#order;
    const { reasonCode, serverReference } = this.#told(departure);
    for (let left = this.#due(connEvictRate); left > 0 && broker.connected > connectionGoal; left--) {
      const link = this.#nextLink();
      if (link === undefined) break;
      link.disconnect(reasonCode, "clients are moved to other brokers", serverReference);
      this.#done++;
    }
    return broker.connected <= connectionGoal;
  }

  #haveSessionsGone(): boolean {
    const { broker } = this.#parts;
    const { sessEvictRate, sessionGoal } = this.#order;
    if (this.#mover === undefined) return true;
    const excess = broker.sessions.size - sessionGoal - this.#mover.underWay;
    this.#done += this.#mover.move(Math.min(this.#due(sessEvictRate), excess));
    // Those whose clients are here stay with them.
    const away = broker.sessions.size - broker.connected;
    return this.#mover.underWay === 0 && (broker.sessions.size <= sessionGoal || away <= 0);
  }

  #finish(): void {
    const { log, onDone } = this.#parts;
    if (this.#order.type === "evacuation") {
      this.#enter("prohibiting");
      return;
    }
    this.stop();
    log.info({ initial: this.#initial }, "this broker has no more clients than it ought to have");
    onDone();
  }

  #enter(state: EvictionState): void {
    const { clock, log, broker } = this.#parts;
    this.#state = state;
    this.#stateSinceMs = clock.now();
    this.#done = 0;
    log.info({ state, connected: broker.connected, sessions: broker.sessions.size }, "moving clients away");
  }

  #hasPassed(seconds: number): boolean {
    return this.#parts.clock.now() - this.#stateSinceMs >= seconds * 1_000;
  }

  /** The first step has one at least; a clock that was set changes little. */
  #due(rate: number): number {
    const elapsedMs = Math.max(0, this.#parts.clock.now() - this.#stateSinceMs);
    const most = Math.max(1, Math.ceil((rate * STEP_MS * 2) / 1_000));
    return Math.min(most, Math.max(1, Math.floor((rate * (elapsedMs + STEP_MS)) / 1_000)) - this.#done);
  }

  #nextLink(): NonNullable<Session["link"]> | undefined {
    for (let round = 0; round < 2; round++) {
      for (let next = this.#rest.next(); next.done !== true; next = this.#rest.next()) if (next.value.link !== null) return next.value.link;
      this.#rest = this.#parts.broker.sessions[Symbol.iterator]();
    }
    return undefined;
  }

  /** What clients are told by DISCONNECT or by CONNACK, which differ only for a broker that shuts down. */
  #told(how: typeof departure | typeof refusal): Departure {
    const settings = this.#parts.departureSettings();
    const serverReference = this.#order.redirectTo ?? settings.serverReference;
    if (serverReference === undefined && this.#order.type === "rebalance")
      return { reasonCode: ReasonCode.UseAnotherServer, serverReference };
    return how({ ...settings, serverReference });
  }
}
