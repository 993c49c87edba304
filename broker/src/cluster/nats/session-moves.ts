import { Deferred } from "../../journal/deferred.js";
import { decodeOutline, decodeSession, encodeOutline, encodeSession } from "../../persistence/session-records.js";
import type { Gate } from "../../session/gate.js";
import type { HostedSessions } from "../hosted-sessions.js";
import type { ClusterCounters } from "./cluster-counters.js";
import { PeerError } from "./peer-error.js";
import type { PeerMessages } from "./peer-messages.js";
import type { RouteRecord } from "./route-records.js";
import type { Switch, Switches } from "./switches.js";

export interface SessionMovesOptions {
  readonly self: string;
  readonly sessions: HostedSessions;
  readonly switches: Switches;
  readonly messages: () => Pick<PeerMessages, "get" | "mark" | "putSession">;
  /** Members apart from this broker. */
  readonly peers: () => Iterable<string>;
  /** Whether a broker has left, or any has, and nobody has said to have what it had. */
  readonly isUnsettled: (broker?: string) => boolean;
  /** Appends to the route log behind all routes that have been added. */
  readonly announce: (record: RouteRecord) => Promise<number>;
  /** Resolves when what was published here until now has come to all peers that live. */
  readonly allHave: () => Promise<void>;
  /** Resolves when none of what sessions have published here until now at QoS 2 is sent again, by whoever takes over from this broker. */
  readonly allOver: () => Promise<void>;
  /** Resolves when something is durable, however often that fails. */
  readonly durable: (first: Promise<unknown>) => Promise<void>;
  /** Whoever has these sessions is asked for them, until they are here. */
  readonly fetch: (clientIds: readonly string[]) => void;
  readonly counters: Pick<ClusterCounters, "sessionsReceived" | "sessionsHandedOver">;
}

interface Arrival extends Deferred {
  from: string;
}

interface Departure {
  readonly to: string;
  gate: Gate | undefined;
  /** The broker has made a place for it, and said so. */
  isAnnounced: boolean;
  /** All of it has left, and the broker is yet to say that it has it. */
  underWay?: Deferred | undefined;
}

/** Sessions that come from one broker, and change over together. */
interface Convoy {
  readonly token: string;
  readonly clientIds: string[];
  readonly places: (Promise<void> | undefined)[];
}

/** How often it is looked whether a session that is still changing over may move on. */
const LOOK_MS = 10;
/** Client identifiers of a record. */
const MOST_TOGETHER = 500;
const NOTHING = new Uint8Array(0);
/** In place of a session's records: it stays, or goes elsewhere. */
const NOT_YOURS = new Uint8Array(1);

/**
 * Moves sessions between two brokers that live. The new one makes a place for a session and announces its subscriptions, then a switch,
 * by the route log. Each broker that reads of the switch marks its way to both: what it has published before reaches the session on the old
 * broker, what follows on the new one, and nothing on both. When all marks have come to the old one, it hands the session over, and forgets it once
 * the new one has it durable.
 */
export class SessionMoves {
  readonly #options: SessionMovesOptions;
  readonly #arrivals = new Map<string, Arrival>();
  readonly #departures = new Map<string, Departure>();
  /** Sessions that may have arrived on a broker that has died. */
  readonly #unsure = new Set<string>();
  /** Sessions that come this turn, by the broker that has them. */
  readonly #convoys = new Map<string, Convoy>();
  #tokens = 0;

  constructor(options: SessionMovesOptions) {
    this.#options = options;
  }

