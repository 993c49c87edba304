import type { Log } from "../../log.js";
import type { Message } from "../../message.js";
import type { StoredSession } from "../../persistence/session-store.js";
import type { Source, TakenNumbers } from "../../persistence/taken-numbers.js";
import type { SharedFilter } from "../../topics/topic-filter.js";
import type { HostedSessions } from "../hosted-sessions.js";
import type { KeptMessages } from "./batch-intake.js";
import type { ClusterCounters } from "./cluster-counters.js";
import type { ClusterStore } from "./cluster-store.js";
import { Dealt } from "./dealt.js";
import type { Engine } from "./engine.js";
import { Estates } from "./estates.js";
import type { Membership } from "./membership.js";
import { Numbering } from "./numbering.js";
import { Once } from "./once.js";
import { sweepOwners } from "./owner-sweep.js";
import type { Ownership } from "./ownership.js";
import { PeerError } from "./peer-error.js";
import type { PeerFrame } from "./peer-frames.js";
import type { PeerMessages } from "./peer-messages.js";
import type { RouteRecord } from "./route-records.js";
import type { RouteWriter } from "./route-writer.js";
import { SessionMoves } from "./session-moves.js";
import { journalOf } from "./session-streams.js";
import { estateToken, Switches } from "./switches.js";
import { untilDurable } from "./until-durable.js";

/** A session that another broker asks for has so long to finish what it is doing; then it is asked for again. */
const ASKED_MS = 900;
/** For a peer to bring a session over that it is offered. */
const OFFER_MS = 10_000;
const ASK_MS = 500;
const ASKED_TOGETHER = 200;
const FETCH_AGAIN_MS = 1_000;
/** For what a dead broker had on its way to have come from its heir, or the heir of that. */
const NUMBERS_KEPT_MS = 900_000;

export interface ClusterSessionsOptions {
  readonly engine: Engine;
  readonly id: string;
  /** First part of all subjects: `mqttd.<cluster>`. */
  readonly prefix: string;
  readonly sessionShards: number;
  readonly ownerShards: number;
  readonly store: ClusterStore;
  readonly sessions: HostedSessions;
  readonly log: Log;
  readonly counters: ClusterCounters;
  readonly membership: Membership;
  readonly routes: RouteWriter;
  readonly messages: () => PeerMessages;
  /** Whether whoever publishes waits for the peers. */
  readonly isAwaited: boolean;
  readonly ownership: () => Ownership;
  /** Says something to a peer, and resolves with what it answers. */
  readonly ask: (peer: string, frame: PeerFrame, withinMs: number) => Promise<Uint8Array>;
  /** Resolves when every member has read the record of that sequence. */
  readonly readByAll: (sequence: number) => Promise<void>;
  /** Removes what a broker has written to the route log. */
  readonly purgeRoutes: (broker: string) => Promise<void>;
}

/** What one life of a broker in the cluster has to do with sessions that outlive their connections. */
export class ClusterSessions {
  /** For the way in from peers. */
  readonly kept: KeptMessages;
  readonly #options: ClusterSessionsOptions;
  readonly #switches = new Switches();
  readonly #moves: SessionMoves;
  readonly #estates: Estates;
  readonly #once: Once;
  /** Of QoS 2 messages that do not wait until they are durable, and so overtake those that do. */
  readonly #passing: Numbering;
  /** Brokers whose sessions are here since. */
  readonly #inherited = new Set<string>();
  /** Who has taken over from whom. */
  readonly #heirs = new Map<string, string>();
  /** Brokers that have left: what they say from then on counts for nothing. */
  readonly #gone = new Set<string>();
  /** What dead brokers had had for shared groups. */
  readonly #had = new Map<string, ReadonlyMap<string, TakenNumbers>>();
  readonly #dealt: Dealt;
  readonly #fetching = new Set<string>();
  #isOver = false;

