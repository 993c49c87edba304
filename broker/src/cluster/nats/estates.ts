import { Deferred } from "../../journal/deferred.js";
import type { Log } from "../../log.js";
import type { Outgoing } from "../../persistence/outgoing.js";
import { type OwedToGroups, owedByCleanSessions, owedByPlace } from "../../persistence/owed-to-groups.js";
import { type WholeSession, wholeSessions } from "../../persistence/session-records.js";
import type { StoredSession } from "../../persistence/session-store.js";
import type { TakenNumbers } from "../../persistence/taken-numbers.js";
import type { Gate } from "../../session/gate.js";
import type { HostedSessions } from "../hosted-sessions.js";
import type { ClusterCounters } from "./cluster-counters.js";
import { Dealt } from "./dealt.js";
import type { Engine } from "./engine.js";
import { LostRaceError } from "./engine-errors.js";
import { decodeJournalFrame, follow, sealFrame } from "./journal-frames.js";
import { inOrderTaken } from "./once.js";
import { readJournal } from "./read-journal.js";
import type { RouteRecord } from "./route-records.js";
import { estateToken, type Switches } from "./switches.js";

export interface EstatesOptions {
  readonly self: string;
  readonly engine: Engine;
  readonly sessions: HostedSessions;
  readonly switches: Switches;
  readonly journalOf: (broker: string) => { readonly stream: string; readonly subject: string };
  readonly isMember: (broker: string) => boolean;
  /** Whether it is this broker that takes over from whoever leaves: one member at a time, and the same one until it leaves itself. */
  readonly isHeir: () => boolean;
  /** Members apart from this broker. */
  readonly peers: () => Iterable<string>;
  readonly announce: (record: RouteRecord) => Promise<number>;
  /** Keeps what the broker had on its way, until all have it. */
  readonly note: (outgoing: Outgoing) => void;
  readonly dealt: Pick<Dealt, "note" | "rest" | "learn">;
  /** As SessionMoves has it. */
  readonly underWay: (clientId: string) => Promise<void> | undefined;
  /** Which of these sessions other members have, in a newer state. */
  readonly elsewhere: (sessions: readonly StoredSession[]) => Promise<ReadonlySet<string>>;
  /** Sends what the broker had on its way again; resolves when it has come: before anything that its publishers publish elsewhere. */
  readonly publishAgain: (outgoing: Iterable<Outgoing>, estate: string, had: ReadonlyMap<string, TakenNumbers>) => Promise<void>;
  /** What the broker has left is of no use to anybody any more, once all have read the record of that sequence. */
  readonly tidyUp: (broker: string, sequence: number) => Promise<void>;
  /** Sessions that had not come to the dead broker whole: whoever has the rest is to be asked. */
  readonly fetch: (clientIds: readonly string[]) => void;
  readonly log: Log;
  readonly counters: Pick<ClusterCounters, "sessionsInherited">;
}

const RETRY_MS = 500;

/**
 * What brokers leave behind that have died or left: one member takes over the sessions of all of them, the same one until it leaves itself, as several may have left copies
 * of a session, and two members with a copy each would both be taken for having it. It seals the journal, so that a broker that is not
 * dead after all can write nothing any more; reads it; keeps the sessions itself, and says so in the route log. If it dies before, another
 * begins anew.
 */
export class Estates {
  readonly #options: EstatesOptions;
  /** Brokers that have left, and whose sessions nobody has said to have. */
  readonly #open = new Map<string, Deferred>();
  readonly #working = new Set<string>();
  /** Of those that are sealed: how often sessions had moved that they had whole. */
  readonly #moves = new Map<string, ReadonlyMap<string, number>>();
  /** One for each, however often it takes to take over the sessions. */
  readonly #gates = new Map<string, Gate>();
  /** What to do when this broker's own word comes back by the log. */
  readonly #onAdopted = new Map<string, () => void>();
  #last: Promise<void> = Promise.resolve();
  #count = 0;
  #isOver = false;

  constructor(options: EstatesOptions) {
    this.#options = options;
  }

