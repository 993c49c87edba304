import { Bans } from "../bans/bans.js";
import type { Clock } from "../clock.js";
import type { Config } from "../config/config.js";
import type { Log } from "../log.js";
import { type Counters, TurnedOutCause } from "../sys/counters.js";
import type { Socket } from "../transport/socket.js";
import { addressKey } from "./address-key.js";
import { type AddressEntry, AddressTable } from "./address-table.js";
import { AfterStorm } from "./after-storm.js";
import { Flapping } from "./flapping.js";
import { Gate } from "./gate.js";
import { HalfOpen, type Newcomer } from "./half-open.js";
import type { Overload } from "./overload.js";
import { OverloadGuard } from "./overload-guard.js";
import { REFUSAL, type Refusal } from "./refusal.js";
import { TurnAwayLog } from "./turn-away-log.js";
import type { Vitals } from "./vitals.js";

/** The part of the configuration that says who may come in. */
export type EntranceConfig = Pick<Config, "limits" | "maxConnections" | "listeners">;

export interface EntranceParts {
  readonly clock: Clock;
  readonly counters: Counters;
  readonly log: Log;
  readonly vitals: Vitals;
}

/** A connection on its way in. */
export interface Entrant extends Newcomer {
  readonly socket: Pick<Socket, "peer" | "destroy">;
  readonly listener: { readonly name: string };
}

/** Where the remote address is looked up when it is needed: it costs a system call. */
export interface Remote {
  readonly remoteAddress?: string | undefined;
}

/** A connection whose address nobody counts. */
const UNCOUNTED: AddressEntry = { key: "", open: 0, clients: 0 };

/**
 * Decides who may come in, at three places: when a connection is accepted (`admits`, before any handshake), when it is ready for MQTT
 * (`placeFor`), and when its CONNECT is there (`refusal`). Runs for every connection, so that what is off costs a comparison.
 */
export class Entrance {
  /** Whom operators have banned. */
  readonly bans = new Bans();
  readonly #parts: EntranceParts;
  readonly #all = new Gate();
  readonly #gates = new Map<string, Gate>();
  readonly #addresses = new AddressTable();
  readonly #halfOpen = new HalfOpen();
  readonly #flapping: Flapping;
  readonly #guard: OverloadGuard;
  readonly #afterStorm: AfterStorm;
  readonly #turnAways: TurnAwayLog;
  #failureDelayMs = 0;

  constructor(config: EntranceConfig, parts: EntranceParts) {
    this.#parts = parts;
    this.#flapping = new Flapping(config.limits.flapping);
    this.#guard = new OverloadGuard({ ...parts, limits: config.limits });
    this.#afterStorm = new AfterStorm(parts);
    this.#turnAways = new TurnAwayLog(parts.log, parts.counters);
    this.configure(config);
  }

  /** Holds whoever comes from now on to other limits; who is in stays in. A listener that is not named keeps its own. */
  configure({ limits, maxConnections, listeners }: EntranceConfig): void {
    const nowMs = this.#parts.clock.now();
    this.#all.configure({ ...limits, maxConnections }, limits.connectBurstSeconds, nowMs);
    for (const listener of listeners) this.#gate(listener.name).configure(listener, limits.connectBurstSeconds, nowMs);
    this.#addresses.configure(limits.maxConnectionsPerAddress);
    this.#halfOpen.configure(limits.maxHalfOpen);
    this.#flapping.configure(limits.flapping);
    this.#guard.configure(limits);
    this.#failureDelayMs = limits.failedAuthenticationDelayMs;
  }

  get overload(): Overload {
    return this.#guard;
  }

  /** Until whoever fails to authenticate is told so. */
  get failureDelayMs(): number {
    return this.#failureDelayMs;
  }

  /** How late the event loop was in the last second; 0 where it is not watched. */
  get loopLagMs(): number {
    return this.#guard.lagMs;
  }

  /** Connections before their CONNACK. */
  get halfOpen(): number {
    return this.#halfOpen.size;
  }