  constructor(options: ClusterSessionsOptions) {
    const { id, engine, prefix, sessionShards, store, sessions, log, counters, membership, routes, messages, isAwaited } = options;
    this.#options = options;
    const parts = {
      self: id,
      sessions,
      switches: this.#switches,
      peers: () => membership.peers,
      announce: (record: RouteRecord) => routes.afterRoutes(record),
      fetch: (clientIds: readonly string[]) => void this.#fetch(clientIds),
      log,
      counters,
    };
    const commit = () => sessions.commit();
    const durable = (first: Promise<unknown>) => untilDurable(first, commit, () => this.#isOver);
    this.#moves = new SessionMoves({
      ...parts,
      messages,
      durable,
      isUnsettled: (broker) => this.#estates.isOpen(broker),
      allHave: () => this.#allHave(),
      allOver: () => this.#once.allOver(),
    });
    this.#dealt = new Dealt({ note: (what) => store.hadForGroup(what), unnote: (origin) => store.forgetForGroups(origin) });
    this.#estates = new Estates({
      ...parts,
      engine,
      dealt: this.#dealt,
      journalOf: (broker) => journalOf(prefix, sessionShards, broker),
      isMember: (broker) => membership.isMember(broker),
      isHeir: () => membership.isOldest,
      tidyUp: (broker, sequence) => this.#tidyUp(broker, sequence),
      note: (outgoing) => store.note(outgoing),
      underWay: (clientId) => this.#moves.underWay(clientId),
      elsewhere: (each) => this.#elsewhere(each),
      publishAgain: (outgoing, estate, had) => {
        this.#once.publishAgain(outgoing, estate, had);
        return this.#allHave();
      },
    });
    this.#passing = new Numbering(passingOf(id));
    this.#once = new Once({ self: id, store, messages, isAwaited, commit, durable });
    this.kept = {
      changes: () => store.journal.pendingRows,
      mark: (peer, sequence) => store.mark(peer, sequence),
      commit,
      durable,
      numbers: new Map(),
      hadForGroup: (source) => store.hadForGroup(source),
      wasHadForGroup: (broker, { origin, number }) => this.#had.get(broker)?.get(origin)?.has(number) ?? false,
      dealt: (source, dead) => store.dealt(source, dead, id),
      passed: (peer, token) => this.#switches.pass(token, peer),
      came: (clientId, peer, records) => this.#moves.came(clientId, peer, records),
    };
  }

  /**
   * Begins the journal, before anybody can take this broker for a member: whoever seals it is then in the way of all that is written. `onLost`
   * is called when somebody has.
   */
  async begin(onLost: () => void): Promise<void> {
    const { engine, store, id, prefix, sessionShards } = this.#options;
    await store.begin({ engine, ...journalOf(prefix, sessionShards, id), onLost });
  }

  /** The broker has joined, and knows of the others. */
  joined(): void {
    this.#estates.look();
  }

  stop(error: Error): void {
    this.#isOver = true;
    this.#moves.stop(error);
    this.#estates.stop(error);
    this.#once.stop();
    void this.#options.store.end(); // that sessions are let go here is not to be read by whoever takes them over
  }

  /** As Backplane.nextSource. */
  nextSource(isKept: boolean): Source {
    return (isKept ? this.#once : this.#passing).next();
  }

  /** As Backplane.publish, for QoS 2. */
  publish(message: Message, kept: readonly SharedFilter[], source: Source): Promise<void> | undefined {
    return this.#options.messages().publish(message, kept, source, () => this.#passing.over(source.number));
  }

  /** As Backplane.publishOnce. */
  publishOnce(message: Message, kept: readonly SharedFilter[], source: Source): Promise<void> {
    return this.#once.publish(message, this.#options.messages().shares(message.topic, kept), source);
  }

  /** As Backplane.handOn. At QoS 1 and 2 it is safe with what is committed this turn. */
  handOn(message: Message, group: SharedFilter): boolean {
    const messages = this.#options.messages();
    if (message.qos === 0) return messages.handOn(message, group);
    const peer = messages.memberOf(group);
    if (peer === undefined) return false;
    this.#once.handOn(message, { ...group, broker: peer.id });
    return true;
  }

  /** The route log says that a broker is there no more; to be told of each such record. Some come after its sessions are with another. */
  left(broker: string): void {
    this.#gone.add(broker);
    this.#moves.left(broker);
    this.#switches.left(broker);
    if (this.#heirs.has(broker)) this.#estates.look();
    else this.#estates.left(broker);
  }

  /** The route log says that a member has what a broker had: what waits for that goes to the member. */
  adopted(by: string, { broker, marks, had }: RouteRecord & { readonly type: "adopted" }): void {
    const { id, store, messages } = this.#options;
    if (this.#gone.has(by)) return; // whoever takes over from it begins anew with what that had
    const isRepeated = this.#heirs.has(broker);
    this.#heirs.set(broker, by);
    if (isRepeated) return;
    if (by === id) {
      this.#inherited.add(broker);
      this.#dealt.settled(broker);
    }
    if (had !== undefined && had.size > 0) {
      this.#had.set(broker, had);
      this.#dealt.learn(had);
    }
    // Only now: what it had on its way has come again, to where sessions were that change over.
    this.#switches.gone(broker);
    // First, as what waits may be for groups whose member was on its way there.
    this.#moves.returned(broker, by, (clientId, leastMoves) => this.#askWhether(by, clientId, leastMoves));
    this.#once.changedOver();
    messages().settle(broker, marks.get(id) ?? 0, estateToken(broker));
    this.#estates.adopted(broker);
    if (by === id) this.#estates.confirmed(broker);
    store.unmark(broker);
    setTimeout(() => this.#forgetNumbers(broker), NUMBERS_KEPT_MS).unref();
    const unfinished = this.#moves.adopted(broker);
    if (unfinished.length > 0) void this.#fetch(unfinished);
  }

  /** The route log says that sessions move to its writer. */
  announced(writer: string, record: RouteRecord & { readonly type: "switch" }): void {
    this.#once.changedOver();
    this.#moves.announced(writer, record);
  }

  /** A peer has claimed a client, and whatever of it was connected here is so no more: what the peer is to make a place for. */
  async claimed(clientId: string, by: string, sequence: number): Promise<Uint8Array> {
    this.#yieldsTo(clientId, sequence);
    const outline = await this.#moves.asked(clientId, by, ASKED_MS);
    this.#yieldsTo(clientId, sequence);
    return outline;
  }

  /** A peer that had a client was asked to hand it over, and has answered: its session comes here. */
  async answered(clientId: string, peer: string, outline: Uint8Array): Promise<void> {
    if (outline.length > 0) await this.#moves.arrive(clientId, peer, Uint8Array.from(outline));
  }

  /** As OwnershipOptions.askEveryone. */
  async askEveryone(ask: (peer: string) => Promise<void>, clientId: string, sequence: number): Promise<void> {
    let count: number;
    do {
      await this.#estates.settled();
      ({ count } = this.#estates);
      await Promise.all(Array.from(this.#options.membership.peers, ask));
    } while (count !== this.#estates.count); // it may have been on a broker that has left meanwhile
    if (this.#options.ownership().isClaiming(clientId, sequence)) this.#moves.nobodyHas(clientId);
  }

  /** 1 if all of a session is here and durable, after so many moves at least, else 0. Rejects if that cannot be said now. */
  async holds(clientId: string, leastMoves: number): Promise<Uint8Array> {
    const { sessions } = this.#options;
    const isHere = () => {
      const found = sessions.outline(clientId)?.session;
      return found !== undefined && found.arrivingFrom === undefined && (found.moves ?? 0) >= leastMoves;
    };
    if (isHere()) await sessions.commit();
    return Uint8Array.of(isHere() ? 1 : 0);
  }

  /** Has a peer take over a session of a client that is away; resolves when it has. */
  async offer(clientId: string, peer: string): Promise<void> {
    await this.#options.ask(peer, { type: "offer", from: this.#options.id, sequence: 0, clientId }, OFFER_MS);
  }

  /** As Estates wants it. Whoever does not answer is asked again while it is a member. */
  async #elsewhere(sessions: readonly StoredSession[]): Promise<ReadonlySet<string>> {
    const { membership, log } = this.#options;
    const found = new Set<string>();
    for (const peer of [...membership.peers]) {
      for (let at = 0; at < sessions.length && membership.isMember(peer); at += ASKED_TOGETHER) {
        const some = sessions.slice(at, at + ASKED_TOGETHER);
        const newer = await Promise.all(some.map(({ clientId, moves = 0 }) => this.#askWhether(peer, clientId, moves + 1)));
        for (const [index, { clientId }] of some.entries()) if (newer[index]) found.add(clientId);
      }
    }
    if (found.size > 0) log.debug({ count: found.size }, "sessions of a peer that has left have moved on before");
    return found;
  }

  /** Whether a peer holds a session; asks until it answers. If it leaves, what is here is what there is. */
  async #askWhether(peer: string, clientId: string, leastMoves: number): Promise<boolean> {
    const { id, ask, membership } = this.#options;
    while (!this.#isOver && membership.isMember(peer)) {
      try {
        return (await ask(peer, { type: "holds", from: id, sequence: leastMoves, clientId }, ASK_MS))[0] === 1;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, ASK_MS));
      }
    }
    return false;
  }

  /** What was published here until now has come to all peers that live: what its publishers publish elsewhere from now on follows it. */
  async #allHave(): Promise<void> {
    await this.#once.allSent();
    await this.#options.messages().allHave(() => this.#isOver);
  }

  #forgetNumbers(broker: string): void {
    if (this.#isOver) return;
    this.#had.delete(broker);
    this.#dealt.forget(broker);
    for (const origin of [broker, passingOf(broker)]) {
      this.kept.numbers.delete(origin);
      this.#once.forgetNumbers(origin);
      this.#options.sessions.forgetTaken(origin);
    }
  }

  /** Throws if a later claim is this broker's: that there is nothing for the other one here would be no answer. */
  #yieldsTo(clientId: string, sequence: number): void {
    if (this.#options.ownership().ownsSince(clientId, sequence)) throw new PeerError(`${JSON.stringify(clientId)} is claimed since`);
  }

  /** What of these sessions is on other brokers comes here, sooner or later. */
  async #fetch(clientIds: readonly string[]): Promise<void> {
    const { sessions, ownership, log } = this.#options;
    const missing = clientIds.filter((clientId) => !this.#fetching.has(clientId));
    await Promise.all(
      missing.map(async (clientId) => {
        this.#fetching.add(clientId);
        while (!this.#isOver && sessions.isChanging(clientId)) {
          await ownership()
            .claim(clientId)
            .catch((error: unknown) => log.debug({ err: error, clientId }, "a session has not come whole yet"));
          await new Promise((resolve) => setTimeout(resolve, FETCH_AGAIN_MS));
        }
        this.#fetching.delete(clientId);
      }),
    );
  }

  async #tidyUp(broker: string, sequence: number): Promise<void> {
    const { engine, prefix, ownerShards: shards, sessionShards, sessions, routes, readByAll, purgeRoutes } = this.#options;
    await readByAll(sequence);
    // With what the broker has written goes what it has taken over: who joins later would find that nobody has it.
    const inherited = inheritedBy(broker, this.#heirs);
    for (const dead of inherited) await routes.afterRoutes({ type: "adopted", broker: dead, marks: new Map() });
    // Theirs too, which the broker may not have come to: that they have left goes with what it has written.
    for (const dead of [...inherited, broker]) {
      if (this.#isOver) return;
      await purgeRoutes(dead);
      const { stream, subject } = journalOf(prefix, sessionShards, dead);
      await engine.purge(stream, subject);
    }
    // Claims of other brokers that are dead may be for sessions that are elsewhere.
    const isMember = (other: string) => !this.#inherited.has(other);
    await sweepOwners({ engine, prefix, shards, isMember, keeps: (clientId) => sessions.get(clientId) !== undefined });
  }
}

/** Whose sessions a broker had, those included whom its dead had inherited from, and so on. */
function inheritedBy(broker: string, heirs: ReadonlyMap<string, string>): readonly string[] {
  const found = new Set([broker]);
  for (const heir of found) for (const [dead, by] of heirs) if (by === heir) found.add(dead);
  found.delete(broker);
  return [...found];
}

/** By that name sessions know of messages that a broker does not keep until all have them. */
function passingOf(broker: string): string {
  return `${broker}~`;
}