  /**
   * A peer has claimed the client. Resolves with the outline of the session that it is to make a place for; empty if there is none here.
   * Rejects if that cannot be said now.
   */
  async asked(clientId: string, by: string, withinMs: number): Promise<Uint8Array> {
    const { sessions } = this.#options;
    const deadlineMs = performance.now() + withinMs;
    while (this.#isUnsure(clientId) || (!this.#departures.has(clientId) && this.#isBusy(clientId))) {
      if (performance.now() >= deadlineMs) throw new PeerError(`the session of ${JSON.stringify(clientId)} is still changing over`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    const outline = sessions.outline(clientId);
    if (outline === undefined) return NOTHING;
    const before = this.#departures.get(clientId);
    if (before?.isAnnounced && before.to !== by && this.#isMember(before.to)) return NOTHING; // it has gone there
    if (before?.to !== by) this.#departures.set(clientId, { to: by, gate: before?.gate, isAnnounced: false });
    return encodeOutline(outline);
  }

  /** Brings a session here from a peer that was asked for it. Resolves when all of it is here and durable. */
  arrive(clientId: string, from: string, outline: Uint8Array): Promise<void> {
    const { sessions, switches } = this.#options;
    const known = this.#arrivals.get(clientId);
    const session = decodeOutline(outline);
    const { moves = 0 } = session.session;
    const here = sessions.outline(clientId)?.session;
    // A copy that was left behind by a death, or until this one is durable: what is here has moved on since.
    if (here !== undefined && here.arrivingFrom === undefined && (here.moves ?? 0) >= moves) return known?.promise ?? Promise.resolve();
    if (known !== undefined && (known.from === from || (this.#isMember(known.from) && moves < (here?.moves ?? 0)))) return known.promise;
    this.#departures.delete(clientId); // it comes back, and what is left of it here is what went
    const arrival = known ?? Object.assign(new Deferred(), { from });
    arrival.from = from;
    this.#arrivals.set(clientId, arrival);
    const convoy = this.#convoyFrom(from);
    convoy.clientIds.push(clientId);
    const place = sessions.expect(session, from, gateIn(switches.get(convoy.token), this.#options.self));
    place?.catch(() => {}); // looked at when the convoy leaves
    convoy.places.push(place);
    return arrival.promise;
  }

  /** The route log has a switch: marks the ways to both brokers, and notes it if this is one of them. */
  announced(to: string, { token, from, clientIds }: RouteRecord & { readonly type: "switch" }): void {
    const { self, sessions, switches, messages, peers } = this.#options;
    if (from !== self) messages().mark(from, token);
    if (to !== self) messages().mark(to, token);
    if (to === self) {
      switches.arm(token, peers(), self, () => {
        for (const clientId of clientIds) sessions.open(clientId);
      });
    }
    if (from !== self) return;
    const leaving = clientIds.filter((clientId) => this.#departures.get(clientId)?.to === to);
    for (const clientId of leaving) this.#close(clientId, switches.get(token));
    // Another has asked since: it gets all of them from here.
    for (const clientId of clientIds) if (!leaving.includes(clientId)) messages().putSession(to, clientId, NOT_YOURS);
    switches.arm(token, peers(), self, () => void this.#handAll(leaving, to));
  }

  /** What its client has published here comes before what it is to publish there. */
  async #handAll(clientIds: readonly string[], to: string): Promise<void> {
    const { allHave, allOver, sessions, durable } = this.#options;
    await allHave();
    // Of those that publish, some may be on its way yet to sessions of the dead: if this broker died now, its heir would send that to all.
    const publishing = clientIds.filter((clientId) => sessions.isPublishing(clientId));
    await durable(Promise.resolve(sessions.commit()));
    for (const clientId of clientIds) if (!publishing.includes(clientId)) this.#hand(clientId, to);
    if (publishing.length === 0) return;
    await allOver();
    for (const clientId of publishing) this.#hand(clientId, to);
  }

  /** A session has come on the way from a peer. The peer waits for the promise. */
  came(clientId: string, from: string, records: Uint8Array): Promise<void> | undefined {
    const { sessions } = this.#options;
    const arrival = this.#arrivals.get(clientId);
    if (records.length === NOT_YOURS.length) {
      if (arrival?.from !== from) return undefined;
      this.#arrivals.delete(clientId);
      // What nobody else has, has to get to whoever has the session: it is asked for again.
      if (sessions.isInherited(clientId)) this.#options.fetch([clientId]);
      else sessions.letGo(clientId);
      arrival.reject(new PeerError("another broker has the session"));
      return sessions.commit();
    }
    const stored = sessions.takeIn(clientId, records.length === 0 ? undefined : decodeSession(records));
    if (arrival === undefined || sessions.outline(clientId)?.session.arrivingFrom !== undefined) return stored; // an older copy
    const arrived = () => {
      this.#arrivals.delete(clientId);
      this.#options.counters.sessionsReceived++;
      arrival.resolve();
    };
    if (stored === undefined) arrived();
    else void this.#options.durable(stored).then(arrived);
    return stored;
  }

  /** While all of a session is on its way to a broker that lives: resolves when it has come there, or may not have. */
  underWay(clientId: string): Promise<void> | undefined {
    return this.#departures.get(clientId)?.underWay?.promise;
  }

  /** Who waits for sessions from a broker that has left has to ask somebody else. */
  left(broker: string): void {
    for (const departure of this.#departures.values()) if (departure.to === broker) arriveOrNot(departure);
    for (const [clientId, arrival] of this.#arrivals) {
      if (arrival.from !== broker) continue;
      this.#arrivals.set(clientId, Object.assign(new Deferred(), { from: broker }));
      arrival.reject(new PeerError("the broker that has the session is gone"));
    }
  }

  /** A member has what a dead broker had: who waits for a session from that has to ask for it again, unless it was taken over here. */
  adopted(broker: string): readonly string[] {
    const unfinished: string[] = [];
    for (const [clientId, arrival] of this.#arrivals) {
      if (arrival.from !== broker) continue;
      const here = this.#options.sessions.outline(clientId)?.session;
      if (here === undefined || here.arrivingFrom !== undefined) unfinished.push(clientId);
      else {
        this.#arrivals.delete(clientId);
        arrival.resolve();
      }
    }
    return unfinished;
  }

  /**
   * A dead broker's sessions are with `by`. Of those that were on their way to it from here, it is not known whether they had arrived: `holds`
   * asks that.
   */
  returned(broker: string, by: string, holds: (clientId: string, leastMoves: number) => Promise<boolean>): void {
    const { self, sessions } = this.#options;
    for (const [clientId, departure] of this.#departures) {
      if (departure.to !== broker) continue;
      this.#departures.delete(clientId);
      sessions.rejoinGroups(clientId);
      if (by === self) continue; // it was found out when they were taken over
      this.#unsure.add(clientId);
      const { moves = 0 } = sessions.outline(clientId)?.session ?? {};
      void holds(clientId, moves + 1).then((isThere) => {
        this.#unsure.delete(clientId);
        if (isThere) sessions.letGo(clientId);
        else this.#departures.set(clientId, { ...departure, isAnnounced: false });
      });
    }
  }

  /** Nobody else has it: what is here is all there is, once it is durable. */
  nobodyHas(clientId: string): void {
    const here = this.#options.sessions.outline(clientId)?.session;
    if (here !== undefined && here.arrivingFrom === undefined) return;
    this.#options.sessions.takeIn(clientId, undefined)?.catch(() => {}); // it is tried again, and reported
    this.#arrivals.get(clientId)?.resolve();
    this.#arrivals.delete(clientId);
  }

  stop(error: Error): void {
    for (const arrival of this.#arrivals.values()) arrival.reject(error);
    this.#arrivals.clear();
    for (const departure of this.#departures.values()) arriveOrNot(departure);
    this.#departures.clear();
  }

  /** What came for it to a broker that has died is with nobody yet; or it may be the session itself. */
  #isUnsure(clientId: string): boolean {
    const departure = this.#departures.get(clientId);
    const { isUnsettled, sessions } = this.#options;
    if (departure === undefined && isUnsettled() && sessions.mayLack(clientId)) return true;
    return this.#unsure.has(clientId) || (departure?.isAnnounced === true && isUnsettled(departure.to));
  }

  #isBusy(clientId: string): boolean {
    return this.#arrivals.has(clientId) || this.#options.sessions.isChanging(clientId);
  }

  #isMember(broker: string): boolean {
    return this.#options.messages().get(broker)?.isDead === false;
  }

  #convoyFrom(from: string): Convoy {
    let convoy = this.#convoys.get(from);
    if (convoy !== undefined && convoy.clientIds.length < MOST_TOGETHER) return convoy;
    convoy = { token: `${this.#options.self}/${++this.#tokens}`, clientIds: [], places: [] };
    this.#convoys.set(from, convoy);
    const leaving = convoy;
    setImmediate(() => {
      if (this.#convoys.get(from) === leaving) this.#convoys.delete(from);
      void this.#switch(from, leaving);
    });
    return convoy;
  }

  /** The places have to be durable before anything comes to them that is acknowledged. */
  async #switch(from: string, { token, clientIds, places }: Convoy): Promise<void> {
    const { announce, durable, allHave } = this.#options;
    await durable(Promise.all(places));
    await allHave(); // what was taken before there were the places
    await announce({ type: "switch", token, from, clientIds });
  }

  /** What comes by brokers that have passed is for the new place only. */
  #close(clientId: string, change: Switch): void {
    const { self, sessions } = this.#options;
    const departure = this.#departures.get(clientId)!;
    const { gate: before } = departure;
    departure.isAnnounced = true;
    departure.gate = { admits: (broker = self) => !change.hasPassed(broker) && (before?.admits(broker) ?? true) };
    sessions.close(clientId, departure.gate);
  }

  #hand(clientId: string, to: string): void {
    const { sessions, messages, counters } = this.#options;
    const departure = this.#departures.get(clientId);
    if (departure?.to !== to) return;
    const session = sessions.get(clientId);
    sessions.leaveGroups(clientId);
    const accepted = messages().putSession(to, clientId, session === undefined ? NOTHING : encodeSession(session));
    if (accepted === undefined) return;
    departure.underWay = new Deferred();
    const over = () => arriveOrNot(departure);
    accepted
      .then(
        () => {
          if (this.#departures.get(clientId) !== departure) return;
          this.#departures.delete(clientId);
          counters.sessionsHandedOver++;
          sessions.letGo(clientId);
        },
        () => {}, // the peer is out of reach, or has left: whoever comes next asks again
      )
      .then(over, over);
  }
}

function arriveOrNot(departure: Departure): void {
  departure.underWay?.resolve();
  departure.underWay = undefined;
}

function gateIn(change: Switch, self: string): Gate {
  const admits = (broker = self) => change.hasPassed(broker);
  return { admits, changingOver: (broker) => (admits(broker) ? change.passedByLiving : undefined) };
}