  /** Whether a connection may stay that has just been accepted; if not, it is to be closed without a word. */
  admits(listener: string, remote: Remote): boolean {
    const { counters } = this.#parts;
    const gate = this.#gate(listener);
    if (!(this.#all.rules.isOff && gate.rules.isOff)) {
      const address = remote.remoteAddress ?? "";
      if (!this.#all.rules.permits(address) || !gate.rules.permits(address)) {
        counters.turnedOut[TurnedOutCause.Address]!++;
        return false;
      }
    }
    if (this.#all.rate.isOff && gate.rate.isOff) return true;
    const nowMs = this.#parts.clock.now();
    if (gate.rate.mayOpen(nowMs) && this.#all.rate.mayOpen(nowMs)) return true;
    counters.turnedOut[TurnedOutCause.Rate]!++;
    return false;
  }

  /** Room for a connection that is ready for MQTT, which `opened` takes; undefined: it is to be closed without a word. */
  placeFor(socket: Pick<Socket, "peer">): AddressEntry | undefined {
    const { counters } = this.#parts;
    const { isFree, turnedOut } = this.#halfOpen.makeRoom(this.#guard.memory);
    counters.turnedOut[TurnedOutCause.HalfOpen]! += turnedOut;
    if (!isFree) {
      counters.turnedOut[TurnedOutCause.HalfOpen]!++;
      return undefined;
    }
    if (this.#addresses.isOff) return UNCOUNTED;
    const place = this.#addresses.placeFor(socket.peer().address);
    if (place === undefined) counters.turnedOut[TurnedOutCause.PerAddress]!++;
    return place;
  }

  opened(entrant: Entrant, place: AddressEntry): void {
    this.#halfOpen.opened(entrant);
    if (place !== UNCOUNTED) this.#addresses.opened(entrant, place);
  }

  /** A CONNECT has come, and waits for `refusal`. */
  waits(entrant: Entrant): void {
    this.#halfOpen.connects(entrant);
  }

  /** A CONNECT has come; why it is not taken, if it is not. `clientId` is empty if the client leaves it to the broker. */
  refusal(entrant: Entrant, clientId: string, userName?: string): Refusal | undefined {
    this.#halfOpen.connects(entrant);
    const refusal = this.#refusal(entrant, clientId) ?? this.#barred(entrant, clientId, userName);
    if (refusal !== undefined) this.#parts.counters.notAdmitted[refusal.cause]!++;
    return refusal;
  }

  /** As many came in while this one was authenticated as there may be, or it is not who it seemed, and banned. */
  lateRefusal(entrant: Entrant, clientId: string, userName: string | undefined): Refusal | undefined {
    const refusal = this.#fullness(entrant) ?? this.#barred(entrant, clientId, userName);
    if (refusal !== undefined) this.#parts.counters.notAdmitted[refusal.cause]!++;
    return refusal;
  }

  /** It is past its CONNACK. */
  joined(entrant: Entrant): void {
    this.#halfOpen.settled(entrant);
    this.#all.clients++;
    this.#gate(entrant.listener.name).clients++;
    this.#addresses.joined(entrant);
  }

  /** It has ended, or is about to. */
  left(entrant: Entrant, hadJoined: boolean): void {
    if (!hadJoined) {
      this.#halfOpen.settled(entrant);
      return;
    }
    this.#all.clients--;
    this.#gate(entrant.listener.name).clients--;
    this.#addresses.left(entrant);
  }

  /** Its socket is closed too. */
  closed(entrant: Entrant): void {
    this.#addresses.closed(entrant);
  }

  /** Once a second. */
  tick(): void {
    this.#guard.sample();
    this.#afterStorm.sample();
    this.#turnAways.tick();
    this.#flapping.sweep(this.#parts.clock.now());
  }

  stop(): void {
    this.#guard.stop();
  }

  #refusal(entrant: Entrant, clientId: string): Refusal | undefined {
    if (this.#guard.memory) return REFUSAL.memory;
    if (this.#guard.loop) return REFUSAL.loop;
    if (!this.#flapping.isOff && clientId !== "" && this.#isBanned(entrant, clientId)) return REFUSAL.banned;
    const fullness = this.#fullness(entrant);
    if (fullness !== undefined) return fullness;
    const { rate } = this.#gate(entrant.listener.name);
    if (this.#all.rate.isOff && rate.isOff) return undefined;
    const nowMs = this.#parts.clock.now();
    return rate.mayConnect(nowMs) && this.#all.rate.mayConnect(nowMs) ? undefined : REFUSAL.rate;
  }

  #fullness(entrant: Entrant): Refusal | undefined {
    if (this.#all.isFull || this.#gate(entrant.listener.name).isFull) return REFUSAL.full;
    return this.#addresses.isFullFor(entrant) ? REFUSAL.perAddress : undefined;
  }

  #barred({ socket }: Entrant, clientId: string, userName: string | undefined): Refusal | undefined {
    const ban = this.bans.find(clientId, userName, () => socket.peer().address, this.#parts.clock.now());
    return ban && REFUSAL.barred;
  }

  /** Clients that are banned for a time because they connect too often. */
  get flapping(): Flapping {
    return this.#flapping;
  }

  /** By address too, so that nobody can have the client of somebody else banned. */
  #isBanned({ socket }: Entrant, clientId: string): boolean {
    const { clock, counters, log } = this.#parts;
    const address = socket.peer().address;
    const client = `${addressKey(address)} ${clientId}`;
    const nowMs = clock.now();
    if (this.#flapping.isBanned(client, nowMs)) return true;
    if (!this.#flapping.connects(client, nowMs)) return false;
    counters.clientsBanned++;
    log.warn({ clientId, address }, "a client that connects too often is banned for a time");
    return true;
  }

  #gate(listener: string): Gate {
    const known = this.#gates.get(listener);
    if (known !== undefined) return known;
    const gate = new Gate();
    this.#gates.set(listener, gate);
    return gate;
  }
}