  /** A broker has left. */
  left(broker: string): void {
    this.#count++;
    if (!this.#open.has(broker)) this.#open.set(broker, new Deferred());
    this.look();
  }

  /** A member says that it has what the broker had. */
  adopted(broker: string): void {
    const open = this.#open.get(broker);
    this.#open.delete(broker);
    this.#moves.delete(broker);
    open?.resolve();
  }

  /** Whether a broker has left, or any has, and nobody has said to have what it had. */
  isOpen(broker?: string): boolean {
    return broker === undefined ? this.#open.size > 0 : this.#open.has(broker);
  }

  /** How many have left so far: if it is the same after a question to all members, nobody was left out. */
  get count(): number {
    return this.#count;
  }

  /** Resolves when the sessions of all brokers that have left are with members. */
  async settled(): Promise<void> {
    while (this.#open.size > 0) await Promise.all(Array.from(this.#open.values(), ({ promise }) => promise));
  }

  /** Begins with what is this broker's to do: to be called whenever members have come or gone. */
  look(): void {
    if (this.#isOver || !this.#options.isHeir()) return;
    // The last that has left first: it may have what the ones before it had.
    for (const broker of [...this.#open.keys()].reverse()) {
      if (this.#working.has(broker)) continue;
      this.#working.add(broker);
      this.#last = this.#last.then(() => this.#adopt(broker));
    }
  }

  stop(error: Error): void {
    this.#isOver = true;
    for (const open of this.#open.values()) open.reject(error);
    this.#open.clear();
  }

  async #adopt(broker: string): Promise<void> {
    const { log } = this.#options;
    while (!this.#isOver && this.#open.has(broker)) {
      try {
        if (await this.#tryToAdopt(broker)) break;
      } catch (error) {
        log.warn({ err: error, peer: broker }, "the sessions of a peer that has left cannot be taken over yet, trying on");
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
    this.#working.delete(broker);
  }

  /** False: another member is at it. */
  async #tryToAdopt(broker: string): Promise<boolean> {
    const { self, engine, journalOf, sessions, switches, announce, note, dealt, publishAgain, peers, log, counters, underWay } =
      this.#options;
    const sealedAt = await this.#seal(broker);
    if (sealedAt === undefined) return false;
    const replay = await readJournal(engine, journalOf(broker), { upTo: sealedAt, isOver: () => this.#isOver });
    if (this.#isOver) return true;
    const token = estateToken(broker);
    const change = switches.get(token);
    const gate = this.#gates.get(broker) ?? { admits: (from: string = self) => change.hasPassed(from) };
    this.#gates.set(broker, gate);
    const outgoing = inOrderTaken(replay.outgoingMessages.values(), broker);
    for (const each of outgoing) note(each);
    dealt.learn(replay.groupNumbers);
    const all = Array.from(wholeSessions(replay), (whole): WholeSession => {
      const { session, messages } = whole;
      return { ...whole, messages: { ...messages, deliveries: dealt.rest(broker, session.clientId, messages.deliveries) } };
    });
    const clean = owedByCleanSessions(replay).map(
      ({ clientId, deliveries }): OwedToGroups => ({ clientId, deliveries: dealt.rest(broker, clientId, deliveries) }),
    );
    const onDealt = (clientId: string, sequence: number) => dealt.note(broker, clientId, sequence);
    const newer = await this.#newer(
      broker,
      all.map(({ session }) => session),
    );
    if (newer === undefined) return false;
    const isOwn = (whole: WholeSession) => !newer.has(whole.session.clientId) || hasOwn(whole);
    const own = all.filter(isOwn);
    await sessions.adopt(this.#whileMember(own), broker, gate, onDealt, underWay);
    if (this.#isOver) return true;
    const placed = all.filter((whole) => !isOwn(whole)).map(owedByPlace);
    sessions.dealOut([...placed, ...clean], onDealt); // only now, as those that were taken over are members too
    counters.sessionsInherited += own.length;
    await publishAgain(outgoing, broker, replay.groupNumbers);
    if (this.#isOver) return true;
    this.#onAdopted.set(broker, () =>
      switches.arm(token, peers(), self, () => {
        this.#gates.delete(broker);
        this.#options.fetch(sessions.settled(broker, gate));
      }),
    );
    const had = Dealt.ofUse(replay.groupNumbers, (other) => this.#open.has(other));
    const sequence = await announce({ type: "adopted", broker, marks: replay.marks, had });
    log.info({ peer: broker, sessions: own.length }, "took over the sessions of a peer that has left");
    void this.#options
      .tidyUp(broker, sequence)
      .catch((error: unknown) => log.debug({ err: error, peer: broker }, "what a peer left behind is still there"));
    return true;
  }

  /**
   * Which of these sessions of a dead broker somebody else has in a newer state, who lives, or has left as well and had all of it: that is the one to go on with. What comes
   * meanwhile for the older one, as a member of a shared group, would be lost with it. Undefined: another member is at it.
   */
  async #newer(broker: string, sessions: readonly StoredSession[]): Promise<ReadonlySet<string> | undefined> {
    const { elsewhere } = this.#options;
    for (;;) {
      const count = this.#count;
      const newer = new Set(await elsewhere(sessions));
      for (const other of [...this.#open.keys()].filter((each) => each !== broker)) {
        const moves = this.#moves.get(other) ?? (await this.#movesOn(other));
        if (moves === undefined) return undefined;
        const isOlder = ({ clientId, arrivingFrom, moves: own = 0 }: StoredSession) =>
          arrivingFrom === undefined && (moves.get(clientId) ?? 0) > own;
        for (const session of sessions) if (isOlder(session)) newer.add(session.clientId);
      }
      if (count === this.#count) return newer; // else one that had some may have left since
    }
  }

  async #movesOn(broker: string): Promise<ReadonlyMap<string, number> | undefined> {
    const { engine, journalOf } = this.#options;
    const sealedAt = await this.#seal(broker);
    if (sealedAt === undefined) return undefined;
    const replay = await readJournal(engine, journalOf(broker), { upTo: sealedAt, isOver: () => this.#isOver });
    const found = new Map<string, number>();
    for (const { session } of wholeSessions(replay)) {
      if (session.arrivingFrom === undefined) found.set(session.clientId, session.moves ?? 0);
    }
    this.#moves.set(broker, found);
    return found;
  }

  /** Who is taken for dead meanwhile takes nothing over any more: what it has in its next life is what it gets from others. */
  *#whileMember(sessions: readonly WholeSession[]): Generator<WholeSession, void, undefined> {
    for (const each of sessions) {
      if (this.#isOver) return;
      yield each;
    }
  }

  /** This broker's own word has come back by the log. */
  confirmed(broker: string): void {
    const confirm = this.#onAdopted.get(broker);
    this.#onAdopted.delete(broker);
    confirm?.();
  }

  /** Sequence of the seal; undefined if a member has set one before. */
  async #seal(broker: string): Promise<number | undefined> {
    const { self, engine, journalOf, isMember } = this.#options;
    const { stream, subject } = journalOf(broker);
    for (;;) {
      const last = await engine.lastMessage(stream, subject);
      if (last !== undefined) {
        const frame = decodeJournalFrame(last.bytes);
        if (frame.type === "seal" && frame.by === self) return last.sequence;
        if (frame.type === "seal" && isMember(frame.by)) return undefined;
      }
      try {
        const before = last?.sequence ?? 0;
        return (await engine.append(subject, follow(sealFrame(self), before), { expectedLastSubjectSequence: before })).sequence;
      } catch (error) {
        if (!(error instanceof LostRaceError)) throw error;
      }
    }
  }
}

/** A place for a session has what nobody else has, wherever the session is by now: it is to be put together with that. */
function hasOwn({ session, messages }: WholeSession): boolean {
  return session.arrivingFrom !== undefined && messages.deliveries.some(({ shared }) => shared === undefined);
}
